"""Which group of the Jobs page a job is in."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from backend.jobs import enqueue, finish
from backend.store import documents, job_lists, jobs, trash
from backend.store.database import Database

ERROR = {"code": "corrupt", "message": "This file is damaged.", "hint": "Send it again.", "retryable": False}


def failed_job(session: Session, owner: int, document_id: int) -> UUID:
    row = enqueue.enqueue(
        session, kind="process_file_upload", owner_id=owner, input={}, max_attempts=3, document_id=document_id
    )
    finish.fail(session, row, None, ERROR)
    return row.id


@pytest.fixture
def document(database: Database, user: int) -> int:
    """A document whose only job has failed."""
    with database.session(user) as session:
        row, _ = documents.create(
            session,
            user,
            kind="file",
            title="A contract",
            filename="contract.pdf",
            media_type="application/pdf",
            blob_sha256="a" * 64,
            size_bytes=10,
        )
        failed_job(session, user, row.id)
        return row.id


def attention(database: Database, user: int) -> int:
    with database.session(user) as session:
        counts = job_lists.counts(session, user)
        chosen = job_lists.Filter(states=["attention"])
        assert job_lists.total(session, user, chosen) == counts["attention"]
        assert sum(counts.values()) == job_lists.total(session, user, job_lists.Filter()), "each is in one group"
        return counts["attention"]


def test_a_failure_needs_attention(database: Database, user: int, document: int) -> None:
    assert attention(database, user) == 1


def test_a_failure_needs_none_once_it_was_retried(database: Database, user: int, document: int) -> None:
    with database.session(user) as session:
        failed = jobs.latest_of_document(session, user, document)
        assert failed is not None
        enqueue.retry(session, user, failed.id, max_attempts=3)
    assert attention(database, user) == 0


def test_a_failure_needs_none_once_its_document_was_worked_on_since(
    database: Database, user: int, document: int
) -> None:
    with database.session(user) as session:
        failed_job(session, user, document)
    assert attention(database, user) == 1, "only the last one counts"


def test_a_failure_needs_none_once_its_document_is_in_the_trash(database: Database, user: int, document: int) -> None:
    with database.session(user) as session:
        trash.put(session, user, document)
    assert attention(database, user) == 0
