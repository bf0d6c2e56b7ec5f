"""Embeds every passage again when another embedding model is wanted; the old one serves until all of it is done.

Passages are dealt out in runs, so that every worker helps and a killed one costs a run. What units write is invisible
until the change, which is one transaction: no vector of the old model is filed after it, none is missing before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.jobs import embedders
from backend.jobs.job import LOW_PRIORITY, Context, FanOut, Finish, Job, Stage, Step, UnitPlan
from backend.store import embedding_models, reembedding
from backend.store.database import EVERYONE
from backend.store.reembedding import Run

PASSAGES_OF_A_UNIT = 500
"""About a minute of the packaged model."""
EMBED_BATCH = 16
DOCUMENTS_AT_ONCE = 200
VECTORS_AT_ONCE = 5_000
EVERYTHING = Run(0, 2**62)
LATECOMERS = 2_000
"""Passages that came while the units ran and are embedded at the end; should there be more, another job follows."""


class Input(BaseModel):
    """Nothing to say: the wanted model is that of the settings."""


def begin(context: Context) -> FanOut:
    """Deal out the passages that have no vector of the wanted model."""
    context.stage("embedding")
    model = context.services.embedder.model
    with context.services.database.session(EVERYONE) as session:
        embedding_models.prepare(session, model)
        runs = reembedding.runs(session, model, PASSAGES_OF_A_UNIT)
    plans = [UnitPlan(f"passages {run.first}-{run.last}", run._asdict()) for run in runs]
    return FanOut("run of passages", f"reembed:{model}:{context.job_id}", plans)


def run_unit(context: Context) -> dict[str, Any]:
    """Embed one run of passages. Raises Unavailable."""
    run = Run(context.input["first"], context.input["last"])
    return {"embedded": _embed(context, run, most=PASSAGES_OF_A_UNIT)}


def gather(context: Context, _units: Sequence[dict[str, Any]]) -> Finish:
    """Embed what came meanwhile, then let the wanted model take the place of the old one."""
    context.stage("changing")
    while True:
        _embed(context, EVERYTHING, most=LATECOMERS)
        _embed_documents(context)
        missing = _change(context)
        if missing == 0 or missing > LATECOMERS:  # so many were not the latecomers of a moment: the clock goes on
            return _said(context.services.embedder.model, missing)


def _change(context: Context) -> int:
    """Let the model serve, unless passages lack a vector of it; how many do."""
    model = context.services.embedder.model
    with context.services.database.session(EVERYONE) as session:
        embedding_models.lock(session)
        missing = reembedding.lacking(session, model)
        if missing == 0:
            reembedding.add_documents(session, model, DOCUMENTS_AT_ONCE)
            reembedding.recentre(session, model)
            embedding_models.serve(session, model, complete=True)
    return missing


def _embed_documents(context: Context) -> None:
    """Give all documents the mean of their passages, so many in each transaction."""
    model, more = context.services.embedder.model, True
    while more:
        context.check()
        with context.services.database.session(EVERYONE) as session:
            more = reembedding.add_documents(session, model, DOCUMENTS_AT_ONCE) > 0


def _embed(context: Context, run: Run, *, most: int) -> int:
    """Embed up to `most` passages of the run, a batch in each transaction; how many they were."""
    embedder, database = context.services.embedder, context.services.database
    done = 0
    while done < most:
        context.check()
        with database.session(EVERYONE) as session:
            wanted = reembedding.texts(session, embedder.model, run, EMBED_BATCH)
        if not wanted:
            break
        vectors = embedder.embed([passage.text for passage in wanted])
        with database.session(EVERYONE) as session:
            reembedding.add(session, embedder.model, [passage.id for passage in wanted], list(vectors))
        done += len(wanted)
        run = Run(wanted[-1].id + 1, run.last)
        context.progress(done / most)
    return done


def _said(model: str, missing: int) -> Finish:
    def write(_: Session) -> dict[str, Any]:
        return {"model": model, "serving": missing == 0, "passages_missing": missing}

    return Finish(write)


def forget(context: Context) -> Finish:
    """Delete the vectors of other models, once the wanted one serves."""
    context.stage("forgetting")
    database, model = context.services.database, context.services.embedder.model
    with database.session(EVERYONE) as session:
        missing = reembedding.lacking(session, model)
        serves = embedding_models.serving(session) == model and embedding_models.complete(session)
    while serves:
        context.check()
        with database.session(EVERYONE) as session:
            serves = reembedding.forget_others(session, model, VECTORS_AT_ONCE) > 0
    return _said(model, missing)


JOB = Job(
    kind="reembed_board",
    steps=(
        Step(
            name="embed",
            queue=LOW_PRIORITY,
            stages=(
                Stage("embedding", 1.0, "Embedding with the new model..."),
                Stage("changing", 90.0, "Changing to the new model..."),
            ),
            run=begin,
            run_unit=run_unit,
            gather=gather,
            time_limit=3600.0,
        ),
        Step(
            name="forget",
            queue=LOW_PRIORITY,
            stages=(Stage("forgetting", 95.0, "Forgetting the old model..."),),
            run=forget,
            time_limit=3600.0,
        ),
    ),
    input=Input,
    needed=embedders.change_is_due,
)
