"""Every route times everybody who should not get in. A route that is missing from the table fails the test."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from backend import wiring
from backend.api import ROUTERS, page
from backend.domain import access, highlights
from backend.domain.ports import Embedder, Extractor
from backend.embedded.postgres import Postgres
from backend.jobs.services import Services
from backend.main import create_app
from backend.settings import Settings
from backend.store import cluster_rows, concept_rows, documents, jobs, tokens
from backend.store import highlights as stored_highlights
from backend.store.database import EVERYONE, Database
from tests.api.conftest import MakeToken, bearer
from tests.api.needs import ADMIN, ANY_TOKEN, NEEDS, OWNER, PUBLIC
from tests.conftest import add_user, new_database

ENDLESS = {"GET /events"}
"""Answers without an end: who is let in there is seen by the other tests."""

CLOSED = [route for route, need in NEEDS.items() if need != PUBLIC]
BODIES: dict[str, dict[str, object]] = {
    "PATCH /documents/{document_id}": {"title": "Mine now"},
    "PATCH /clusters/{cluster_id}": {"name": "Mine now"},
    "PATCH /concepts/{concept_id}": {"name": "Mine now"},
    "POST /concepts/{concept_id}/merge": {"concept_ids": [987654322]},
    "POST /concepts/{concept_id}/split": {"concept_ids": [987654322]},
    "PUT /documents/{document_id}/tags": {"names": ["mine"]},
    "POST /tags/{tag_id}/merge": {"tag_ids": [987654322]},
    "POST /documents/{document_id}/notes": {"text": "mine"},
    "PATCH /notes/{note_id}": {"text": "mine"},
    "POST /documents/{document_id}/highlights": {"start": 0, "end": 1},
}
MARKS = {
    "tag_id": ("/tags", {"name": "secret"}),
    "note_id": ("/documents/{}/notes", {"text": "secret"}),
    "search_id": ("/saved-searches", {"name": "secret", "q": "secret"}),
}
"""What people add to their documents, and where."""
UNKNOWN = {
    "job_id": str(uuid.UUID(int=7)),
    "upload_id": str(uuid.UUID(int=7)),
    "batch_id": str(uuid.UUID(int=7)),
    "name": "nothing",
    "path": "nothing.js",
}
_numbers = itertools.count(1)
UNKNOWN_NUMBER = "987654321"


@pytest.fixture(scope="module")
def services(
    postgres: Postgres,
    redis_url: str,
    extractor: Extractor,
    embedder: Embedder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Services]:
    """One board for the whole file: what a person may not do leaves no trace for the next test."""
    url = new_database(postgres)
    folder = tmp_path_factory.mktemp("doors")
    settings = Settings(database_url=url, redis_url=redis_url, data_dir=folder, rate_limit_writes="100000/minute")
    database = Database(url)
    made = wiring.build(settings, database=database, ring=lambda _queue: None)
    yield replace(made, extractor=extractor, embedder=embedder)
    database.close()


@pytest.fixture(scope="module")
def user(services: Services) -> int:
    """The owner of that board."""
    return add_user(services.database, "ada", owner=True)


@pytest.fixture
def other_user(services: Services) -> int:
    """Another person, new for every test."""
    return add_user(services.database, f"person{next(_numbers)}")


@pytest.fixture(scope="module")
def app(services: Services) -> FastAPI:
    """The application on that board."""
    return create_app(services)


@pytest.fixture(scope="module")
def anyone(app: FastAPI) -> TestClient:
    """A client that is nobody."""
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def client(app: FastAPI, user: int, make_token: MakeToken) -> TestClient:
    """The owner's client."""
    return TestClient(app, raise_server_exceptions=False, headers=bearer(make_token(user)))


def written() -> set[str]:
    """Every route of the application, as "METHOD /path"."""
    routes = [route for router in (*ROUTERS, page.router) for route in router.routes if isinstance(route, APIRoute)]
    return {f"{m} {r.path.replace(':path}', '}')}" for r in routes for m in r.methods - {"HEAD"}}


def ask(client: TestClient, route: str, ids: dict[str, str] | None = None, **more):
    method, path = route.split(" ")
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace(f"{{{name}}}", (ids or UNKNOWN).get(name, UNKNOWN_NUMBER))
    if method in {"POST", "PATCH", "PUT"} and "json" not in more:
        more["json"] = BODIES.get(route, {})
    return client.request(method, path, follow_redirects=False, **more)


def error_of(response) -> dict[str, object]:
    return response.json()["error"]


def test_the_table_names_every_route(app) -> None:
    assert written() == set(NEEDS)
    included = [route for route in app.routes if not hasattr(route, "path")]
    assert len(included) == len(ROUTERS) + 1
    assert {route.path for route in app.routes if hasattr(route, "path")} == {"/openapi.json"}


@pytest.mark.parametrize("route", CLOSED)
def test_nobody_and_an_unknown_token_are_turned_away(anyone: TestClient, route: str) -> None:
    for headers in (
        {},
        bearer("unknown"),
        bearer(""),
        {"Authorization": "Basic YTpi"},
        {"Cookie": "syncboard=unknown"},
    ):
        own_page = {"Origin": "http://testserver", **headers}
        answer = ask(anyone, route, headers=own_page)
        assert answer.status_code == 401, headers
        assert error_of(answer)["code"] == "not_authenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", CLOSED)
def test_a_revoked_an_expired_and_a_disabled_persons_token_are_turned_away(
    anyone: TestClient, services: Services, user: int, other_user: int, make_token: MakeToken, route: str
) -> None:
    revoked, expired, disabled = make_token(user), make_token(user), make_token(other_user)
    with services.database.session(EVERYONE) as session:
        now = tokens.func.now()
        for token, change in ((revoked, {"revoked_at": now}), (expired, {"expires_at": now})):
            session.query(tokens.Token).filter_by(hash=access.token_hash(token)).update(change)
        session.query(tokens.User).filter_by(id=other_user).update({"disabled_at": now})
    for token in (revoked, expired, disabled):
        assert ask(anyone, route, headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("route", [route for route in CLOSED if NEEDS[route] != ANY_TOKEN])
def test_a_key_reaches_as_far_as_its_scope_and_no_further(
    anyone: TestClient, user: int, make_token: MakeToken, route: str
) -> None:
    needed = ADMIN if NEEDS[route] == OWNER else NEEDS[route]
    for scope in access.SCOPES:
        if scope == needed and route in ENDLESS:
            continue
        answer = ask(anyone, route, headers=bearer(make_token(user, scopes=[scope], kind=tokens.API_KEY)))
        if scope == needed:
            assert answer.status_code not in {401, 403, 500}, answer.text
        else:
            assert (answer.status_code, error_of(answer)["code"]) == (403, "missing_scope")


@pytest.mark.parametrize("route", [route for route in CLOSED if NEEDS[route] == OWNER])
def test_a_member_is_no_owner(anyone: TestClient, other_user: int, make_token: MakeToken, route: str) -> None:
    answer = ask(anyone, route, headers=bearer(make_token(other_user)))
    assert (answer.status_code, error_of(answer)["code"]) == (403, "owner_only")


@pytest.fixture
def theirs(anyone: TestClient, other_user: int, make_token: MakeToken, services: Services) -> dict[str, str]:
    """One of each thing, of another person."""
    headers = bearer(make_token(other_user))
    kept, trashed = (
        anyone.post("/upload_text", json={"content": f"# Secret {n}\nOnly for me."}, headers=headers).json()
        for n in range(2)
    )
    anyone.delete(f"/documents/{trashed['document_id']}", headers=headers).raise_for_status()
    key = anyone.post("/api-keys", json={"name": "mine", "scopes": ["read"]}, headers=headers).json()
    with services.database.session(other_user) as session:
        centroid = [1.0] + [0.0] * (services.embedder.dimension - 1)
        cluster = cluster_rows.Cluster(
            owner_id=other_user, name="Secrets", model=services.embedder.model, centroid=centroid
        )
        session.add(cluster)
        session.flush()
        documents.get(session, other_user, kept["document_id"]).cluster_id = cluster.id
        concept = concept_rows.Concept(owner_id=other_user, key="secret", name="Secret")
        session.add(concept)
        session.flush()
        ids = {
            "cluster_id": str(cluster.id),
            "concept_id": str(concept.id),
            "key_id": str(key["id"]),
            "job_id": kept["job_id"],
        }
    begun = {**headers, "Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "filename c2VjcmV0LnR4dA=="}
    urls = {"urls": ["https://secret.example/"]}
    ids["batch_id"] = anyone.post("/upload_batch_urls", json=urls, headers=headers).json()["batch_id"]
    ids["upload_id"] = anyone.post("/uploads/", headers=begun).json()["upload_id"]
    for name, (address, body) in MARKS.items():
        ids[name] = str(anyone.post(address.format(kept["document_id"]), json=body, headers=headers).json()["id"])
    with services.database.session(other_user) as session:
        anchor = highlights.Anchor(0, 6, "Secret", "", "")
        ids["highlight_id"] = str(
            stored_highlights.add(session, other_user, kept["document_id"], anchor, colour="blue").id
        )
    return {**ids, "document_id": str(kept["document_id"]), "trashed": str(trashed["document_id"])}


@pytest.mark.parametrize("route", [route for route in CLOSED if "{" in route and NEEDS[route] != OWNER])
def test_what_belongs_to_somebody_else_looks_like_what_is_not_there(
    client: TestClient, theirs: dict[str, str], route: str
) -> None:
    ids = {**theirs, "document_id": theirs["trashed"]} if route.endswith("/restore") else theirs
    foreign, unknown = ask(client, route, ids), ask(client, route)
    assert foreign.status_code == unknown.status_code == 404, foreign.text
    assert error_of(foreign) == error_of(unknown)
    told = {name: value for name, value in foreign.headers.items() if name != "x-request-id"}
    assert told == {name: value for name, value in unknown.headers.items() if name != "x-request-id"}


def test_lists_filters_and_searches_show_nothing_of_anybody_else(
    app: FastAPI, services: Services, theirs: dict[str, str], make_token: MakeToken
) -> None:
    newcomer = add_user(services.database, f"newcomer{next(_numbers)}")
    client = TestClient(app, headers=bearer(make_token(newcomer)))
    for address in (
        "/documents",
        f"/documents?cluster={theirs['cluster_id']}",
        f"/documents?tag={theirs['tag_id']}",
        "/tags",
        "/saved-searches",
        "/trash",
        "/clusters",
        "/concepts",
        "/duplicates",
        f"/duplicates?document={theirs['document_id']}",
        "/duplicates/merges",
        "/search?q=secret",
        f"/search?q=secret&cluster={theirs['cluster_id']}",
        "/jobs",
        f"/jobs?ids={theirs['job_id']}",
        "/jobs?q=secret",
        "/batches",
        "/uploads/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        assert answer.json()["items"] == [], address
        assert answer.json()["total"] == 0, address


def test_nobody_moves_what_is_not_theirs_or_moves_into_it(
    client: TestClient, services: Services, other_user: int, theirs: dict[str, str]
) -> None:
    mine = client.post("/upload_text", json={"content": "mine"}).json()
    into_theirs = client.patch(f"/documents/{mine['document_id']}", json={"cluster_id": int(theirs["cluster_id"])})
    assert into_theirs.status_code == 404
    for address in ("/jobs/cancel", "/jobs/retry"):
        answer = client.post(address, json={"ids": [theirs["job_id"]]})
        assert answer.json().get("done", []) == [], answer.text
    client.post("/jobs/cancel", json={"state": "PENDING"})
    with services.database.session(other_user) as session:
        assert jobs.get(session, other_user, uuid.UUID(theirs["job_id"])).state == "PENDING"


def test_row_level_security_holds_when_a_query_forgets_its_owner(services: Services, theirs: dict[str, str]) -> None:
    newcomer = add_user(services.database, f"newcomer{next(_numbers)}")
    with services.database.session(newcomer) as session:
        for table in (documents.Document, jobs.JobRow, cluster_rows.Cluster):
            assert session.query(table).count() == 0
        taken = session.query(documents.Document).filter_by(id=int(theirs["document_id"])).update({"title": "Mine"})
        assert taken == 0


@pytest.mark.parametrize("route", [route for route in CLOSED if "_id}" in route])
@pytest.mark.parametrize("bad", ["0", "-1", "1.5", "99999999999999999999", "x", "%00", "%ff", "'--", "..%2f..%2fetc"])
def test_a_malformed_id_is_an_unknown_one(client: TestClient, route: str, bad: str) -> None:
    answer = ask(
        client,
        route,
        dict.fromkeys(
            (
                *MARKS,
                "highlight_id",
                "job_id",
                "upload_id",
                "batch_id",
                "document_id",
                "cluster_id",
                "concept_id",
                "merge_id",
                "key_id",
                "invitation_id",
            ),
            bad,
        ),
    )
    assert answer.status_code in {400, 404, 405}, answer.text
    assert error_of(answer)["code"] in {"not_found", "invalid_input", "method_not_allowed"}
