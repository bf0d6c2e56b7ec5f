"""Concepts of a person's board, and which documents show them with which words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import words
from backend.domain.concepts import FoundConcept
from backend.domain.errors import NotFound
from backend.domain.spellings import Evidence, spelling
from backend.store import spellings
from backend.store.concept_rows import SHOWN, Concept, DocumentConcept
from backend.store.passages import Passage

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('concepts of ' || :owner_id, 0))")


class Shown(NamedTuple):
    """A concept as one document shows it; `place` is that of the passage with the quote."""

    concept: Concept
    link: DocumentConcept
    place: dict[str, Any] | None


def lock(session: Session, owner_id: int) -> None:
    """Be the only one who makes or merges concepts of this person, until the transaction ends.

    Taken before the lock of clusters, never after it.
    """
    session.execute(LOCK, {"owner_id": str(owner_id)})


def replace(
    session: Session,
    owner_id: int,
    document_id: int,
    found: Sequence[FoundConcept],
    passage_ids: Sequence[int],
    evidence: Evidence | None = None,
) -> list[dict[str, Any]]:
    """Put these concepts in place of the document's old ones; `{"id", "name"}` of each as it is shown, best first.

    A concept the board knows keeps the board's name and category; a new one is merged with what it is another name
    of, by `evidence`. What a merged document brought along stays, unless it is among these.
    """
    lock(session, owner_id)
    unique = {words.folded(concept.name): concept for concept in reversed(found)}
    known, new = _known(session, owner_id, unique) if unique else ({}, [])
    again = [concept.id for concept in known.values()]
    session.execute(
        delete(DocumentConcept).where(
            DocumentConcept.document_id == document_id,
            DocumentConcept.owner_id == owner_id,
            DocumentConcept.from_document_id.is_(None) | DocumentConcept.concept_id.in_(again),
        )
    )
    ordered = sorted(unique.items(), key=lambda item: -item[1].confidence)
    rows = [
        {"document_id": document_id, "concept_id": known[key].id, "owner_id": owner_id, "rank": rank}
        | _proof(concept, passage_ids)
        for rank, (key, concept) in enumerate(ordered)
    ]
    if rows:
        session.execute(insert(DocumentConcept), rows)
    spellings.attach(session, owner_id, document_id, list(known.values()), new, evidence or Evidence())
    return _named(session, owner_id, [known[key].id for key, _ in ordered])


def _proof(concept: FoundConcept, passage_ids: Sequence[int]) -> dict[str, Any]:
    return {
        "confidence": concept.confidence,
        "quote": concept.quote,
        "start": concept.start,
        "end": concept.end,
        "passage_id": passage_ids[concept.ordinal] if concept.ordinal < len(passage_ids) else None,
    }


def _known(
    session: Session, owner_id: int, unique: dict[str, FoundConcept]
) -> tuple[dict[str, Concept], list[Concept]]:
    """The concepts of these keys, and which of them are new to the board."""
    rows = [
        {
            "owner_id": owner_id,
            "key": key,
            "name": unique[key].name,
            "category": unique[key].category,
            "spelling": spelling(unique[key].name),
        }
        for key in sorted(unique, key=lambda key: -unique[key].confidence)  # the strongest name is the first
    ]
    made = insert(Concept).values(rows).on_conflict_do_nothing(index_elements=["owner_id", "key"])
    new = set(session.scalars(made.returning(Concept.id)))
    found = session.scalars(
        select(Concept)
        .where(Concept.owner_id == owner_id, Concept.key.in_(unique))
        .execution_options(populate_existing=True)
    )
    known = {concept.key: concept for concept in found}
    return known, sorted((one for one in known.values() if one.id in new), key=lambda concept: concept.id)


def _named(session: Session, owner_id: int, concept_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The concepts that are shown for these, in their order, each once."""
    rows = session.execute(
        select(Concept.id, Concept.merged_into).where(Concept.id.in_(concept_ids), Concept.owner_id == owner_id)
    )
    shown = {row.id: row.merged_into or row.id for row in rows}
    roots = list(dict.fromkeys(shown[concept_id] for concept_id in concept_ids))
    names = session.execute(select(Concept.id, Concept.name).where(Concept.id.in_(roots), Concept.owner_id == owner_id))
    name = {row.id: row.name for row in names}
    return [{"id": concept_id, "name": name[concept_id]} for concept_id in roots]


def get(session: Session, owner_id: int, concept_id: int) -> Concept:
    """The concept that is shown for this id: itself, or what it was merged into. Raises NotFound."""
    found = session.scalar(_one(owner_id, concept_id))
    if found is not None and found.merged_into is not None:
        found = session.scalar(_one(owner_id, found.merged_into))
    if found is None:
        raise NotFound("There is no such concept.", code="concept_not_found")
    return found


def _one(owner_id: int, concept_id: int) -> Select[Concept]:
    return (
        select(Concept)
        .where(Concept.id == concept_id, Concept.owner_id == owner_id)
        .execution_options(populate_existing=True)
    )


def change(
    session: Session, owner_id: int, concept_id: int, *, name: str | None = None, category: str | None = None
) -> Concept:
    """Give a concept the name and category of a person, which no machine changes again. Raises NotFound."""
    lock(session, owner_id)
    concept = get(session, owner_id, concept_id)
    if name is not None:
        concept.name, concept.spelling = name, spelling(name)
    if category is not None:
        concept.category = category
    session.flush()
    return concept


def of_document(session: Session, owner_id: int, document_id: int) -> list[Shown]:
    """The concepts of a document with their proofs, the strongest first."""
    rows = session.execute(
        select(Concept, DocumentConcept, Passage.place)
        .select_from(SHOWN)
        .join(Concept, Concept.id == SHOWN.c.concept_id)
        .join(
            DocumentConcept,
            (DocumentConcept.document_id == SHOWN.c.document_id) & (DocumentConcept.concept_id == SHOWN.c.spelling_id),
        )
        .outerjoin(Passage, Passage.id == DocumentConcept.passage_id)
        .where(SHOWN.c.document_id == document_id, SHOWN.c.owner_id == owner_id)
        .order_by(SHOWN.c.rank)
    )
    return [Shown(*row) for row in rows]


def of_documents(
    session: Session, owner_id: int, document_ids: Sequence[int]
) -> dict[int, list[tuple[Concept, float]]]:
    """Concepts and their confidence by document id, the strongest first."""
    found: dict[int, list[tuple[Concept, float]]] = {document_id: [] for document_id in document_ids}
    rows = session.execute(
        select(SHOWN.c.document_id, Concept, SHOWN.c.confidence)
        .join(Concept, Concept.id == SHOWN.c.concept_id)
        .where(SHOWN.c.document_id.in_(document_ids), SHOWN.c.owner_id == owner_id)
        .order_by(SHOWN.c.document_id, SHOWN.c.rank)
    )
    for document_id, concept, confidence in rows:
        found[document_id].append((concept, confidence))
    return found
