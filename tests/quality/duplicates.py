"""Whether what is there twice is found, and what is not, left alone: on texts, graded copies and pictures.

Every figure goes through the board's own scan on a real database. The thresholds are the board's; both halves of each
collection, by the hash of an id, are in the data, for they were chosen while looking at one of them.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from datasketch import MinHash
from PIL import Image
from scipy.fft import dctn

from backend import wiring
from backend.domain import chunks as chunking
from backend.domain import clusters as clustering
from backend.domain.content import Content
from backend.jobs import enqueue, kinds
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.settings import Settings
from backend.store import documents, duplicates, passages, vectors
from tests.bench.board import running
from tests.quality.measure import Measure

Pair = tuple[str, str]
MINHASH_AT = 0.3
PHASH_BITS_APART = 10
SHOWN = 12
_SAME_BY_EYE = (("ocr/sroie/074.jpg", "ocr/sroie/624.jpg"), ("ocr/sroie/076.jpg", "ocr/sroie/625.jpg"),
                ("ocr/tesseract/phototest-rotated-L.png", "ocr/tesseract/phototestrot.tif"))  # fmt: skip
"""Pictures of the collection that are one, pixel by pixel, under two names."""


@dataclass(frozen=True)
class Judged:
    """What was to be found among the judged pairs, what the board found and what the yardstick; halves by `key`."""

    truth: Mapping[Pair, bool]
    ours: set[Pair]
    theirs: set[Pair]
    key: Callable[[Pair], str]

    def f1(self, found: set[Pair], half: int | None = None) -> float:
        judged = [pair for pair in self.truth if half is None or _half(self.key(pair)) == half]
        right = sum(self.truth[pair] and pair in found for pair in judged)
        return 2 * right / max(sum(self.truth[pair] for pair in judged) + sum(pair in found for pair in judged), 1)

    def data(self) -> dict[str, Any]:
        wrong = [pair for pair in self.truth if self.truth[pair] != (pair in self.ours)]
        right = sum(self.truth[pair] and pair in self.ours for pair in self.truth)
        return {
            "pairs": len(self.truth),
            "duplicates": sum(self.truth.values()),
            "precision": right / max(sum(pair in self.ours for pair in self.truth), 1),
            "recall": right / max(sum(self.truth.values()), 1),
            "halves": [self.f1(self.ours, 0), self.f1(self.ours, 1)],
            "yardstick_halves": [self.f1(self.theirs, 0), self.f1(self.theirs, 1)],
            "missed": [pair for pair in wrong if self.truth[pair]][:SHOWN],
            "wrong": [pair for pair in wrong if not self.truth[pair]][:SHOWN],
        }


def measure(corpus: Path) -> Iterator[Measure]:
    """PEP revisions, graded copies, pictures."""
    yield _peps(corpus / "duplicates")
    yield _clough(corpus / "duplicates")
    yield _pictures(corpus)


def _half(key: str) -> int:
    return hashlib.sha256(key.encode()).digest()[0] % 2


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def _peps(folder: Path) -> Measure:
    texts = {row["id"]: row["text"] for row in _rows(folder / "pep_revisions.docs.jsonl.gz")}
    lines = (folder / "pep_revisions.pairs.jsonl").read_text(encoding="utf-8").splitlines()
    truth = {_pair(row["a"], row["b"]): row["label"] == "near_duplicate" for row in map(json.loads, lines)}
    with board() as (services, owner):
        ids = {name: _add(services, owner, name, text) for name, text in texts.items()}
        result = scan(services, owner)
        ours = _found(services, owner, ids)
    judged = Judged(truth, ours, _minhash(texts, truth), lambda pair: pair[0].split("@")[0])
    return Measure(
        "duplicates_pep_f1",
        judged.f1(ours),
        judged.f1(judged.theirs),
        "at least .98",
        {**judged.data(), "scan": result, "yardstick": "datasketch MinHash of word 5-shingles at .3"},
    )


def _clough(folder: Path) -> Measure:
    rows = list(_rows(folder / "clough_stevenson.jsonl.gz"))
    texts = {row["id"]: row["text"] for row in rows}
    answers = {_pair(row["id"], row["source"]): row["category"] for row in rows if row["category"] != "orig"}
    truth = {pair: category != "non" for pair, category in answers.items()}
    with board() as (services, owner):
        ids = {name: _add(services, owner, name, text) for name, text in texts.items()}
        for name, text in texts.items():
            _embed(services, owner, ids[name], text)
        result = scan(services, owner)
        ours = _found(services, owner, ids)
    judged = Judged(truth, ours, _minhash(texts, truth), min)
    grades = {
        grade: sum(pair in ours for pair in answers if answers[pair] == grade) / list(answers.values()).count(grade)
        for grade in ("cut", "light", "heavy", "non")
    }
    return Measure(
        "duplicates_clough_f1",
        judged.f1(ours),
        judged.f1(judged.theirs),
        "well above the yardstick",
        {**judged.data(), "found_of": grades, "scan": result, "yardstick": "datasketch MinHash at .3, 5-shingles"},
    )


def _pictures(corpus: Path) -> Measure:
    bodies = dict(_hoppers(corpus)) | dict(_others(corpus))
    altered = dict(_altered(bodies))
    truth = {_pair(a, b): _same(a, b) for a, b in combinations([*bodies, *altered], 2)}
    with board() as (services, owner):
        ids = {}
        for name, body in (bodies | altered).items():
            ids[name] = _add_picture(services, owner, name, body)
            boxes = corpus / Path(name.split("#")[0]).with_suffix(".box.csv")
            if boxes.exists():
                _say(services, owner, ids[name], _words_of(boxes))
        result = scan(services, owner, layers=["image"])
        # the same bytes are one document from the beginning
        ours = _found(services, owner, ids) | {_pair(a, b) for a, b in combinations(ids, 2) if ids[a] == ids[b]}
    theirs = _phash({**bodies, **altered})
    judged = Judged(truth, ours, theirs, lambda pair: pair[0])
    return Measure(
        "duplicates_images_f1",
        judged.f1(ours),
        judged.f1(theirs),
        "above the yardstick",
        {
            **judged.data(),
            "pictures": len(bodies),
            "altered": len(altered),
            "scan": result,
            "yardstick": f"pHash of 64 bits, all pairs, at most {PHASH_BITS_APART} bits apart",
            "words": "receipts have the words of the collection's own boxes",
        },
    )


@contextmanager
def board() -> Iterator[tuple[Services, int]]:
    """The board's services on a database of its own, and somebody's id."""
    with running() as bench, tempfile.TemporaryDirectory(prefix="syncboard-quality-") as folder:
        settings = Settings(database_url=bench.url, redis_url="redis://127.0.0.1:1/0", data_dir=Path(folder))
        yield wiring.build(settings, database=bench.database, ring=lambda _queue: None), bench.people[0]


def scan(services: Services, owner: int, **wish: Any) -> dict[str, Any]:
    """What the board's own job finds, run in this process."""
    with services.database.session(owner) as session:
        enqueue.enqueue(session, kind=duplicates.KIND, owner_id=owner, input=wish, max_attempts=1)
    beat = Heartbeat(services.database, every=5)
    Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TimeoutError), "quality").answer("analysis")
    with services.database.session(owner) as session:
        row = duplicates.last_scan(session, owner)
    assert row is not None
    assert row.state == "SUCCESS", row.error
    return {**(row.result or {}), "compared": row.units_total, "warnings": row.warnings}


def _add(services: Services, owner: int, name: str, text: str, media_type: str = "text/plain") -> int:
    document_id = _create(services, owner, name, text.encode(), media_type)
    with services.database.session(owner) as session:
        documents.save_text(session, document_id, Content(text=text, media_type=media_type), "quality")
        documents.set_status(session, document_id, "completed")
    return document_id


def _create(services: Services, owner: int, name: str, body: bytes, media_type: str) -> int:
    with services.blobs.writer() as writer:
        writer.write(body + name.encode() if media_type == "text/plain" else body)
        sha256 = writer.commit()
    with services.database.session(owner) as session:
        document, _ = documents.create(
            session,
            owner,
            kind="file",
            title="document",
            filename="document",
            media_type=media_type,
            blob_sha256=sha256,
            size_bytes=len(body),
        )
        return document.id


def _embed(services: Services, owner: int, document_id: int, text: str) -> None:
    """The passages and vectors of a text, as its understanding makes them."""
    embedder = services.embedder
    cut = chunking.split(text, (), count_tokens=embedder.count_tokens)
    rows = embedder.embed([chunk.text for chunk in cut])
    with services.database.session(owner) as session:
        passages.replace(session, owner, document_id, cut, rows, embedder.model, "en")
        vectors.put(session, owner, document_id, clustering.mean(rows), embedder.model)


def _found(services: Services, owner: int, ids: Mapping[str, int]) -> set[Pair]:
    names = defaultdict(list)
    for name, number in ids.items():
        names[number].append(name)
    with services.database.session(owner) as session:
        pairs = duplicates.pairs(session, owner)
    return {_pair(a, b) for pair in pairs for a in names[pair.a] for b in names[pair.b]}


def _minhash(texts: Mapping[str, str], pairs: Mapping[Pair, bool]) -> set[Pair]:
    signed = {}
    for name in {name for pair in pairs for name in pair}:
        words = re.findall(r"\w+", texts[name].lower())
        signed[name] = MinHash(num_perm=128)
        signed[name].update_batch([" ".join(words[at : at + 5]).encode() for at in range(max(len(words) - 4, 1))])
    return {pair for pair in pairs if signed[pair[0]].jaccard(signed[pair[1]]) >= MINHASH_AT}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _hoppers(corpus: Path) -> Iterator[tuple[str, bytes]]:
    """Those of the one picture that Pillow opens; in formats that the board does not open, saved as PNG."""
    for path in sorted((corpus / "duplicates/images_hopper").iterdir()):
        try:
            with Image.open(path) as image:
                image.load()
                known = image.format in {"PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"}
                yield f"hopper/{path.name}", path.read_bytes() if known else _saved(_plain(image), "PNG")
        except (OSError, ValueError, SyntaxError):
            continue


def _others(corpus: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(corpus.rglob("*")):
        if path.suffix.lower() in {".png", ".jpg", ".jpeg", ".tif", ".webp", ".bmp", ".gif"}:
            name = str(path.relative_to(corpus))
            if name.split("/", maxsplit=1)[0] in {"ocr", "documents", "media"} and path.stat().st_size < 8_000_000:
                yield name, path.read_bytes()


def _altered(bodies: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Every fourth picture saved anew and smaller, and cut at one side."""
    for name in [name for name in bodies if not name.startswith("hopper")][::4]:
        try:
            image = _plain(Image.open(io.BytesIO(bodies[name])))
        except OSError:
            continue
        wide, high = image.size
        yield f"{name}#half", _saved(image.resize((max(wide // 2, 1), max(high // 2, 1))), "JPEG", quality=40)
        yield f"{name}#cut", _saved(image.crop((wide // 25, 0, wide, high)), "WEBP", quality=80)


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA", "P"):
        image = image.convert("RGBA")
        clear = Image.new("RGB", image.size, "white")
        clear.paste(image, mask=image.getchannel("A"))
        return clear
    return image.convert("L" if image.mode in ("1", "L", "F", "I", "I;16") else "RGB")


def _saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def _same(a: str, b: str) -> bool:
    one, other = a.split("#", maxsplit=1)[0], b.split("#", maxsplit=1)[0]
    if one.startswith("hopper") and other.startswith("hopper"):
        return True
    return one == other or _pair(one, other) in _SAME_BY_EYE


def _add_picture(services: Services, owner: int, name: str, body: bytes) -> int:
    with Image.open(io.BytesIO(body)) as image:
        media_type = Image.MIME[str(image.format)]
    document_id = _create(services, owner, name, body, media_type)
    with services.database.session(owner) as session:
        documents.set_status(session, document_id, "error", error={"code": "no_text"})
    return document_id


def _say(services: Services, owner: int, document_id: int, text: str) -> None:
    with services.database.session(owner) as session:
        media_type = documents.get(session, owner, document_id).media_type
        documents.save_text(session, document_id, Content(text=text, media_type=media_type), "quality")


def _words_of(boxes: Path) -> str:
    lines = boxes.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line.split(",", 8)[-1] for line in lines)


def _phash(bodies: Mapping[str, bytes]) -> set[Pair]:
    """As imagehash does it: 8 by 8 of the cosine transform of 32 by 32 grey values, against their median."""
    bits = {}
    for name, body in bodies.items():
        try:
            grey = np.asarray(_plain(Image.open(io.BytesIO(body))).convert("L").resize((32, 32)), np.float64)
        except OSError:
            continue
        low = dctn(grey)[:8, :8]
        bits[name] = (low > np.median(low)).ravel()
    return {_pair(a, b) for a, b in combinations(bits, 2) if np.count_nonzero(bits[a] != bits[b]) <= PHASH_BITS_APART}
