"""Speech to text by any server that speaks OpenAI's `POST /v1/audio/transcriptions`."""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from backend.domain.errors import Unavailable, Unreadable
from backend.domain.ports import Cancelled
from backend.domain.recordings import Said, Transcript
from backend.domain.sound import Heard

_REVISION = 1
_TIMEOUT = httpx.Timeout(600.0, connect=5.0)
_POLL_SECONDS = 0.25
_TRIES, _PAUSE_SECONDS, _LONGEST_PAUSE = 3, 2.0, 30.0
_WRONG_SETTINGS = frozenset({400, 401, 403, 404, 405, 413, 415, 422})
_BUSY = 429
_NO_SPEECH, _UNLIKELY = 0.6, -1.0
"""Above the first and below the second, Whisper's own rule takes a segment for silence (its `transcribe.py`)."""


class RemoteTranscriber:
    """`url` is the base (`http://host:port/v1`); `key` may be empty. What cannot be had raises Unavailable."""

    def __init__(self, url: str, model: str, key: str) -> None:
        self.version = f"{model}/{_REVISION}"
        self._url = url.rstrip("/") + "/audio/transcriptions"
        self._fields = {"model": model, "response_format": "verbose_json"}
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def transcribe(self, path: Path, *, language: str | None, cancelled: Cancelled, heard: Heard) -> Transcript:
        """What is said in a WAV file of 16 kHz, mono, 16 bit. Raises Unavailable, Unreadable `cancelled`."""
        with wave.open(str(path), "rb") as file:
            seconds = file.getnframes() / file.getframerate()
        fields = self._fields | ({"language": language} if language else {})
        answer = self._answer(path.read_bytes(), fields, cancelled)
        try:
            transcript = _transcript(answer, seconds)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _away("answered something that is no transcript", retryable=False) from error
        heard(seconds)
        return transcript

    def _answer(self, sound: bytes, fields: dict[str, str], cancelled: Cancelled) -> Any:
        for attempt in range(1, _TRIES + 1):
            response = _while_wanted(lambda: self._post(sound, fields), cancelled)
            if response.is_success:
                try:
                    return response.json()
                except ValueError as error:
                    raise _away("answered something that is no JSON", retryable=False) from error
            if response.status_code != _BUSY and response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                break
            if attempt < _TRIES:
                _wait(_pause(response, attempt), cancelled)
        raise _away(f"answered {response.status_code}", retryable=response.status_code not in _WRONG_SETTINGS)

    def _post(self, sound: bytes, fields: dict[str, str]) -> httpx.Response:
        # a client per call, as for embeddings: nothing to close after a fork
        with httpx.Client(headers=self._headers, timeout=_TIMEOUT, trust_env=False) as client:
            return client.post(self._url, data=fields, files={"file": ("sound.wav", sound, "audio/wav")})


def _while_wanted(ask: Callable[[], httpx.Response], cancelled: Cancelled) -> httpx.Response:
    """The answer, waited for in a thread, which is left to itself when nobody wants it any more."""
    found: list[httpx.Response | httpx.HTTPError] = []

    def work() -> None:
        try:
            found.append(ask())
        except httpx.HTTPError as error:
            found.append(error)

    thread = threading.Thread(target=work, name="transcription", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL_SECONDS)
        _check(cancelled)
    if not found:
        raise _away("could not be asked")
    if isinstance(found[0], httpx.HTTPError):
        raise _away(f"could not be reached ({type(found[0]).__name__})") from found[0]
    return found[0]


def _wait(seconds: float, cancelled: Cancelled) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        _check(cancelled)


def _check(cancelled: Cancelled) -> None:
    if cancelled():
        raise Unreadable("Listening was stopped.", code="cancelled")


def _pause(response: httpx.Response, attempt: int) -> float:
    wanted = response.headers.get("retry-after", "")
    return min(float(wanted) if wanted.isdecimal() else _PAUSE_SECONDS * attempt, _LONGEST_PAUSE)


def _transcript(answer: Any, seconds: float) -> Transcript:
    """From `verbose_json`; a server that knows only `{"text"}` gives one run without times."""
    segments = answer.get("segments")
    if segments is None:
        text = str(answer["text"])
        said = [Said(0.0, seconds, text)] if text.strip() else []
    else:
        said = [
            Said(max(0.0, float(one["start"])), min(float(one["end"]), seconds), str(one["text"]))
            for one in segments
            if str(one["text"]).strip() and not _silence(one)
        ]
    language = str(answer.get("language") or "")
    # some name it ("english"): then it is found out from the text
    return Transcript(language if len(language) == 2 and said else None, tuple(said))  # noqa: PLR2004


def _silence(segment: dict[str, Any]) -> bool:
    return (segment.get("no_speech_prob") or 0.0) > _NO_SPEECH and (segment.get("avg_logprob") or 0.0) < _UNLIKELY


def _away(what: str, *, retryable: bool = True) -> Unavailable:
    return Unavailable(
        f"The transcription server {what}.",
        code="transcriber_unavailable",
        hint="See that it runs and that SPEECH_URL, SPEECH_MODEL and SPEECH_KEY are right.",
        retryable=retryable,
    )
