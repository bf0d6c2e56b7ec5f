"""Compares documents that met in a bucket: exactly, by what is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from backend.domain import likeness
from backend.domain.likeness import NEAR
from backend.store import signatures
from backend.store.duplicate_pairs import Compared
from backend.store.signatures import Signed

Compare = Callable[[Session, int, list[tuple[int, int]]], list[Compared]]
"""`compare(session, owner_id, pairs)`: what comparing them gives, to be kept."""


def by_words(
    session: Session, owner_id: int, pairs: Iterable[tuple[int, int]], *, threshold: float = NEAR
) -> list[Compared]:
    """What pairs of signed documents (the smaller id first) have in common; a pair with an unsigned one is left out."""
    wanted = list(pairs)
    signed = signatures.of(session, owner_id, {number for pair in wanted for number in pair})
    rows = [compare(a, b, signed, threshold) for a, b in wanted if a in signed and b in signed]
    return with_paragraphs(session, owner_id, rows)


def compare(a: int, b: int, signed: Mapping[int, Signed], threshold: float = NEAR) -> Compared:
    """Two signed documents by their shingles."""
    one, other = signed[a], signed[b]
    found = likeness.shared(one.shingles, other.shingles)
    same = one.text_sha256 == other.text_sha256
    judged = likeness.judge(found, len(one.shingles), len(other.shingles), same_text=same, threshold=threshold)
    return Compared(
        a,
        b,
        judged.layer,
        judged.likeness,
        1.0 if same else found.share_a,
        1.0 if same else found.share_b,
        digest_a=one.digest,
        digest_b=other.digest,
    )


def with_paragraphs(session: Session, owner_id: int, rows: list[Compared]) -> list[Compared]:
    """The same rows; those that are versions of one text say how many paragraphs only one of the two has."""
    apart = {number for row in rows if row.layer in ("near", "containment") for number in (row.a, row.b)}
    texts = signatures.texts_of(session, owner_id, apart)
    return [_counted(row, texts) if row.layer in ("near", "containment") else row for row in rows]


def _counted(row: Compared, texts: Mapping[int, str]) -> Compared:
    if row.a not in texts or row.b not in texts:
        return row
    more_a, more_b = likeness.paragraphs_apart(texts[row.a], texts[row.b])
    return replace(row, more_a=more_a, more_b=more_b)
