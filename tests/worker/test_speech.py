"""Those who write down what is said: the process that listens, its model, and servers that speak OpenAI's protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend.domain.errors import Unavailable, Unreadable
from backend.domain.recordings import Said, Transcript
from backend.providers.speech import weights
from backend.providers.speech.local import LocalTranscriber
from backend.providers.speech.remote import RemoteTranscriber
from tests import sounds
from tests.hearing import NEVER, server

Ears = LocalTranscriber | RemoteTranscriber


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where models are kept."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A second and a half of speech, as the decoder writes it."""
    path = tmp_path / "clip.wav"
    path.write_bytes(sounds.encoded(sounds.spoken("cards/003.wav")))
    return path


def transcribe(ears: Ears, path: Path, cancelled: Callable[[], bool] = lambda: False, language: str = "") -> Transcript:
    return ears.transcribe(path, language=language or None, cancelled=cancelled, heard=lambda _: None)


def processes(place: Path) -> list[psutil.Process]:
    """Those that listen with the model kept there."""
    return [one for one in psutil.Process().children() if str(place) in one.cmdline()]


def test_the_process_that_listens_writes_down_the_words_and_leaves_when_nobody_asks(place: Path, clip: Path) -> None:
    ears = LocalTranscriber("faster-whisper", place, 1, idle_seconds=1.0)
    assert processes(place) == []
    heard = transcribe(ears, clip)
    assert "of clubs" in heard.said[0].text.lower()
    assert heard.language == "en"
    assert 0 <= heard.said[0].start < heard.said[-1].end < 1.6
    (process,) = processes(place)
    process.wait(30)
    assert "of clubs" in transcribe(ears, clip, language="en").said[0].text.lower()
    ears.close()
    assert processes(place) == []


def test_one_that_is_killed_is_said_to_be_away_for_the_moment(place: Path, clip: Path) -> None:
    ears = LocalTranscriber("faster-whisper", place, 1)

    def kill() -> bool:
        for process in processes(place):
            process.kill()
        return False

    with pytest.raises(Unavailable) as away:
        transcribe(ears, clip, cancelled=kill)
    assert (away.value.code, away.value.retryable) == ("transcriber_unavailable", True)
    ears.close()


def test_a_cancel_ends_it_in_mid_sentence(place: Path, clip: Path) -> None:
    ears = LocalTranscriber("faster-whisper", place, 1)
    with pytest.raises(Unreadable) as stopped:
        transcribe(ears, clip, cancelled=lambda: bool(processes(place)))
    assert stopped.value.code == "cancelled"
    assert processes(place) == []


def test_the_second_engine_hears_the_same_or_says_which_packages_are_missing(place: Path, clip: Path) -> None:
    ears = LocalTranscriber("openai-whisper", place, 1)
    if find_spec("whisper"):
        assert "of clubs" in transcribe(ears, clip).said[0].text.lower()
    else:
        with pytest.raises(Unavailable) as missing:
            transcribe(ears, clip)
        assert (missing.value.code, missing.value.retryable) == ("model_missing", False)
        assert "requirements-whisper.txt" in missing.value.hint
    ears.close()


def test_processes_that_prepare_the_model_at_once_leave_one_whole_copy_and_mend_a_changed_one(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from backend.providers.speech import weights; weights.prepared(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert [one.wait(120) for one in [subprocess.Popen(command) for _ in range(3)]] == [0, 0, 0]
    folder = tmp_path / weights.NAME
    assert {path.name: path.stat().st_size for path in folder.iterdir()} == {
        name: one.size for name, one in weights.FILES.items()
    }
    with (folder / "model.bin").open("r+b") as file:
        file.seek(9_000_000)
        file.write(b"changed")
    made = (folder / "config.json").stat().st_ino
    assert weights.prepared(tmp_path) == folder
    assert (folder / "model.bin").read_bytes()[9_000_000:9_000_007] != b"changed"
    assert (folder / "config.json").stat().st_ino == made, "what is right is left alone"


SEGMENTS = [
    {"start": 0.0, "end": 0.9, "text": " Seven", "no_speech_prob": 0.01, "avg_logprob": -0.2},
    {"start": 0.9, "end": 1.4, "text": " of clubs.", "no_speech_prob": 0.7, "avg_logprob": -0.4},
    {"start": 1.4, "end": 9.0, "text": " Thanks for watching!", "no_speech_prob": 0.9, "avg_logprob": -1.4},
]


def test_a_server_is_asked_as_openai_describes_it_and_what_it_made_of_silence_is_left_out(clip: Path) -> None:
    with server((200, {"language": "english", "segments": SEGMENTS})) as at:
        heard = transcribe(RemoteTranscriber(at.url, "whisper-large", "secret"), clip, language="en")
    assert heard.said == (Said(0.0, 0.9, " Seven"), Said(0.9, 1.4, " of clubs."))
    assert heard.language is None, "what it calls english is found out from the text"
    ((path, headers, body),) = at.asked
    assert path == "/v1/audio/transcriptions"
    assert headers["Authorization"] == "Bearer secret"
    for name, value in {"model": "whisper-large", "response_format": "verbose_json", "language": "en"}.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in body
    assert clip.read_bytes() in body


def test_a_server_that_knows_no_times_gives_its_text_for_the_whole(clip: Path) -> None:
    with server((200, {"text": "Seven of clubs."})) as at:
        (said,) = transcribe(RemoteTranscriber(at.url, "small", ""), clip).said
    assert (said.text, said.start, said.end) == ("Seven of clubs.", 0.0, pytest.approx(1.54, abs=0.05))
    assert "Authorization" not in at.asked[0][1]


def test_a_busy_server_is_asked_again(clip: Path) -> None:
    with server((429, {}), (503, {}), (200, {"text": "Seven.", "language": "en"})) as at:
        assert transcribe(RemoteTranscriber(at.url, "small", ""), clip).language == "en"
    assert len(at.asked) == 3


@pytest.mark.parametrize(
    ("answer", "retryable", "times"),
    [((500, {}), True, 3), ((401, {}), False, 1), ((200, b"<html>"), False, 1), ((200, {"words": []}), False, 1)],
)
def test_a_server_that_does_not_answer_as_it_should_is_said_to_be_away(
    clip: Path, answer: tuple[int, Any], retryable: bool, times: int
) -> None:
    with server(answer) as at, pytest.raises(Unavailable) as away:
        transcribe(RemoteTranscriber(at.url, "small", ""), clip)
    assert (away.value.code, away.value.retryable) == ("transcriber_unavailable", retryable)
    assert "SPEECH_URL" in away.value.hint
    assert len(at.asked) == times


def test_a_server_that_is_not_there_is_away_and_one_that_is_slow_can_be_given_up(clip: Path) -> None:
    with pytest.raises(Unavailable) as away:
        transcribe(RemoteTranscriber("http://127.0.0.1:9/v1", "small", ""), clip)
    assert away.value.retryable
    with server((200, NEVER)) as at, pytest.raises(Unreadable) as stopped:
        transcribe(RemoteTranscriber(at.url, "small", ""), clip, cancelled=lambda: bool(at.asked))
    assert stopped.value.code == "cancelled"
