"""The port to language models, against real servers: one that answers as told, and llama.cpp."""

from __future__ import annotations

import json
import time

import pytest

from backend.domain.errors import Unavailable, Unreadable
from backend.domain.writing import Message, Shape
from backend.providers.writing import ChatWriter
from tests.language_model import MODEL, Reply, said, scripted, small_model

HELLO = [Message("system", "Be brief."), Message("user", "Hello")]
SHAPE = Shape(
    "greeting",
    {
        "type": "object",
        "properties": {"words": {"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 8}}},
        "required": ["words"],
        "additionalProperties": False,
    },
)
NOWHERE = "http://127.0.0.1:9/v1"
FORM_KEY = "response_format"


def never() -> bool:
    return False


def writer(url: str, *, key: str = "", seconds: float = 20.0, retries: int = 1, max_tokens: int = 60) -> ChatWriter:
    return ChatWriter(url, MODEL, key, timeout_seconds=seconds, max_tokens=max_tokens, most_chars=9000, retries=retries)


def test_a_question_goes_out_as_every_vendor_wants_it() -> None:
    with scripted([said(" Good day. ")]) as server:
        answer = writer(server.url + "/", key="s3cret").write(HELLO, cancelled=never)
    assert (answer.text, answer.whole, answer.tokens_read, answer.tokens_written) == ("Good day.", True, 7, 3)
    (body,) = server.asked
    assert body["model"] == MODEL
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    assert (body["max_tokens"], body["stream"], FORM_KEY in body) == (60, False, False)
    assert server.keys == ["Bearer s3cret"]


def test_an_answer_cut_off_at_its_limit_says_so() -> None:
    with scripted([said("Good", finish="length")]) as server:
        assert not writer(server.url).write(HELLO, cancelled=never).whole


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(status: int) -> None:
    with scripted([Reply(status=status, headers={"Retry-After": "0"}), said("Hi")]) as server:
        assert writer(server.url).write(HELLO, cancelled=never).text == "Hi"
    assert len(server.asked) == 2


def test_a_server_that_stays_busy_is_left_alone_for_a_while() -> None:
    with scripted([Reply(status=503, headers={"Retry-After": "0"})]) as server:
        asking = writer(server.url)
        for _ in range(3):
            with pytest.raises(Unavailable) as error:
                asking.write(HELLO, cancelled=never)
            assert error.value.retryable
    assert len(server.asked) == 2, "once and its retry; then not at all"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_wrong_settings_are_told_at_once(status: int) -> None:
    with scripted([Reply(status=status)]) as server:
        with pytest.raises(Unavailable) as error:
            writer(server.url).write(HELLO, cancelled=never)
        assert (error.value.code, error.value.retryable) == ("writer_unavailable", False)
        assert "LLM_BASE_URL" in error.value.hint
    assert len(server.asked) == 1


def test_nobody_there_is_told_in_one_sentence() -> None:
    with pytest.raises(Unavailable, match="could not be reached"):
        writer(NOWHERE, retries=0).write(HELLO, cancelled=never)


@pytest.mark.parametrize("reply", [Reply(b"{}", wait=3), Reply(b"{" + b" " * 600 + b"}", drip=0.01)])
def test_a_server_that_takes_too_long_is_given_up(reply: Reply) -> None:
    with scripted([reply]) as server:
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"within 0\.5 seconds"):
            writer(server.url, seconds=0.5).write(HELLO, cancelled=never)
        assert len(server.asked) == 1
    assert time.monotonic() - began > 0.4


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}']
)
def test_what_is_no_chat_completion_is_not_believed(body: bytes) -> None:
    with scripted([Reply(body)]) as server, pytest.raises(Unavailable, match="no chat completion"):
        writer(server.url).write(HELLO, cancelled=never)


def test_an_endless_answer_is_cut_off() -> None:
    with (
        scripted([Reply(b" " * (5 * 1024 * 1024))]) as server,
        pytest.raises(Unavailable, match="could not be reached"),
    ):
        writer(server.url, retries=0).write(HELLO, cancelled=never)


def test_a_person_who_cancels_does_not_wait_for_the_model() -> None:
    began = time.monotonic()
    with scripted([Reply(b"{}", wait=5)]) as server, pytest.raises(Unreadable) as error:
        writer(server.url).write(HELLO, cancelled=lambda: time.monotonic() - began > 0.3)
    assert error.value.code == "cancelled"


def test_a_server_that_knows_less_is_asked_for_less_and_remembered() -> None:
    def plain_only(body: dict[str, object]) -> Reply:
        return Reply(status=400) if FORM_KEY in body or "max_tokens" in body else said('{"words": ["hi"]}')

    with scripted(plain_only) as server:
        asking = writer(server.url)
        assert json.loads(asking.write(HELLO, shape=SHAPE, cancelled=never).text) == {"words": ["hi"]}
        kinds = [body.get(FORM_KEY, {}).get("type") for body in server.asked]  # type: ignore[attr-defined]
        assert list(dict.fromkeys(kinds)) == ["json_schema", "json_object", None]
        before = len(server.asked)
        asking.write(HELLO, shape=SHAPE, cancelled=never)
    assert len(server.asked) == before + 1
    bare = server.asked[2][FORM_KEY]["json_schema"]["schema"]
    assert "maxItems" not in json.dumps(bare), "the second form has no limits, which some servers refuse"
    assert bare["required"] == ["words"]


def test_a_real_model_keeps_to_the_shape_and_to_its_limit() -> None:
    with small_model() as url:
        asking = writer(url, seconds=300)
        words = json.loads(asking.write(HELLO, shape=SHAPE, cancelled=never).text)["words"]
        assert len(words) <= 3
        assert all(len(word) <= 8 for word in words)
        short = writer(url, seconds=300, max_tokens=4).write([Message("user", "Count to 100")], cancelled=never)
        assert (short.whole, short.tokens_written) == (False, 4)
