"""Compares documents that are near each other in meaning, passage by passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from backend.domain import likeness, rewording
from backend.domain.rewording import Passages
from backend.jobs.job import Context
from backend.store import duplicate_pairs, embedding_models, neighbours, signatures
from backend.store.database import EVERYONE
from backend.store.duplicate_pairs import Compared

NEIGHBOURS = 6
AT_ONCE = 20


def compare_all(context: Context) -> None:
    """Look up the neighbours of every document for which that was not done under the model that serves."""
    database, owner_id = context.services.database, context.owner_id
    with database.session(EVERYONE) as session:
        model = embedding_models.serving(session) or context.services.embedder.model
    with database.session(owner_id) as session:
        waiting = signatures.not_compared(session, owner_id, model)
    for first in range(0, len(waiting), AT_ONCE):
        context.progress(first / len(waiting), f"Looking for the same in other words, {first:,} of {len(waiting):,}...")
        context.check()
        some = waiting[first : first + AT_ONCE]
        with database.session(owner_id) as session:
            for document_id in some:
                keep(session, owner_id, document_id, model)


def keep(session: Session, owner_id: int, document_id: int, model: str) -> None:
    """Compare one document with its neighbours in meaning, and remember that it was done."""
    near = neighbours.of_document(session, owner_id, document_id, model, limit=NEIGHBOURS, least=rewording.CLOSE)
    rows = _compared(session, owner_id, document_id, near, model)
    duplicate_pairs.put(session, owner_id, duplicate_pairs.MEANING, rows)
    signatures.mark_compared(session, owner_id, [document_id], model)


def _compared(
    session: Session, owner_id: int, document_id: int, near: Mapping[int, float], model: str
) -> list[Compared]:
    signed = signatures.of(session, owner_id, [document_id, *near])
    if document_id not in signed:
        return []
    mine = signed[document_id].shingles
    hinted = []
    for other, cosine in near.items():
        if other in signed:
            shared = likeness.shared(mine, signed[other].shingles)
            if rewording.is_hinted(max(shared.share_a, shared.share_b), cosine):
                hinted.append(other)
    passages = _passages(session, owner_id, [document_id, *hinted], model) if hinted else {}
    if document_id not in passages:
        return []
    digests = {number: one.digest for number, one in signed.items()}
    return [_compare(document_id, other, passages, digests) for other in hinted if other in passages]


def _compare(one: int, other: int, passages: Mapping[int, Passages], digests: Mapping[int, int]) -> Compared:
    a, b = sorted((one, other))
    share_a, share_b = rewording.reworded(passages[a], passages[b])
    said = max(share_a, share_b)
    layer = "semantic" if said >= rewording.REWORDED else None
    return Compared(a, b, layer, said, share_a, share_b, digest_a=digests[a], digest_b=digests[b])


def _passages(session: Session, owner_id: int, document_ids: Sequence[int], model: str) -> dict[int, Passages]:
    found = neighbours.passages_of(session, owner_id, document_ids, model, most=rewording.MOST_PASSAGES)
    return {number: rewording.passages(*one) for number, one in found.items()}
