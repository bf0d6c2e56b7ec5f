"""How well the article of a web page is found: 181 pages with the article bodies that people marked."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import trafilatura

from backend.domain.errors import Unreadable
from backend.providers.extractors import Reader
from tests.quality.measure import Measure

_TOKEN = re.compile(r"\w+")
_SHINGLE = 4
_WORST = 10


def measure(corpus: Path) -> list[Measure]:
    """F1 of 4-shingles, through the reading sandbox; beside it trafilatura with its defaults on the same pages."""
    truth: dict[str, dict[str, str]] = json.loads((corpus / "web/ground-truth.json").read_text(encoding="utf-8"))
    pages = {name: gzip.decompress((corpus / f"web/html/{name}.html.gz").read_bytes()) for name in sorted(truth)}
    ours = _read(pages, {name: row["url"] for name, row in truth.items()})
    theirs = {name: trafilatura.extract(page) or "" for name, page in pages.items()}
    bodies = {name: row["articleBody"] for name, row in truth.items()}
    names = list(pages)
    # the rules were made while looking at the pages of the second half only
    halves = {"held_out": names[0::2], "looked_at": names[1::2]}
    precision, recall, f1 = score(bodies, ours, names)
    worst = sorted(names, key=lambda name: score(bodies, ours, [name])[2])[:_WORST]
    return [
        Measure(
            name="web_f1",
            value=f1,
            yardstick=score(bodies, theirs, names)[2],
            reach=".968",
            data={
                "precision": precision,
                "recall": recall,
                "pages": len(names),
                **{half: score(bodies, ours, part)[2] for half, part in halves.items()},
                **{f"yardstick_{half}": score(bodies, theirs, part)[2] for half, part in halves.items()},
                "yardstick": f"trafilatura {version('trafilatura')}, defaults",
                "worst": {name: round(score(bodies, ours, [name])[2], 3) for name in worst},
            },
        )
    ]


def score(bodies: Mapping[str, str], found: Mapping[str, str], names: Sequence[str]) -> tuple[float, float, float]:
    """Mean precision and mean recall over the pages that have one, and the F1 of the two means."""
    precisions, recalls = [], []
    for name in names:
        wanted, got = _shingles(bodies[name]), _shingles(found.get(name, ""))
        both = (wanted & got).total()
        if got:
            precisions.append(both / got.total())
        if wanted:
            recalls.append(both / wanted.total())
    precision = sum(precisions) / max(1, len(precisions))
    recall = sum(recalls) / max(1, len(recalls))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[at : at + _SHINGLE]) for at in range(max(1, len(tokens) - _SHINGLE + 1)))


def _read(pages: Mapping[str, bytes], addresses: Mapping[str, str]) -> dict[str, str]:
    """The text of each page as the board reads one it fetched; empty where the board refuses it."""
    reader = Reader(timeout_seconds=60, memory_bytes=2 * 1024**3)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page")
        for name, page in pages.items():
            path.write_bytes(page)
            try:
                content = reader.extract(
                    path,
                    filename="page.html",
                    media_type="text/html",
                    password=None,
                    cancelled=lambda: False,
                    source_url=addresses[name],
                )
                found[name] = content.text
            except Unreadable:
                found[name] = ""
    reader.close()
    return found
