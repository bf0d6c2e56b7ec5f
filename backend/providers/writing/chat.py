"""Any server that speaks OpenAI's `POST /v1/chat/completions` (OpenAI, Ollama, llama.cpp, vLLM and others)."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx

from backend.domain.errors import Unavailable
from backend.domain.ports import Cancelled
from backend.domain.writing import Message, Shape, Written
from backend.providers.writing.waiting import Late, pause, within

CONNECT_SECONDS = 5.0
PAUSE_SECONDS, LONGEST_PAUSE = 1.0, 20.0
LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes: no answer of a few thousand tokens is longer, whatever the server sends."""
REST_SECONDS = 30.0
"""How long a server that could not be had is left alone: a thousand documents must not each wait for it in vain."""
BUSY = frozenset({408, 425, 429})
WRONG_SETTINGS = frozenset({401, 403, 404, 405})
FORMS = ("strict", "bare", "json", "free")
"""How the shape is asked for, the most demanding first: not every server knows every keyword of a JSON schema, some
know only that it shall be JSON, and some not even that. A server is asked in the first form it has not refused."""
LIMITS = frozenset({"minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "pattern"})


class Refused(Exception):
    """The server understood and will not do it, so it makes no sense to ask again in the same way."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class ChatWriter:
    """`url` is the base (`http://host:port/v1`); `key` may be empty. `retries` are those after the first try."""

    def __init__(
        self,
        url: str,
        model: str,
        key: str,
        *,
        timeout_seconds: float,
        max_tokens: int,
        most_chars: int,
        retries: int,
    ) -> None:
        self.model, self.most_chars = model, most_chars
        self._url = url.rstrip("/") + "/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds, self._max_tokens, self._tries = timeout_seconds, max_tokens, retries + 1
        self._form = 0
        self._limit_name = "max_tokens"
        self._rest_until = 0.0
        self._lock = threading.Lock()

    def write(self, messages: Sequence[Message], *, shape: Shape | None = None, cancelled: Cancelled) -> Written:
        """The answer; see `backend.domain.writing.Writer`."""
        if time.monotonic() < self._rest_until:
            raise _away("did not answer a moment ago and is left alone for now")
        while True:
            form, limit_name = self._form, self._limit_name
            try:
                return self._tried(self._body(messages, shape, form, limit_name), cancelled)
            except Refused as refused:
                if not self._ask_for_less(refused, shape, form, limit_name):
                    wrong = refused.status in WRONG_SETTINGS
                    raise _away(f"answered {refused.status}", retryable=not wrong) from refused

    def _ask_for_less(self, refused: Refused, shape: Shape | None, form: int, limit_name: str) -> bool:
        """Whether there is another way to ask: another name of the limit, then a less demanding form."""
        if refused.status not in {400, 422, 501}:
            return False
        with self._lock:
            if limit_name == self._limit_name == "max_tokens":
                self._limit_name = "max_completion_tokens"
            elif shape is not None and form + 1 < len(FORMS):
                self._form, self._limit_name = max(self._form, form + 1), "max_tokens"
            else:
                self._form, self._limit_name = 0, "max_tokens"
                return False
        return True

    def _body(self, messages: Sequence[Message], shape: Shape | None, form: int, limit_name: str) -> dict[str, Any]:
        said = [{"role": message.role, "content": message.content} for message in messages]
        body: dict[str, Any] = {"model": self.model, "messages": said, limit_name: self._max_tokens, "stream": False}
        if limit_name == "max_tokens":  # the models that know only the other name know no temperature either
            body["temperature"] = 0
        if shape is not None and FORMS[form] in {"strict", "bare"}:
            schema = copy.deepcopy(dict(shape.schema))
            schema = schema if FORMS[form] == "strict" else _bare(schema)
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": shape.name, "strict": True, "schema": schema},
            }
        elif shape is not None and FORMS[form] == "json":
            body["response_format"] = {"type": "json_object"}
        return body

    def _tried(self, body: dict[str, Any], cancelled: Cancelled) -> Written:
        """The answer to one request, asked again while the server is away or busy. Raises Refused, Unavailable."""
        why, wait = "", 0.0
        for attempt in range(1, self._tries + 1):
            pause(wait, cancelled)
            try:
                status, headers, content = within(self._seconds, lambda: self._post(body), cancelled)
            except Late:
                why = f"did not answer within {self._seconds:g} seconds"
                break  # asked again it would work on two at once
            except httpx.HTTPError as error:
                why, wait = f"could not be reached ({type(error).__name__})", _wait({}, attempt)
                continue
            if status < httpx.codes.BAD_REQUEST:
                return _written(content)
            if status not in BUSY and status < httpx.codes.INTERNAL_SERVER_ERROR:
                raise Refused(status)
            if status == httpx.codes.NOT_IMPLEMENTED:
                raise Refused(status)
            why, wait = f"answered {status}", _wait(headers, attempt)
        self._rest_until = time.monotonic() + REST_SECONDS
        raise _away(why)

    def _post(self, body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        # a client per call, as for embeddings: nothing to close after a fork
        timeout = httpx.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds))
        with (
            httpx.Client(headers=self._headers, timeout=timeout, trust_env=False) as client,
            client.stream("POST", self._url, json=body) as response,
        ):
            content = b""
            for block in response.iter_bytes():
                content += block
                if len(content) > LARGEST_ANSWER:
                    raise httpx.DecodingError("the answer is too long")
            return response.status_code, dict(response.headers), content


def _bare(schema: Any) -> Any:
    """The schema without the keywords that limit values, which some servers refuse."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key not in LIMITS}
    return [_bare(value) for value in schema] if isinstance(schema, list) else schema


def _written(content: bytes) -> Written:
    try:
        answer = json.loads(content)
        choice = answer["choices"][0]
        text = choice["message"]["content"].strip()
        usage = answer.get("usage") or {}
        return Written(
            text=text,
            whole=choice.get("finish_reason") != "length",
            tokens_read=int(usage.get("prompt_tokens") or 0),
            tokens_written=int(usage.get("completion_tokens") or 0),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise _away("answered something that is no chat completion", retryable=False) from error


def _wait(headers: dict[str, str], attempt: int) -> float:
    wanted = headers.get("retry-after", "")
    return min(float(wanted) if wanted.isdecimal() else PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE)


def _away(what: str, *, retryable: bool = True) -> Unavailable:
    return Unavailable(
        f"The language model {what}.",
        code="writer_unavailable",
        hint="See that it runs and that LLM_BASE_URL, LLM_MODEL and LLM_API_KEY are right.",
        retryable=retryable,
    )
