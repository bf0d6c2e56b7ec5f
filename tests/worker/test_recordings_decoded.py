"""The sound of files of every kind, decoded in the sandbox: the right stretch of it, and nothing for the hostile."""

from __future__ import annotations

import random
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from backend.domain.errors import Unreadable
from backend.domain.recordings import Recording, Span
from backend.providers.extractors.signatures import sniff
from backend.providers.media import SandboxedDecoder
from backend.providers.media.streams import FORMATS
from tests import sounds
from tests.board import ROOT
from tests.quality.__main__ import CORPUS

SECONDS, LOW, HIGH = 16.0, 200.0, 1400.0


@pytest.fixture(scope="module")
def decoder() -> Iterator[SandboxedDecoder]:
    made = SandboxedDecoder(30.0, 2 * 1024**3)
    yield made
    made.close()


def look(decoder: SandboxedDecoder, path: Path, media_type: str | None = None) -> Recording:
    return decoder.look(path, media_type=media_type or sniff(path, path.name), cancelled=lambda: False)


def code(decoder: SandboxedDecoder, path: Path, media_type: str | None = None) -> str | None:
    """Why it is refused, or None when there is sound in it."""
    try:
        return None if look(decoder, path, media_type).seconds > 0 else "no sound"
    except Unreadable as error:
        return error.code


def stretch(decoder: SandboxedDecoder, path: Path, span: Span, *, seekable: bool) -> sounds.Sound:
    kind = sniff(path, path.name)
    with (
        decoder.sound(path, span, media_type=kind, seekable=seekable, cancelled=lambda: False) as found,
        wave.open(str(found)) as file,
    ):
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, sounds.RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    assert not found.exists(), "nothing is left behind"
    return samples


def second_of(samples: sounds.Sound) -> float:
    """When in the sweep the first quarter of a second of it sounds."""
    heard = samples[: sounds.RATE // 4].astype(np.float64)
    peak = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 2**17)).argmax() * sounds.RATE / 2**17
    return float((peak - LOW) / (HIGH - LOW) * SECONDS - 0.125)


@pytest.mark.parametrize("kind", sounds.ENCODED)
def test_every_kind_gives_the_whole_sound_and_the_very_stretch_that_is_asked_for(
    decoder: SandboxedDecoder, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"sweep.{kind}"
    film = kind in {"mp4", "mov", "mkv", "avi", "mpg", "ts"}
    path.write_bytes(sounds.encoded(sounds.sweep(SECONDS, LOW, HIGH), kind, picture=film))
    recording = look(decoder, path)
    assert recording.seconds == pytest.approx(SECONDS, abs=0.2)
    assert len(recording.levels) == pytest.approx(recording.seconds * 10, abs=1)
    assert recording.warnings == ()
    assert max(recording.levels) > -20
    for seekable in (recording.seekable, False):
        samples = stretch(decoder, path, Span(9.0, 11.5), seekable=seekable)
        assert len(samples) == 2.5 * sounds.RATE
        assert second_of(samples) == pytest.approx(9.0, abs=0.12), f"jumped: {seekable}"


def test_title_and_artist_come_along(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(sounds.encoded(sounds.sweep(1), "mp3", title="  Of \n tides", artist="Ada"))
    recording = look(decoder, path)
    assert (recording.title, recording.artist, recording.codec) == ("Of tides", "Ada", "mp3float")


@pytest.mark.parametrize("kind", ["playlist", "concat", "manifest"])
def test_a_playlist_in_the_guise_of_a_recording_reads_no_neighbour(
    decoder: SandboxedDecoder, tmp_path: Path, kind: str
) -> None:
    neighbour = tmp_path / "neighbour.wav"
    neighbour.write_bytes(sounds.encoded(sounds.sweep(1)))
    lists = {
        "playlist": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{neighbour}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile {neighbour}\n",
        "manifest": f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file://{neighbour}</BaseURL></MPD>',
    }
    path = tmp_path / "song.mp3"
    path.write_text(lists[kind])
    for media_type in FORMATS:
        assert code(decoder, path, media_type) in {"corrupt", "no_sound"}


@pytest.mark.parametrize("kind", ["mp3", "flac", "opus", "aac", "ts", "mkv"])
def test_of_a_file_that_breaks_off_what_is_there_can_be_heard(
    decoder: SandboxedDecoder, tmp_path: Path, kind: str
) -> None:
    whole = sounds.encoded(sounds.sweep(10), kind)
    path = tmp_path / f"broken.{kind}"
    path.write_bytes(whole[: len(whole) // 2])
    recording = look(decoder, path)
    assert 3 < recording.seconds < 7
    said = [warning["code"] for warning in recording.warnings]
    assert ("sound_cut_off" in said) == (kind in {"flac", "mkv"}), "only these say how long they should be"


def test_damaged_files_give_sound_or_a_refusal_and_never_an_end_of_the_decoder(
    decoder: SandboxedDecoder, tmp_path: Path
) -> None:
    chance = random.Random(3)
    for kind in ("mp3", "m4a", "opus", "flac", "wav", "webm", "avi", "mpg", "wma", "amr", "flv", "aiff"):
        data = bytearray(sounds.encoded(sounds.sweep(2), kind))
        for _ in range(20):
            data[chance.randrange(12, len(data))] = chance.randrange(256)
        path = tmp_path / f"damaged.{kind}"
        path.write_bytes(data)
        assert code(decoder, path) in {None, "corrupt", "no_sound", "too_large"}, kind


def test_small_and_strange_files_are_refused_by_code(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(
        b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80>\0\0\0}\0\0\x02\0\x10\0data\0\0\0\0"
    )
    (tmp_path / "mute.mp4").write_bytes(sounds.silent_film())
    nasty = [CORPUS / "nasty/smallest" / name for name in ("Mpeg4.mp4", "mp3.mp3", "wav.wav", "webm.webm")]
    codes = {path.name: code(decoder, path) for path in [*tmp_path.iterdir(), *(one for one in nasty if one.exists())]}
    assert set(codes.values()) == {"corrupt", "no_sound"}
    assert codes["mute.mp4"] == "no_sound"


def test_the_sound_that_a_killed_worker_left_is_swept_by_the_next(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(sounds.encoded(sounds.sweep(2)))
    code = f"""
import os, pathlib, signal
from backend.domain.recordings import Span
from backend.providers.media import SandboxedDecoder
decoder = SandboxedDecoder(30.0, 2 * 1024**3)
known = dict(media_type="audio/wav", seekable=True, cancelled=lambda: False)
with decoder.sound(pathlib.Path({str(path)!r}), Span(0.0, 1.0), **known) as sound:
    print(sound, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    left = Path(killed.stdout.strip())
    assert left.exists()
    stretch(decoder, path, Span(0.0, 1.0), seekable=True)
    assert not left.exists()
