"""New jobs, cancels and retries: what the API does to jobs. Whoever calls commits first and rings afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.errors import Conflict, NotFound
from backend.domain.ids import uuid7
from backend.jobs import finish
from backend.jobs.job import INTERACTIVE, KINDS, Step
from backend.jobs.states import FAILURE, FINISHED, PENDING, PROCESSING, REVOKED
from backend.store import children, documents, jobs, users
from backend.store.jobs import JobRow


def enqueue(
    session: Session,
    *,
    kind: str,
    owner_id: int,
    input: dict[str, Any],  # noqa: A002 - the job's own word for it
    max_attempts: int,
    document_id: int | None = None,
    priority: int = INTERACTIVE,
    parent_id: UUID | None = None,
    retry_of: UUID | None = None,
    step: str | None = None,
) -> JobRow:
    """Insert a job waiting for its first step (or `step`). The caller commits, then rings `row.queue`.

    Raises KeyError for an unknown kind or step, pydantic's ValidationError for a wrong input.
    """
    job = KINDS[kind]
    first: Step = job.step(step) if step else job.steps[0]
    row = JobRow(
        # the time in the id only orders new rows in the index; every time a person sees is the database's
        id=uuid7(time.time_ns() // 1_000_000, os.urandom(10)),
        owner_id=owner_id,
        kind=kind,
        step=first.name,
        queue=first.queue,
        priority=priority,
        turn=jobs.next_turn(session, owner_id=owner_id, queue=first.queue, priority=priority),
        max_attempts=max_attempts,
        input=job.input.model_validate(input).model_dump(mode="json", exclude_none=True),
        document_id=document_id,
        parent_id=parent_id,
        retry_of=retry_of,
        stage="queued",
        message=f"Waiting for the queue {first.queue}",
        percent=0.0,
    )
    return jobs.add(session, row)


def enqueue_many(
    session: Session,
    *,
    kind: str,
    owner_id: int,
    inputs: Mapping[int, dict[str, Any]],
    max_attempts: int,
    priority: int,
    parent_id: UUID | None = None,
) -> dict[int, UUID]:
    """Insert a job for each document of `inputs`, one behind the other; returns their ids by document.

    The caller commits, then rings the queue of the kind's first step. Raises as `enqueue`.
    """
    job = KINDS[kind]
    first: Step = job.steps[0]
    turn = jobs.next_turn(session, owner_id=owner_id, queue=first.queue, priority=priority)
    rows = [
        JobRow(
            id=uuid7(time.time_ns() // 1_000_000, os.urandom(10)),
            owner_id=owner_id,
            kind=kind,
            step=first.name,
            queue=first.queue,
            priority=priority,
            turn=turn + number,
            max_attempts=max_attempts,
            input=job.input.model_validate(values).model_dump(mode="json", exclude_none=True),
            document_id=document_id,
            parent_id=parent_id,
            stage="queued",
            message=f"Waiting for the queue {first.queue}",
            percent=0.0,
        )
        for number, (document_id, values) in enumerate(inputs.items())
    ]
    jobs.add_all(session, rows)
    return {document_id: row.id for document_id, row in zip(inputs, rows, strict=True)}


def enqueue_unless_open(
    session: Session,
    *,
    kind: str,
    owner_id: int,
    input: dict[str, Any],  # noqa: A002 - the job's own word for it
    max_attempts: int,
    priority: int = INTERACTIVE,
) -> tuple[JobRow, bool]:
    """The person's open job of this kind and False, or else a new one and True: two callers at once share one job.

    The caller commits, then rings `row.queue` for a new one. Raises as `enqueue`.
    """
    users.lock(session, owner_id)
    row = jobs.open_of_kind(session, owner_id, kind)
    if row is not None:
        return row, False
    row = enqueue(session, kind=kind, owner_id=owner_id, input=input, max_attempts=max_attempts, priority=priority)
    return row, True


def cancel(session: Session, owner_id: int, job_id: UUID) -> JobRow:
    """Cancel a job: at once when it waits, within seconds when it runs. Cancelling it again changes nothing.

    The jobs that have it as their parent are cancelled with it.

    Raises NotFound, and Conflict (`already_finished`) when it has ended otherwise.
    """
    row = jobs.lock(session, owner_id, job_id)
    if row.state == REVOKED:
        return row
    if row.state in FINISHED:
        raise Conflict(
            "This job has already finished.", code="already_finished", hint="Delete its document to undo what it did."
        )
    for child_id in children.open_ids(session, owner_id, row.id):
        with suppress(Conflict):  # it has ended at this very moment
            cancel(session, owner_id, child_id)
    if row.state == PROCESSING and not row.fanned_out:
        jobs.request_cancel(session, row)
    else:
        finish.revoke(session, row, KINDS.get(row.kind))
    session.refresh(row)
    return row


def retry(session: Session, owner_id: int, job_id: UUID, *, max_attempts: int, password: str | None = None) -> JobRow:
    """A new job that goes on where a failed or cancelled one ended: finished steps and units are not done again.

    A finished job never changes, so the retry is a job of its own; asking again answers with the same one. A job that
    waits for its next try is simply let go at once. Raises NotFound, Conflict (`not_failed`).
    """
    row = jobs.lock(session, owner_id, job_id)
    if row.state not in (FAILURE, REVOKED):
        if row.state in (PENDING, "RETRY"):
            jobs.release(session, row)
            session.refresh(row)
            return row
        raise Conflict("This job has not failed.", code="not_failed", hint="Only a failed or cancelled job is retried.")
    again = jobs.retried_as(session, [row.id]).get(row.id)
    if again is not None:
        return jobs.get(session, owner_id, again)
    if row.document_id is None and KINDS[row.kind].on_start is not None:
        raise NotFound("The document of this job is gone.", code="document_gone", hint="Upload the file again.")
    if row.document_id is not None:
        working = jobs.open_of_document(session, owner_id, row.document_id)
        if working:  # the document is being read again already, one job at a time
            return working[0]
    input_again = {**row.input, **({"password": password} if password else {})}
    new = enqueue(
        session,
        kind=row.kind,
        owner_id=owner_id,
        input=input_again,
        max_attempts=max_attempts,
        document_id=row.document_id,
        priority=row.priority,
        parent_id=row.parent_id,
        retry_of=row.id,
        step=row.step,
    )
    if row.document_id is not None:
        documents.set_status(session, row.document_id, "queued")
    return new


def cancel_for_document(session: Session, owner_id: int, document_id: int) -> None:
    """Cancel whatever still works on a document; a job that ends at this very moment has ended."""
    for row in jobs.open_of_document(session, owner_id, document_id):
        with suppress(Conflict):
            cancel(session, owner_id, row.id)
