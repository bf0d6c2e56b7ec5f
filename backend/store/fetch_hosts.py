"""When each host may be asked again, for all processes together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base


class FetchHost(Base):
    """One host that was fetched from."""

    __tablename__ = "fetch_hosts"

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
