"""A way of reading: what is done with originals of one family of media types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.jobs.job import Context, FanOut, Finish
from backend.store.units import Unit


@dataclass(frozen=True)
class Original:
    """The bytes of a document and what is known of them. `size` is in bytes; `media_type` is by content."""

    document_id: int
    owner_id: int
    path: Path
    sha256: str
    filename: str
    media_type: str
    size: int
    source_url: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """How one family of media types is read: at once (`begin` returns a Finish), or by units.

    `run_unit`, `gather` and `on_unit` are as in `Step` (backend/jobs/job.py), with the original beside the context.
    """

    name: str
    begin: Callable[[Context, Original], Finish | FanOut]
    run_unit: Callable[[Context, Original], dict[str, Any]] | None = None
    gather: Callable[[Context, Original, Sequence[dict[str, Any]]], Finish] | None = None
    on_unit: Callable[[Session, Unit, dict[str, Any]], None] | None = None
