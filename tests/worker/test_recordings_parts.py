"""Recordings of several parts, with the runner called directly: a part that fails is said, and tried again alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest

from backend.jobs import kinds, uploads
from backend.jobs.enqueue import enqueue
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.ingest import recordings
from backend.jobs.ingest.way import Original
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.providers.speech.remote import RemoteTranscriber
from backend.store import documents, jobs, units
from backend.store.documents import Document
from backend.store.jobs import JobRow
from tests import sounds
from tests.hearing import Server, server

REFUSED = (400, {})


@dataclass
class Told:
    """The context of a part that is listened to, which keeps what it says of itself."""

    services: Services
    owner_id: int
    job_id: Any
    input: dict[str, Any]
    said: list[tuple[float, str]] = field(default_factory=list)

    def progress(self, fraction: float, message: str) -> None:
        self.said.append((fraction, message))

    def cancelled(self) -> bool:
        return False


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


def said(text: str, language: str = "en") -> tuple[int, Any]:
    return 200, {"language": language, "segments": [{"start": 0.5, "end": 3.0, "text": f" {text}"}]}


@pytest.fixture
def world(services: Services) -> Iterator[Callable[[Server], Services]]:
    """Services whose transcriber is that server, and whose parts are of six seconds."""
    made: list[Services] = []

    def make(at: Server) -> Services:
        settings = services.settings.model_copy(update={"speech_part_seconds": 6.0})
        made.append(replace(services, settings=settings, transcriber=RemoteTranscriber(at.url, "small", "")))
        return made[-1]

    yield make
    for one in made:
        one.decoder.close()  # type: ignore[attr-defined]


def add(world: Services, user: int, data: bytes) -> tuple[Any, int]:
    with world.blobs.writer() as blob:
        blob.write(data)
        with world.database.session(user) as session:
            upload = uploads.recognise(world, blob, "talk.wav", password=None)
            accepted = uploads.accept(world, session, user, blob, upload)
    return accepted.job_id, accepted.document_id


def work(world: Services) -> None:
    """Do all there is to do."""
    beat = Heartbeat(world.database, every=1.0)
    runner = Runner(Hands(world, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")
    while runner.answer("uploads") or runner.answer("analysis"):
        pass


def read(world: Services, user: int, document_id: int, job_id: Any) -> tuple[JobRow, Document, str, list[Any]]:
    with world.database.session(user) as session:
        job, document = jobs.get(session, user, job_id), documents.get(session, user, document_id)
        text, parts, _ = documents.content(session, document_id)
        session.expunge_all()
        return job, document, text, list(parts)


def talk() -> bytes:
    """Three parts of six seconds, by the silences in it."""
    return sounds.encoded(sounds.one_after_another([sounds.sweep(5.0)] * 3, pause=1.0))


def test_a_part_that_fails_is_said_and_tried_again_alone(world: Callable[[Server], Services], user: int) -> None:
    with server(said("The tide comes in."), REFUSED, said("The tide goes out."), said("It is high.")) as at:
        services = world(at)
        job_id, document_id = add(services, user, talk())
        work(services)
        job, document, text, parts = read(services, user, document_id, job_id)
        assert job.state == "SUCCESS", job.error
        assert text == "The tide comes in.\n\nThe tide goes out."
        assert [part.place["second"] for part in parts] == [pytest.approx(0.5, abs=1), pytest.approx(12.5, abs=1)]
        assert document.status == "partial_error"
        (warning,) = document.warnings
        assert warning["code"] == "parts_failed"
        assert "0:05-0:1" in warning["message"]
        assert len(at.asked) == 3
        with services.database.session(user) as session:
            again = enqueue(
                session, kind="process_file_upload", owner_id=user, input={}, max_attempts=3, document_id=document_id
            ).id
        work(services)
        job, document, text, _ = read(services, user, document_id, again)
        assert job.state == "SUCCESS", job.error
        assert text == "The tide comes in.\n\nIt is high.\n\nThe tide goes out."
        assert (document.status, document.warnings) == ("completed", [])
        assert len(at.asked) == 4, "the other parts were not heard again"
        with services.database.session(user) as session:
            assert [unit.reused for unit in units.of_job(session, user, again)] == [True, False, True]


def test_when_no_part_can_be_heard_the_job_fails_for_that_reason(
    world: Callable[[Server], Services], user: int
) -> None:
    with server(REFUSED) as at:
        services = world(at)
        job_id, _ = add(services, user, talk())
        work(services)
        with services.database.session(user) as session:
            job = jobs.get(session, user, job_id)
            assert (job.state, job.error["code"]) == ("FAILURE", "transcriber_unavailable")
        assert len(at.asked) == 3


def test_the_language_spoken_longest_is_that_of_the_document(world: Callable[[Server], Services], user: int) -> None:
    with server(said("La marée monte.", "fr"), said("Yes.", ""), said("La marée descend.", "fr")) as at:
        services = world(at)
        job_id, document_id = add(services, user, talk())
        work(services)
        job, document, _, _ = read(services, user, document_id, job_id)
    assert document.language == "fr"
    assert document.details["recording"]["seconds"] == pytest.approx(18, abs=0.1)
    assert job.state == "SUCCESS", job.error


def test_how_far_it_is_is_told_in_the_minutes_of_the_whole_recording(
    world: Callable[[Server], Services], user: int
) -> None:
    data = talk()
    with server(said("The tide comes in."), said("It is high."), said("The tide goes out.")) as at:
        services = world(at)
        job_id, document_id = add(services, user, data)
        work(services)
        _, document, _, _ = read(services, user, document_id, job_id)
        path = services.blobs.path(document.blob_sha256)
        original = Original(document_id, user, path, document.blob_sha256, "talk.wav", "audio/wav", len(data))
        facts = {"seconds": 1800.0}
        told = Told(services, user, uuid4(), {"span": [6.0, 12.0], "seekable": True, "recording": facts})
        result = recordings.run_unit(told, original)
        assert told.said == [(1.0, "Listening, 0:06 of 30:00...")]
        assert result["said"] == [(6.5, 9.0, " The tide goes out.")]
        told.job_id = job_id
        recordings.run_unit(told, original)
        assert told.said[-1][1] == "Listening, 0:24 of 30:00...", "the parts that are done count too"
