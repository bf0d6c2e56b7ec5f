"""What the subjects of understanding share: the document as it was read, and what has been filed of it so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.domain.chunks import Chunk
from backend.domain.ports import Embedder
from backend.jobs.job import Context
from backend.store.documents import Document


@dataclass(frozen=True)
class Reading:
    """A document cut into passages, with their vectors (rows in the order of `cut`) by `embedder`.

    `document` is as it was when the step began: what a person changed since, a write has to read anew.
    """

    owner_id: int
    document: Document
    text: str
    language: str | None
    cut: Sequence[Chunk]
    vectors: NDArray[np.float32]
    embedder: Embedder
    warnings: list[dict[str, str]] = field(default_factory=list)

    def warn(self, code: str, message: str) -> None:
        """Say on the job and on the document that a subject is not as good as it could be."""
        self.warnings.append({"code": code, "message": message})


@dataclass
class Filed:
    """What the transaction has written so far, for the subjects that come later, and the result of the job."""

    passage_ids: list[int]
    concept_names: list[str] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)


Write = Callable[[Session, Filed], None]
"""Puts one subject of the document into the transaction. It may run again from the start with a new `Filed`."""

Subject = Callable[[Context, Reading], Write]
"""Does the work of one subject outside any transaction, and gives what is to be written."""
