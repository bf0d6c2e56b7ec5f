"""Measures the board on the collections beside the project: `python -m tests.quality [NAME…]` (`make quality`).

Writes `build/quality.json`: a list of `{name, value, yardstick, reach, data}`. A part of the measures can be named; the
others keep what the file says of them.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.quality.measure import Measure

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("SYNCBOARD_CORPUS") or ROOT.parent / "shared/corpus")
RESULTS = ROOT / "build/quality.json"

MODULES = ("concepts", "synonyms", "web", "documents", "ocr", "speech", "nasty", "duplicates", "clusters", "retrieval")
"""The explicit list: each has `measure(corpus)`, which gives one Measure or more."""


def main(wanted: list[str]) -> int:
    """Measure what is wanted, or all of it; the exit code is 1 when a name is not known."""
    unknown = set(wanted) - set(MODULES)
    if unknown or not CORPUS.is_dir():
        print(f"There is no such measure: {sorted(unknown)}" if unknown else f"There is no collection at {CORPUS}")
        return 1
    for name in wanted or MODULES:
        began = time.monotonic()
        for measured in importlib.import_module(f"tests.quality.{name}").measure(CORPUS):
            beside = "" if measured.yardstick is None else f" beside {measured.yardstick:.3f}"
            print(f"{measured.name:24} {measured.value:.3f}{beside}   (to reach: {measured.reach})", flush=True)
            _keep(measured)
        print(f"{name} took {time.monotonic() - began:.0f} s", flush=True)
    return 0


def _keep(measured: Measure) -> None:
    """In place of what the file said of it; read again each time, for another measure may run beside this one."""
    rows = {row["name"]: row for row in (json.loads(RESULTS.read_text()) if RESULTS.exists() else [])}
    rows[measured.name] = asdict(measured)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(list(rows.values()), indent=1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
