# ruff: noqa: RUF001  Chinese has commas of its own
"""Search over HTTP: words, meaning, both, neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray
from starlette.testclient import TestClient

from backend.domain.content import Part
from backend.domain.errors import Unavailable
from backend.domain.ports import Embedder
from backend.jobs.services import Services
from backend.main import create_app
from tests.api.conftest import MakeToken, bearer
from tests.factories import Filed, file_document

TEXTS = {
    "pump": "A heat pump moves heat from the cold air outside into the warm house. Its compressors need electricity.",
    "chess": "The world chess championship was decided by a rook endgame. Engines called the endgame a draw.",
    "bread": "Sourdough bread rises slowly. The baker feeds the starter with flour and water before baking bread.",
    "german": "Die Wärmepumpen brauchen Strom. Eine Wärmepumpe holt die Wärme aus der Luft, und sie heizt das Haus.",
    "chinese": "人工智能是计算机科学的一个分支。机器学习需要大量数据，神经网络由神经元组成。",
}


@pytest.fixture
def board(services: Services, user: int) -> dict[str, Filed]:
    parts = (Part(0, 10_000, {"page": 7}),)
    return {
        name: file_document(services.database, services.embedder, user, text, name=f"{name}.txt", parts=parts)
        for name, text in TEXTS.items()
    }


def names(client: TestClient, board: dict[str, Filed], q: str, **params: object) -> list[str]:
    answer = client.get("/search", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    by_id = {filed.id: name for name, filed in board.items()}
    return [by_id[item["document_id"]] for item in answer.json()["items"]]


def test_words_are_found_in_any_form(client: TestClient, board: dict[str, Filed]) -> None:
    assert names(client, board, "compressor")[0] == "pump"
    assert names(client, board, "engine draws")[0] == "chess"
    assert names(client, board, "Wärmepumpe heizen")[0] == "german"
    assert names(client, board, "神经网络")[0] == "chinese"


def test_the_last_word_may_be_unfinished(client: TestClient, board: dict[str, Filed]) -> None:
    assert names(client, board, "sourd")[0] == "bread"
    assert names(client, board, "championsh")[0] == "chess"


def test_meaning_finds_what_no_word_does(client: TestClient, board: dict[str, Filed]) -> None:
    assert names(client, board, "bobby fischer opening gambit ")[0] == "chess"


def test_a_phrase_must_be_there_and_a_minus_word_must_not(client: TestClient, board: dict[str, Filed]) -> None:
    assert names(client, board, '"heat pump"') == ["pump"]
    assert names(client, board, '"pump heat"') == []
    assert names(client, board, '"heat pump" championship') == ["pump"], "beside a phrase, words only rank"
    assert "bread" not in names(client, board, "bread starter -flour")
    assert "bread" in names(client, board, "bread starter -chess")
    assert names(client, board, '"rook endgame" -draw') == []


@pytest.mark.parametrize(
    "q",
    [
        "",
        " ",
        "the of and",
        '"',
        '"" -',
        "-",
        "'",
        "\\",
        "a & | ! <->",
        ":*",
        "%_%",
        "((((",
        "--",
        "\N{SNOWMAN}",
        "x" * 1900,
    ],
)
def test_a_query_that_says_nothing_has_an_honest_empty_answer(
    client: TestClient, board: dict[str, Filed], q: str
) -> None:
    answer = client.get("/search", params={"q": q})
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"] == []
    assert answer.json()["total"] == 0


def test_an_empty_board_answers_too(client: TestClient) -> None:
    assert client.get("/search", params={"q": "anything"}).json()["items"] == []


def test_a_snippet_shows_the_words_and_the_place(client: TestClient, board: dict[str, Filed]) -> None:
    item = client.get("/search", params={"q": "compressor electricity"}).json()["items"][0]
    marked = [item["snippet"][start:end] for start, end in item["highlights"]]
    assert marked == ["compressors", "electricity"]
    assert item["place"] == {"page": 7}
    assert TEXTS["pump"][item["start"] : item["end"]].startswith("A heat pump")


def test_filters_narrow_both_words_and_meaning(client: TestClient, board: dict[str, Filed]) -> None:
    assert names(client, board, "Strom", language="de") == ["german"]
    assert names(client, board, "heat pump", language="de") == []
    assert names(client, board, "heat pump", cluster=board["chess"].cluster_id) in ([], ["chess"])
    assert names(client, board, "heat pump", type="pdf") == []
    assert names(client, board, "heat pump", since="2000-01-01T00:00:00Z")[0] == "pump"
    assert names(client, board, "heat pump", until="2000-01-01T00:00:00Z") == []
    concept = client.get(f"/documents/{board['pump'].id}").json()["concepts"][0]["id"]
    assert names(client, board, "heat pump", concept=concept) == ["pump"]


def test_search_never_shows_anothers_passage(
    client: TestClient, services: Services, board: dict[str, Filed], other_user: int, make_token: MakeToken
) -> None:
    theirs = bearer(make_token(other_user))
    for q in ("heat pump", '"heat pump"', "warm house in winter", "sourd"):
        assert client.get("/search", params={"q": q}, headers=theirs).json()["total"] == 0
    copy = file_document(services.database, services.embedder, other_user, TEXTS["pump"])
    answer = client.get("/search", params={"q": "heat pump"}, headers=theirs).json()
    assert [item["document_id"] for item in answer["items"]] == [copy.id]
    cluster = {"q": "heat pump", "cluster": board["pump"].cluster_id}
    assert client.get("/search", params=cluster, headers=theirs).json()["total"] == 0


class AwayEmbedder:
    """An embedder whose server is down."""

    def __init__(self, real: Embedder) -> None:
        self.model, self.dimension = real.model, real.dimension
        self.count_tokens = real.count_tokens

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise Unavailable("The embedding server could not be reached.")


def test_without_the_embedder_words_are_searched_and_the_answer_says_so(
    client: TestClient, services: Services, board: dict[str, Filed], app: FastAPI
) -> None:
    away = replace(services, embedder=AwayEmbedder(services.embedder))
    with TestClient(create_app(away), headers=client.headers) as poor:
        answer = poor.get("/search", params={"q": "compressor"}).json()
    assert [item["document_id"] for item in answer["items"]] == [board["pump"].id]
    assert "words only" in answer["degraded"]
    assert client.get("/search", params={"q": "compressor"}).json()["degraded"] is None
