"""How well speech is written down: the recordings that people wrote down word by word."""

from __future__ import annotations

import json
import re
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
from faster_whisper import WhisperModel

from backend.domain import recordings
from backend.providers.extractors.signatures import sniff
from backend.providers.media import SandboxedDecoder
from backend.providers.speech import weights
from backend.providers.speech.local import LocalTranscriber
from tests.quality.measure import Measure

_PART, _SHORT_PART = 300.0, 20.0
_WORD = re.compile(r"\w+")
_NO_SPACES = {"ja", "zh"}
_NUMBERS = dict(enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]))
"""People wrote numbers as words, Whisper writes them as digits: neither is an error."""
_NO_REFERENCE = ("no ", "asserted")

Write = Callable[[Path], str]
"""What is said in a file."""


@dataclass
class Count:
    """Errors and words of one set, and the seconds it took for the seconds there are."""

    errors: int = 0
    words: int = 0
    took: float = 0.0
    sounds: float = 0.0

    @property
    def rate(self) -> float:
        return self.errors / max(1, self.words)

    def add(self, other: Count) -> None:
        self.errors += other.errors
        self.words += other.words
        self.took += other.took
        self.sounds += other.sounds


def measure(corpus: Path) -> list[Measure]:
    """Word error rate over all rows with a reference; beside it faster-whisper with its defaults on the same files."""
    rows = [json.loads(line) for line in (corpus / "speech/transcripts.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["text"] is not None and not row["reference"].startswith(_NO_REFERENCE)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        decoder = SandboxedDecoder(300, 2 * 1024**3)
        transcriber = LocalTranscriber("faster-whisper", place, 1)
        ours = _counted(corpus, rows, _by_us(decoder, transcriber, _PART))
        long = [row for row in rows if "/sonnet/" in row["file"]]
        cut = _total(_counted(corpus, long, _by_us(decoder, transcriber, _SHORT_PART)))
        second = _second(corpus, rows, decoder, place)
        transcriber.close()
        decoder.close()
        theirs = _counted(corpus, rows, _by_hand(weights.prepared(place)))
    total, beside = _total(ours), _total(theirs)
    return [
        Measure(
            name="speech_wer",
            value=total.rate,
            yardstick=beside.rate,
            reach="not worse",
            data={
                "files": len(rows),
                "words": total.words,
                "sets": {name: round(count.rate, 4) for name, count in sorted(ours.items())},
                "yardstick_sets": {name: round(count.rate, 4) for name, count in sorted(theirs.items())},
                "yardstick": f"faster-whisper {version('faster-whisper')} by hand: same weights, int8, its defaults",
                "real_time_factor": round(total.took / total.sounds, 3),
                "yardstick_real_time_factor": round(beside.took / beside.sounds, 3),
                "sonnets_in_parts_of_20_seconds": round(cut.rate, 4),
                **second,
            },
        )
    ]


def _second(corpus: Path, rows: Sequence[Any], decoder: SandboxedDecoder, place: Path) -> dict[str, Any]:
    """The original implementation, where its packages are installed."""
    if find_spec("whisper") is None:
        return {"second_engine": "openai-whisper is not installed here"}
    transcriber = LocalTranscriber("openai-whisper", place, 1)
    found = _counted(corpus, rows, _by_us(decoder, transcriber, _PART))
    transcriber.close()
    return {
        "second_engine": f"openai-whisper {version('openai-whisper')}",
        "second_engine_wer": round(_total(found).rate, 4),
        "second_engine_sets": {name: round(count.rate, 4) for name, count in sorted(found.items())},
        "second_engine_real_time_factor": round(_total(found).took / _total(found).sounds, 3),
    }


def _by_us(decoder: SandboxedDecoder, transcriber: LocalTranscriber, part: float) -> Write:
    def write(path: Path) -> str:
        known: dict[str, Any] = {"media_type": sniff(path, path.name), "cancelled": lambda: False}
        recording = decoder.look(path, **known)
        said: list[recordings.Said] = []
        for span in recordings.cut(recording.levels, part):
            with decoder.sound(path, span, seekable=recording.seekable, **known) as sound:
                heard = transcriber.transcribe(sound, language=None, cancelled=lambda: False, heard=lambda _: None)
            said += heard.said
        return recordings.joined(one.text for one in said)

    return write


def _by_hand(folder: Path) -> Write:
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
    return lambda path: "".join(segment.text for segment in model.transcribe(str(path))[0])


def _counted(corpus: Path, rows: Sequence[Any], write: Write) -> dict[str, Count]:
    """By set: the folder, and the language where it is another than English."""
    counts: dict[str, Count] = defaultdict(Count)
    for row in rows:
        path = corpus / row["file"]
        began = time.monotonic()
        text = write(path)
        took = time.monotonic() - began
        wanted, got = _words(row["text"], row["lang"]), _words(text, row["lang"])
        name = path.parent.name if row["lang"] in ("en", "") else f"{path.parent.name} {row['lang']}"
        counts[name].add(Count(distance(wanted, got), len(wanted), took, _seconds(path)))
    return counts


def _seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        return (container.duration or 0) / 1_000_000


def _total(counts: dict[str, Count]) -> Count:
    whole = Count()
    for count in counts.values():
        whole.add(count)
    return whole


def _words(text: str, language: str) -> list[str]:
    """Words without case, marks or apostrophes; letters where a script has no spaces."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "").replace("'", "")
    words = _WORD.findall(plain)
    if language in _NO_SPACES:
        return list("".join(words))
    small = {str(number): word for number, word in _NUMBERS.items()} if language == "en" else {}
    return [small.get(word, word) for word in words]


def distance(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Insertions, deletions and substitutions from one to the other (Levenshtein)."""
    row = list(range(len(got) + 1))
    for at, word in enumerate(wanted, start=1):
        before, row[0] = row[0], at
        for column, other in enumerate(got, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (word != other))
    return row[-1]
