"""The HTTP door without workers: the real application on real parts, and people who signed in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from backend.domain import access
from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from backend.jobs.services import Services
from backend.main import create_app
from backend.store import tokens
from backend.store.database import EVERYONE
from tests.board import Board
from tests.conftest import new_database

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)

MakeToken = Callable[..., str]


@pytest.fixture
def app(services: Services, redis_url: str) -> FastAPI:
    """The application, with no rate counted yet."""
    Redis.from_url(redis_url).flushdb()
    return create_app(services)


@pytest.fixture
def anyone(app: FastAPI) -> Iterator[TestClient]:
    """A client that is nobody."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def make_token(services: Services) -> MakeToken:
    """Makes a live token of a person: `make_token(user_id, scopes=["read"])`."""

    def make(user_id: int, *, scopes: list[str] | None = None, kind: str = tokens.SESSION) -> str:
        token = f"test-token-{next(_numbers)}"
        with services.database.session(EVERYONE) as session:
            wanted = list(access.SCOPES) if scopes is None else scopes
            tokens.add(session, user_id, kind=kind, hash=access.token_hash(token), scopes=wanted)
        return token

    return make


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def client(anyone: TestClient, user: int, make_token: MakeToken) -> TestClient:
    """The owner's client."""
    anyone.headers.update(bearer(make_token(user)))
    return anyone


@pytest.fixture(scope="module")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Valkey of the module's own, to be frozen at will."""
    server = Valkey(tmp_path_factory.mktemp("own_valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def served(postgres: Postgres, own_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """The API as a process of its own, without workers; an owner is signed in."""
    board = Board(new_database(postgres), own_valkey.url, tmp_path_factory.mktemp("served"))
    try:
        board.start_api()
        board.sign_up()
        yield board
    finally:
        board.stop()
