"""Groups a whole board anew: topics, sub-topics, their names, and the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from scipy import sparse
from sqlalchemy.orm import Session

from backend.domain import cluster_names, clusters, grouping, layout, regrouping, words
from backend.domain.cluster_names import Tally
from backend.domain.regrouping import Plan
from backend.domain.word_weights import WordCounts
from backend.jobs.job import ANALYSIS, Context, Finish, Job, Stage, Step
from backend.store import board_map, board_reading, embedding_models
from backend.store import regrouping as writing
from backend.store.board_reading import Seen

KIND = "recluster_board"
TEXTS_AT_ONCE = 500
CONCEPTS_AT_ONCE = 5_000
BOARD = 0
"""The whole board as a group of documents; no cluster has this key."""


class Input(BaseModel):
    """Nothing to say: it is the whole board."""


def due(session: Session, owner_id: int) -> bool:
    """Whether so much has come since the last grouping that another is worth while, and it has settled."""
    state = board_map.state(session, owner_id)
    if not clusters.ought_to_be_grouped(state.since, state.documents):
        return False
    return not board_map.is_busy(
        session, owner_id, KIND, in_any_case=clusters.cannot_wait(state.since, state.documents)
    )


def recluster(context: Context) -> Finish:
    """Read the board, group it, name the groups, lay out the map; written in one transaction."""
    owner_id = context.owner_id
    context.stage("reading")
    with context.services.database.session(owner_id) as session:
        model = embedding_models.serving(session) or context.services.embedder.model
        seen = board_reading.board(session, owner_id, model)
    said = _words(context, [one.id for one in seen.documents])
    context.stage("grouping")

    def tick(done: float) -> None:
        context.progress(done)
        context.check()

    outcome = None
    if seen.documents:
        former = [one.cluster_id for one in seen.documents]
        parts = [one.subcluster_id for one in seen.documents]
        found = grouping.group(seen.vectors, said, former, tick, parts)
        plan = regrouping.plan(seen.documents, seen.known, found.topics, found.subtopics)
        context.stage("naming")
        names = _names(context, seen, plan)
        context.stage("mapping")
        mapped = layout.lay_out(seen.vectors, plan.topics, plan.subtopics, seen.places, seen.centres)
        outcome = writing.Outcome(plan, names, mapped)
    context.stage("saving")

    def write(session: Session) -> dict[str, Any]:
        if outcome is None:
            return {"documents": 0, "topics": 0, "subtopics": 0}
        changes = writing.write(session, owner_id, model, seen, outcome)
        return {"documents": len(seen.documents), **changes[-1].details}

    return Finish(write)


def _words(context: Context, ids: Sequence[int]) -> sparse.csr_array:
    counts = WordCounts()
    for first in range(0, len(ids), TEXTS_AT_ONCE):
        with context.services.database.session(context.owner_id) as session:
            texts = board_reading.texts(session, ids[first : first + TEXTS_AT_ONCE])
        counts.add(texts)
        context.progress(first / len(ids))
        context.check()
    return counts.weights()


def _names(context: Context, seen: Seen, plan: Plan) -> dict[int, str]:
    """A name for each topic and sub-topic that no person has named, the largest first; no two alike."""
    tally, concepts = _tallied(context, seen, plan)
    names: dict[int, str] = {}
    taken = {words.folded(one.name) for one in seen.known.values() if one.by_person}
    sizes = plan.sizes()
    for key in sorted(sizes, key=lambda one: (one in plan.parents, -sizes[one], one)):
        known, within = seen.known.get(key), plan.parents.get(key, BOARD)
        if known is not None and known.by_person:
            continue
        shown, board = tally.shown(key, within, concepts), sizes[within] if within != BOARD else len(seen.documents)
        ranked = cluster_names.ranked(shown, size=sizes[key], board=board)
        wanted = cluster_names.candidates(ranked, current=known.name if known else "")
        names[key] = cluster_names.chosen(wanted, taken=taken) or (known.name if known else "")
        taken.add(words.folded(names[key]))
    return names | _titles(context, seen, plan, [key for key, name in names.items() if not name], taken)


def _tallied(context: Context, seen: Seen, plan: Plan) -> tuple[Tally, dict[int, str]]:
    """How often each concept is shown in each group, and the names of those that matter."""
    tally = Tally()
    groups = dict(zip((one.id for one in seen.documents), zip(plan.topics, plan.subtopics, strict=True), strict=True))
    ids = list(groups)
    for first in range(0, len(ids), CONCEPTS_AT_ONCE):
        with context.services.database.session(context.owner_id) as session:
            some = ids[first : first + CONCEPTS_AT_ONCE]
            for document_id, concept_id, confidence in board_reading.concepts(session, context.owner_id, some):
                for group in (BOARD, *groups[document_id]):
                    if group is not None:
                        tally.add(group, concept_id, confidence)
        context.check()
    wanted = {concept for key in plan.sizes() for concept in tally.most_shown(key)}
    with context.services.database.session(context.owner_id) as session:
        return tally, board_reading.concept_names(session, context.owner_id, sorted(wanted))


def _titles(context: Context, seen: Seen, plan: Plan, keys: Sequence[int], taken: set[str]) -> dict[int, str]:
    """Groups that show no concept are called after one of their documents."""
    member: dict[int, int] = {}
    for one, topic, subtopic in zip(seen.documents, plan.topics, plan.subtopics, strict=True):
        for key in (topic, subtopic):
            if key is not None:
                member.setdefault(key, one.id)
    with context.services.database.session(context.owner_id) as session:
        titles = board_reading.titles(session, context.owner_id, [member[key] for key in keys])
    names: dict[int, str] = {}
    for key in keys:
        wanted = cluster_names.candidates([titles.get(member[key], "Documents")])
        names[key] = cluster_names.chosen(wanted, taken=taken) or ""
        taken.add(words.folded(names[key]))
    return names


JOB = Job(
    kind=KIND,
    steps=(
        Step(
            name="recluster",
            queue=ANALYSIS,
            stages=(
                Stage("reading", 2.0, "Reading the board..."),
                Stage("grouping", 25.0, "Finding out what belongs together..."),
                Stage("naming", 80.0, "Naming topics and sub-topics..."),
                Stage("mapping", 85.0, "Drawing the map..."),
                Stage("saving", 92.0, "Saving..."),
            ),
            run=recluster,
            # a hundred thousand documents, on a machine that does other things as well
            time_limit=3600.0,
        ),
    ),
    input=Input,
    due=due,
)
