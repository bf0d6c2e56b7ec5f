"""Uploads under way that can be gone on with; how far each is, the size of its file says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base


class ResumableUpload(Base):
    """One upload; `length` in bytes. `job_id` and `document_id` are what became of it when it was complete."""

    __tablename__ = "resumable_uploads"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    length: Mapped[int] = mapped_column(BigInteger)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    document_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="SET NULL"))
    duplicate: Mapped[bool] = mapped_column(Boolean, server_default="false")
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def _after(hours: int) -> Any:
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, hours)


def add(
    session: Session, upload_id: UUID, owner_id: int, *, length: int, metadata: dict[str, str], hours: int
) -> ResumableUpload:
    """A new upload, forgotten `hours` after it was last written to."""
    row = ResumableUpload(id=upload_id, owner_id=owner_id, length=length, metadata_=metadata, expires_at=_after(hours))
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def get(session: Session, owner_id: int, upload_id: UUID, *, lock: bool = False) -> ResumableUpload | None:
    """This person's upload, unless its time is over; with `lock`, nobody else's until the transaction ends."""
    statement = select(ResumableUpload).where(
        ResumableUpload.id == upload_id,
        ResumableUpload.owner_id == owner_id,
        ResumableUpload.expires_at > func.clock_timestamp(),
    )
    return session.scalar(statement.with_for_update() if lock else statement)


def unfinished(session: Session, owner_id: int) -> list[ResumableUpload]:
    """This person's uploads under way, the newest first."""
    statement = select(ResumableUpload).where(
        ResumableUpload.owner_id == owner_id,
        ResumableUpload.finished_at.is_(None),
        ResumableUpload.expires_at > func.clock_timestamp(),
    )
    return list(session.scalars(statement.order_by(ResumableUpload.created_at.desc(), ResumableUpload.id)))


def extend(session: Session, owner_id: int, upload_id: UUID, hours: int) -> datetime:
    """It was written to: its time begins anew. The time it ends."""
    statement = (
        update(ResumableUpload)
        .where(ResumableUpload.id == upload_id, ResumableUpload.owner_id == owner_id)
        .values(expires_at=_after(hours))
        .returning(ResumableUpload.expires_at)
    )
    return session.execute(statement).scalar_one()


def finish(
    session: Session, upload: ResumableUpload, *, job_id: UUID, document_id: int, duplicate: bool, hours: int
) -> None:
    """It became a document and a job: remembered for a client that did not hear of it, without the password."""
    upload.job_id, upload.document_id, upload.duplicate = job_id, document_id, duplicate
    upload.metadata_ = {key: value for key, value in upload.metadata_.items() if key != "password"}
    upload.finished_at, upload.expires_at = func.clock_timestamp(), _after(hours)
    session.flush()
    session.refresh(upload)


def remove(session: Session, upload_id: UUID) -> None:
    """Forget an upload."""
    session.execute(delete(ResumableUpload).where(ResumableUpload.id == upload_id))


def remove_expired(session: Session, upload_id: UUID) -> bool:
    """Forget an upload if its time is over; True when nothing is known of it now."""
    over = ResumableUpload.expires_at <= func.clock_timestamp()
    session.execute(delete(ResumableUpload).where(ResumableUpload.id == upload_id, over))
    return not known(session, [upload_id])


def expired(session: Session) -> list[UUID]:
    """The uploads of everybody whose time is over."""
    statement = select(ResumableUpload.id).where(ResumableUpload.expires_at <= func.clock_timestamp())
    return list(session.scalars(statement))


def known(session: Session, upload_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that are uploads, whoever's they are."""
    return set(session.scalars(select(ResumableUpload.id).where(ResumableUpload.id.in_(upload_ids))))
