"""One concept in full: its names, and what it stands beside."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.store import concept_lists, concepts


class ConceptSpelling(BaseModel):
    """One name of a concept, and how it came to be one: `self` is the concept that is shown."""

    id: int
    name: str
    how: Literal["self", "spelling", "acronym", "meaning", "person"]
    document_count: int


class ConceptBeside(BaseModel):
    """A concept or a cluster of the same documents, and of how many of them."""

    id: int
    name: str
    documents: int


class ConceptDetail(BaseModel):
    """One concept in full."""

    id: int
    name: str
    category: str
    document_count: int
    spellings: list[ConceptSpelling]
    related: list[ConceptBeside]
    clusters: list[ConceptBeside]


def detail(session: Session, owner_id: int, concept_id: int) -> ConceptDetail:
    """The concept that is shown for this id. Raises NotFound."""
    concept = concepts.get(session, owner_id, concept_id)
    names = concept_lists.spellings(session, owner_id, concept.id)
    beside = {"related": concept_lists.related, "clusters": concept_lists.clusters}
    return ConceptDetail(
        id=concept.id,
        name=concept.name,
        category=concept.category,
        document_count=concept_lists.documents(session, owner_id, concept.id),
        spellings=[
            ConceptSpelling.model_validate(
                {
                    "id": name.concept.id,
                    "name": name.concept.name,
                    "how": name.concept.merged_how or "self",
                    "document_count": name.documents,
                }
            )
            for name in names
        ],
        **{
            field: [ConceptBeside(**other._asdict()) for other in of(session, owner_id, concept.id)]
            for field, of in beside.items()
        },
    )
