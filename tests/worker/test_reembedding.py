"""Another embedding model: the old one serves until the last passage is done, and vectors of two are never mixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from backend.domain import search as searching
from backend.domain.errors import Unavailable
from backend.jobs import embedders, kinds, schedule
from backend.jobs.enqueue import cancel, enqueue
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.ingest import understand
from backend.jobs.kinds import reembed_board
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.providers.embedding import RemoteEmbedder
from backend.store import documents, embedding_models, matches, search
from backend.store.database import EVERYONE
from tests import embedding_server, factories

TEXTS = (
    "Tidal power stations turn the tides into electricity. " * 30,
    "A sonata has several movements, and the first is often fast. " * 30,
    "Bread needs flour, water, salt and time. " * 30,
)


@pytest.fixture
def server() -> Iterator[embedding_server.Served]:
    """The server of the new model."""
    with embedding_server.serving() as served:
        yield served


@pytest.fixture
def changed(services: Services, server: embedding_server.Served) -> Services:
    """The same board, after its settings named the new model."""
    new = RemoteEmbedder(server.url, "other", "", embedding_server.LENGTH)
    return replace(services, embedder=new, embedders={services.embedder.model: services.embedder, new.model: new})


@pytest.fixture
def _filed(services: Services, user: int, other_user: int) -> None:
    """Documents of two people under the old model."""
    for text in TEXTS:
        factories.file_document(services.database, services.embedder, user, text, language="en")
    factories.file_document(services.database, services.embedder, other_user, TEXTS[0], language="en")
    with services.database.session(EVERYONE) as session:
        embedding_models.serves_still(session, services.embedder.model)
        embedding_models.serve(session, services.embedder.model, complete=True)


def worked_off(services: Services) -> None:
    """Run what waits, until nothing does."""
    beat = Heartbeat(services.database, every=1.0)
    runner = Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TimeoutError), "test")
    while any(runner.answer(queue) for queue in ("uploads", "analysis", "low_priority")):
        pass


def models_of(url: str, table: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('syncboard.principal', '*', true)")
        return dict(connection.execute(f"SELECT model, count(*) FROM {table} GROUP BY model").fetchall())


def found(services: Services, user: int, meaning: str) -> list[int]:
    """The documents that are found by meaning alone, by the model that serves."""
    with services.database.session(EVERYONE) as session:
        embedder = embedders.serving(services, session)
        query = searching.parse(meaning)
        vector = embedder.embed([meaning])[0]
        hits = search.candidates(session, user, query, [], vector, embedder.model, search.Filters())
    with services.database.session(user) as session:
        best = search.best_by_document(session, user, hits)
        shown = search.read(session, user, [hit.passage_id for hit in best])
    return [shown[hit.passage_id].document.id for hit in best]


def a_note(services: Services, user: int, text: str) -> int:
    """A note whose job waits to be understood."""
    document_id = factories.new_document(services.database, user, "late.txt", body=text.encode())
    with services.database.session(user) as session:
        content = factories.Content(text=text, media_type="text/plain", parts=(), language="en")
        documents.save_text(session, document_id, content, "test")
        enqueue(
            session, kind="process_text_upload", owner_id=user, input={}, max_attempts=3,
            document_id=document_id, step="understand",
        )  # fmt: skip
    return document_id


@pytest.mark.usefixtures("_filed")
def test_the_old_model_serves_until_all_is_embedded_anew(
    services: Services, changed: Services, server: embedding_server.Served, database_url: str, user: int
) -> None:
    old, new = services.embedder.model, changed.embedder.model
    tides = found(services, user, "electricity from the sea")
    assert found(changed, user, "electricity from the sea") == tides, "nothing has changed yet"
    assert server.texts == [], "not even the question went to the new model"
    assert len(schedule.plan(changed, "reembed_board")) == 1
    assert schedule.plan(changed, "reembed_board") == [], "one at a time"
    passages = sum(models_of(database_url, "passage_vectors").values())
    worked_off(changed)
    assert len(server.texts) == passages, "each passage was embedded once"
    for table in ("passage_vectors", "document_vectors", "clusters"):
        assert set(models_of(database_url, table)) == {new}, f"{old} is gone from {table}"
    assert models_of(database_url, "passage_vectors") == {new: passages}
    assert found(changed, user, "electricity from the sea")[0] == tides[0]
    assert schedule.plan(changed, "reembed_board") == [], "nothing is left to do"
    matches_own = found(changed, user, "flour and water")
    assert matches_own, "and the others' passages did not come along"


@pytest.mark.usefixtures("_filed")
def test_a_server_that_goes_down_half_way_costs_nothing_that_was_done(
    services: Services, changed: Services, server: embedding_server.Served, database_url: str, user: int
) -> None:
    passages = sum(models_of(database_url, "passage_vectors").values())
    server.left = 3
    small = pytest.MonkeyPatch()
    small.setattr(reembed_board, "EMBED_BATCH", 1)
    schedule.plan(changed, "reembed_board")
    worked_off(changed)
    assert models_of(database_url, "passage_vectors")[changed.embedder.model] == 3
    assert found(changed, user, "electricity from the sea"), "the old model still answers"
    server.left = None
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT set_config('syncboard.principal', '*', true)")
        connection.execute("UPDATE units SET not_before = now() WHERE state = 'RETRY'")
    worked_off(changed)
    small.undo()
    assert models_of(database_url, "passage_vectors") == {changed.embedder.model: passages}
    assert len(server.texts) == passages, "those that were done were not done again"


@pytest.mark.usefixtures("_filed")
def test_a_document_that_comes_meanwhile_is_embedded_by_both(
    services: Services, changed: Services, database_url: str, user: int
) -> None:
    late = a_note(changed, user, "Bees make honey out of nectar. " * 20)
    worked_off(changed)
    assert models_of(database_url, "passage_vectors").keys() == {services.embedder.model}, "it was filed by the old"
    schedule.plan(changed, "reembed_board")
    worked_off(changed)
    assert models_of(database_url, "passage_vectors").keys() == {changed.embedder.model}
    assert found(changed, user, "honey of bees")[0] == late


@pytest.mark.usefixtures("_filed")
def test_a_document_understood_during_the_change_is_understood_again(
    services: Services, changed: Services, database_url: str, user: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = a_note(changed, user, "Bees make honey out of nectar. " * 20)
    embedded = understand._embedded

    def embedded_as_the_model_changes(*given: object) -> object:
        vectors = embedded(*given)  # type: ignore[arg-type]
        with services.database.session(EVERYONE) as session:
            embedding_models.lock(session)
            embedding_models.serve(session, changed.embedder.model, complete=False)
        monkeypatch.setattr(understand, "_embedded", embedded)
        return vectors

    monkeypatch.setattr(understand, "_embedded", embedded_as_the_model_changes)
    worked_off(changed)
    with services.database.session(user) as session:
        assert documents.get(session, user, late).status == "completed"
    assert found(changed, user, "honey of bees")[0] == late, "it was filed by the new model alone"
    assert schedule.plan(changed, "reembed_board"), "the others are still to be done"


@pytest.mark.usefixtures("_filed")
def test_a_board_whose_old_model_is_gone_searches_by_words_and_catches_up(
    services: Services, changed: Services, database_url: str, user: int
) -> None:
    gone = replace(changed, embedders={changed.embedder.model: changed.embedder})
    with gone.database.session(EVERYONE) as session, pytest.raises(Unavailable) as away:
        embedders.serving(gone, session)
    assert away.value.code == "old_model_away"
    with gone.database.session(EVERYONE) as session:
        query = searching.parse("electricity")
        terms = matches.terms(session, user, query)
        assert search.candidates(session, user, query, terms, None, "", search.Filters()), "words still find"
    late = a_note(gone, user, "Bees make honey out of nectar. " * 20)
    worked_off(gone)
    assert found(gone, user, "honey of bees") == [late]
    schedule.plan(gone, "reembed_board")
    worked_off(gone)
    assert models_of(database_url, "passage_vectors").keys() == {gone.embedder.model}
    assert found(gone, user, "electricity from the sea")


@pytest.mark.usefixtures("_filed")
def test_a_job_that_was_cancelled_changes_nothing(changed: Services, services: Services, user: int) -> None:
    (job_id,) = schedule.plan(changed, "reembed_board")
    with changed.database.session(user) as session:
        cancel(session, user, UUID(job_id))
    worked_off(changed)
    with changed.database.session(EVERYONE) as session:
        assert embedding_models.serving(session) == services.embedder.model
