"""Searching passages: what words and meaning find, joined into one ranking, and read with their documents.

Candidates are found in the machinery's session, with the owner as a condition of every query, and come out as ids; what
a person sees of them is read in that person's own session, through row-level security.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from numpy.typing import ArrayLike
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.domain import ranking
from backend.domain.ranking import Scored
from backend.domain.search import NEAR_ENOUGH, Query, Term
from backend.store import frequencies, matches, media, origins, vectors
from backend.store.documents import Document
from backend.store.fulltext import PassageWords
from backend.store.passages import Passage

NEIGHBOURS = 100
EXACT = 15_000
"""Passages up to which each is compared; the graph would have to be walked past those that a filter hides."""


@dataclass(frozen=True)
class Filters:
    """What a search is narrowed to."""

    cluster_id: int | None = None
    subcluster_id: int | None = None
    concept_id: int | None = None
    tag_id: int | None = None
    type: str | None = None
    language: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


FILTERS = {
    "cluster_id": "d.cluster_id = :cluster_id",
    "subcluster_id": "d.subcluster_id = :subcluster_id",
    "concept_id": "d.id IN (SELECT s.document_id FROM shown_concepts s"
    " WHERE s.owner_id = :owner_id AND s.concept_id = (SELECT coalesce(c.merged_into, c.id)"
    " FROM concepts c WHERE c.owner_id = :owner_id AND c.id = :concept_id))",
    "tag_id": "d.id IN (SELECT t.document_id FROM document_tags t WHERE t.owner_id = :owner_id AND t.tag_id = :tag_id)",
    "type": "d.media_type LIKE ANY (:type)",
    "language": "d.language = :language",
    "source": f"{origins.SQL} = lower(:source)",
    "since": "d.created_at >= :since",
    "until": "d.created_at < :until",
}
"""The condition of each filter on a document `d`, by its name in `Filters`."""


class Hit(NamedTuple):
    """A passage that was found."""

    passage_id: int
    score: float
    document_id: int


class Shown(NamedTuple):
    """A found passage with its document."""

    passage: Passage
    document: Document


def candidates(
    session: Session,
    owner_id: int,
    query: Query,
    wanted: Sequence[Term],
    vector: ArrayLike | None,
    model: str,
    filters: Filters,
) -> list[Hit]:
    """Passages by words and meaning, the best documents first; `vector` None searches by words only.

    What either way finds is scored by both: a passage that shares no word with the query has no word score, but one
    that was found by its words has a meaning too. For the machinery's session: the owner is a condition of every query.
    """
    narrowed = narrow(owner_id, query, filters)
    in_all = frequencies.of_board(session, owner_id)
    exact = in_all < EXACT or (narrowed.is_narrow and _is_small(session, narrowed))
    near = [] if vector is None else _near(session, owner_id, vector, model, narrowed, exact=exact)
    meant = {hit.id: hit.similarity for hit in near if hit.similarity >= NEAR_ENOUGH}
    must = bool(query.phrases)
    by_words = matches.ranked(session, owner_id, wanted, narrowed, in_all, must=must, also=list(meant))
    scores = {found.id: (found.document_id, found.score) for found in by_words}
    meaning: dict[int, float] = {}
    if vector is not None:
        others = [id_ for id_ in scores if id_ not in meant]
        meaning = meant | vectors.similarities(session, owner_id, others, vector, model)
    if not wanted:
        scores |= {id_: (document_id, 0.0) for id_, document_id in _documents(session, owner_id, meant).items()}
    ranked = ranking.mixed(
        [Scored(id_, document_id, score, meaning.get(id_)) for id_, (document_id, score) in scores.items()]
    )
    return [Hit(passage.passage_id, passage.score, passage.document_id) for passage in ranked]


def _documents(session: Session, owner_id: int, passage_ids: Iterable[int]) -> dict[int, int]:
    rows = session.execute(
        select(PassageWords.passage_id, PassageWords.document_id).where(
            PassageWords.passage_id.in_(list(passage_ids)), PassageWords.owner_id == owner_id
        )
    )
    return {row.passage_id: row.document_id for row in rows}


def _near(
    session: Session, owner_id: int, vector: ArrayLike, model: str, narrowed: matches.Narrowed, *, exact: bool
) -> list[vectors.Near]:
    """The nearest passages that may be shown: by comparing each (`exact`), else by walking the graph."""
    return vectors.nearest(
        session,
        "passage_vectors",
        "embedding",
        "passage_id",
        owner_id,
        vector,
        model,
        limit=NEIGHBOURS,
        condition="AND EXISTS (SELECT 1 FROM passage_words p JOIN documents d ON d.id = p.document_id "
        f"WHERE p.passage_id = passage_vectors.passage_id AND {narrowed.passages} AND {narrowed.documents})",
        parameters=narrowed.parameters,
        exact=exact,
    )


def _is_small(session: Session, narrowed: matches.Narrowed) -> bool:
    """Whether there are so few passages to search that comparing each is faster than meeting them in the graph."""
    size = text(
        f"""SELECT count(*) FROM (
                SELECT 1 FROM passage_words p JOIN documents d ON d.id = p.document_id
                WHERE {narrowed.passages} AND {narrowed.documents} LIMIT :limit) AS hits"""
    )
    return (session.scalar(size, narrowed.parameters | {"limit": EXACT}) or 0) < EXACT


def read(session: Session, owner_id: int, passage_ids: Sequence[int]) -> dict[int, Shown]:
    """The passages with their documents, by passage id."""
    rows = session.execute(
        select(Passage, Document)
        .join(Document, Document.id == Passage.document_id)
        .where(Passage.id.in_(passage_ids), Passage.owner_id == owner_id, Document.deleted_at.is_(None))
    )
    return {passage.id: Shown(passage, document) for passage, document in rows}


def best_by_document(session: Session, owner_id: int, hits: Sequence[Hit]) -> list[Hit]:
    """The best hit of each document that this person may see, the best first."""
    best: dict[int, Hit] = {}
    for hit in hits:
        best.setdefault(hit.document_id, hit)
    ids = [hit.passage_id for hit in best.values()]
    mine = set(session.scalars(select(Passage.id).where(Passage.id.in_(ids), Passage.owner_id == owner_id)))
    return [hit for hit in best.values() if hit.passage_id in mine]


def narrow(owner_id: int, query: Query, filters: Filters) -> matches.Narrowed:
    """What every passage `p` of a document `d` must fulfil, as SQL with parameters."""
    passages, documents = ["p.owner_id = :owner_id"], ["d.owner_id = :owner_id", "d.deleted_at IS NULL"]
    parameters: dict[str, Any] = {"owner_id": owner_id}
    for number, phrase in enumerate(query.phrases):
        passages.append(f"p.words @@ phraseto_tsquery('simple', :phrase{number})")
        parameters[f"phrase{number}"] = phrase
    for number, phrase in enumerate(query.excluded):
        documents.append(
            "NOT EXISTS (SELECT 1 FROM passage_words x WHERE x.document_id = d.id AND x.owner_id = :owner_id"
            f" AND x.words @@ phraseto_tsquery('simple', :excluded{number}))"
        )
        parameters[f"excluded{number}"] = phrase
    for name, sql in FILTERS.items():
        if (value := getattr(filters, name)) is not None:
            documents.append(sql)
            parameters[name] = media.patterns(value) if name == "type" else value
    is_narrow = bool(query.phrases) or filters != Filters()
    return matches.Narrowed(" AND ".join(passages), " AND ".join(documents), parameters, is_narrow)
