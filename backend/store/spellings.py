"""Which concepts are one: found when a document is filed, said by a person, and taken apart again.

Whoever calls this holds the owner's lock of concepts (`concepts.lock`). A new concept costs one look into each index;
nothing here compares all with all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import spellings, words
from backend.domain.spellings import ACRONYM, MEANING, PERSON, SPELLING, Evidence
from backend.store import vectors
from backend.store.concept_rows import Concept, ConceptAcronym, ConceptVector

CONSIDERED = 5
"""Nearest names looked at for one that means the same and may be merged with."""


def attach(
    session: Session,
    owner_id: int,
    document_id: int,
    known: Sequence[Concept],
    new: Sequence[Concept],
    evidence: Evidence,
) -> None:
    """Keep what a document says about names, and merge the `new` among its concepts with what they are names of."""
    _keep_acronyms(session, owner_id, document_id, evidence)
    _keep_vectors(session, owner_id, known, evidence)
    for concept in new:
        other = _spelled_alike(session, owner_id, concept)
        if other is not None:
            _merge(session, concept, other, SPELLING)
        elif (other := _meaning_the_same(session, owner_id, concept, evidence)) is not None:
            _merge(session, concept, other, MEANING)
    _apply_acronyms(session, owner_id, new, {acronym.short for acronym in evidence.acronyms})


def _keep_acronyms(session: Session, owner_id: int, document_id: int, evidence: Evidence) -> None:
    session.execute(
        delete(ConceptAcronym).where(ConceptAcronym.document_id == document_id, ConceptAcronym.owner_id == owner_id)
    )
    rows = [
        {"document_id": document_id, "short": acronym.short, "spelling": acronym.spelling, "owner_id": owner_id}
        for acronym in evidence.acronyms
    ]
    if rows:
        session.execute(insert(ConceptAcronym).on_conflict_do_nothing(), rows)


def _keep_vectors(session: Session, owner_id: int, known: Sequence[Concept], evidence: Evidence) -> None:
    """Names met again get theirs too: after the model was changed, they have none of it yet."""
    rows = [
        {
            "concept_id": concept.id,
            "model": evidence.model,
            "owner_id": owner_id,
            "embedding": vectors.half(evidence.vectors[concept.key]),
        }
        for concept in known
        if concept.key in evidence.vectors
    ]
    if rows and evidence.strict is not None:
        session.execute(insert(ConceptVector).on_conflict_do_nothing(), rows)


def _spelled_alike(session: Session, owner_id: int, concept: Concept) -> Concept | None:
    """The concept shown for the oldest other name with the same spelling."""
    found = session.scalar(
        select(Concept)
        .where(Concept.owner_id == owner_id, Concept.spelling == concept.spelling, Concept.id < concept.id)
        .order_by(Concept.id)
        .limit(1)
    )
    return _shown(session, owner_id, found) if found is not None else None


def _meaning_the_same(session: Session, owner_id: int, concept: Concept, evidence: Evidence) -> Concept | None:
    vector = evidence.vectors.get(concept.key)
    if evidence.strict is None or vector is None:
        return None
    near = vectors.nearest(
        session,
        "concept_vectors",
        "embedding",
        "concept_id",
        owner_id,
        vector,
        evidence.model,
        limit=CONSIDERED,
        condition="AND concept_id < :itself",
        parameters={"itself": concept.id},
    )
    ids = [other.id for other in near if other.similarity >= evidence.strict]
    others = {other.id: other for other in _by_id(session, owner_id, ids)}
    for other_id in ids:
        if spellings.may_mean_the_same(concept.name, others[other_id].name):
            return _shown(session, owner_id, others[other_id])
    return None


def _apply_acronyms(session: Session, owner_id: int, new: Sequence[Concept], told: Collection[str]) -> None:
    """Merge acronyms with what they stand for, where all documents that explain one mean the same by it."""
    touched = select(ConceptAcronym.short).where(
        ConceptAcronym.owner_id == owner_id,
        or_(
            ConceptAcronym.short.in_({*told, *(concept.name for concept in new)}),
            ConceptAcronym.spelling.in_([concept.spelling for concept in new]),
        ),
    )
    rows = session.execute(
        select(ConceptAcronym.short, ConceptAcronym.spelling)
        .where(ConceptAcronym.owner_id == owner_id, ConceptAcronym.short.in_(touched))
        .distinct()
        .order_by(ConceptAcronym.short, ConceptAcronym.spelling)
    )
    meanings: dict[str, list[str]] = {}
    for short, long in rows:
        meanings.setdefault(short, []).append(long)
    for short, longs in meanings.items():
        acronym = session.scalar(
            select(Concept).where(
                Concept.owner_id == owner_id, Concept.key == words.folded(short), Concept.name == short
            )
        )
        if acronym is not None and len(longs) == 1:
            _stand_for(session, owner_id, acronym, longs[0])
        elif acronym is not None and acronym.merged_how == ACRONYM:
            _part(session, owner_id, acronym)  # what it was taken for is not the only thing it stands for


def _stand_for(session: Session, owner_id: int, acronym: Concept, long: str) -> None:
    found = session.scalar(
        select(Concept).where(Concept.owner_id == owner_id, Concept.spelling == long).order_by(Concept.id).limit(1)
    )
    if found is None:
        return
    short, whole = _shown(session, owner_id, acronym), _shown(session, owner_id, found)
    if short.id != whole.id and not short.kept_apart and not whole.kept_apart:
        _merge(session, short, whole, ACRONYM)


def merge(session: Session, target: Concept, others: Sequence[Concept]) -> None:
    """Show `target` in place of the others from now on, because a person says so. All are concepts that are shown."""
    for other in others:
        _merge(session, other, target, PERSON)
        other.kept_apart = False
    session.flush()


def split(session: Session, owner_id: int, parts: Sequence[Concept]) -> None:
    """Make merged concepts ones of their own again, with all that had been merged with them, and keep them so."""
    for part in parts:
        _part(session, owner_id, part)
        part.kept_apart = True
    session.flush()


def group(session: Session, owner_id: int, shown: Concept) -> list[Concept]:
    """The concept that is shown, and those merged into it in the order they were made."""
    members = session.scalars(
        select(Concept)
        .where(Concept.owner_id == owner_id, Concept.merged_into == shown.id)
        .order_by(Concept.id)
        .execution_options(populate_existing=True)
    )
    return [shown, *members]


def _merge(session: Session, concept: Concept, target: Concept, how: str) -> None:
    session.flush()
    session.execute(
        update(Concept)
        .where(Concept.owner_id == concept.owner_id, Concept.merged_into == concept.id)
        .values(merged_into=target.id)
        .execution_options(synchronize_session="fetch")
    )
    concept.merged_into, concept.merged_with, concept.merged_how = target.id, target.id, how
    session.flush()


def _part(session: Session, owner_id: int, concept: Concept) -> None:
    """Take a concept out of its group, and with it those that had been merged with it."""
    if concept.merged_into is None:
        return
    group_ = session.scalars(
        select(Concept).where(Concept.owner_id == owner_id, Concept.merged_into == concept.merged_into)
    ).all()
    following, grown = {concept.id}, True
    while grown:
        more = {member.id for member in group_ if member.merged_with in following} - following
        following, grown = following | more, bool(more)
    for member in group_:
        if member.id in following and member.id != concept.id:
            member.merged_into = concept.id
    concept.merged_into = concept.merged_with = concept.merged_how = None
    session.flush()


def _shown(session: Session, owner_id: int, concept: Concept) -> Concept:
    if concept.merged_into is None:
        return concept
    return session.scalars(select(Concept).where(Concept.id == concept.merged_into, Concept.owner_id == owner_id)).one()


def _by_id(session: Session, owner_id: int, ids: Sequence[int]) -> Sequence[Concept]:
    return session.scalars(select(Concept).where(Concept.owner_id == owner_id, Concept.id.in_(ids))).all()
