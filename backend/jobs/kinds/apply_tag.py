"""Applies the rule of a tag to every document of a board."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.domain.errors import InvalidInput
from backend.jobs.job import LOW_PRIORITY, Context, Finish, Job, Stage, Step
from backend.store import document_facts, document_lists, rules, tags

BATCH = 50
"""Documents in one transaction, locked so long; a rule may read their texts, and a text may have megabytes."""


class Input(BaseModel):
    """Which tag."""

    tag_id: int


def apply(context: Context) -> Finish:
    """Go through the documents in batches, each a transaction of its own: applying a rule twice changes nothing."""
    context.stage("applying")
    owner_id, tag_id = context.owner_id, context.input["tag_id"]
    matched = given = seen = last = 0
    with context.services.database.session(owner_id) as session:
        total = document_lists.total(session, owner_id, document_lists.Filter())
    while True:
        context.check()
        with context.services.database.session(owner_id) as session:
            tag = tags.get(session, owner_id, tag_id)
            ids = document_facts.ids(session, owner_id, after=last, limit=BATCH)
            applied = rules.apply(session, owner_id, tag_id, ids)
            if applied is None:
                raise InvalidInput("This tag has no rule any more.", code="no_rule", hint=f"Give “{tag.name}” one.")
        if not ids:
            return _said(tag_id=tag_id, documents=seen, matched=matched, given=given)
        last, seen = ids[-1], seen + len(ids)
        matched, given = matched + applied.matched, given + applied.given
        context.progress(min(1.0, seen / max(total, 1)), f"Looked at {seen} of {max(total, seen)} documents")


def _said(**result: int) -> Finish:
    def write(_: Session) -> dict[str, Any]:
        return dict(result)

    return Finish(write)


JOB = Job(
    kind="apply_tag",
    steps=(
        Step(
            name="apply",
            queue=LOW_PRIORITY,
            stages=(Stage("applying", 5.0, "Looking at every document..."),),
            run=apply,
            time_limit=3600.0,
        ),
    ),
    input=Input,
)
