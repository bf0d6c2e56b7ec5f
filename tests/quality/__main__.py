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

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("SYNCBOARD_CORPUS") or ROOT.parent / "shared/corpus")
RESULTS = ROOT / "build/quality.json"

MODULES = ("web", "documents", "ocr", "speech", "nasty")
"""The explicit list: each has `measure(corpus) -> list[Measure]`."""


def main(wanted: list[str]) -> int:
    """Measure what is wanted, or all of it; the exit code is 1 when a name is not known."""
    unknown = set(wanted) - set(MODULES)
    if unknown or not CORPUS.is_dir():
        print(f"There is no such measure: {sorted(unknown)}" if unknown else f"There is no collection at {CORPUS}")
        return 1
    rows = {row["name"]: row for row in (json.loads(RESULTS.read_text()) if RESULTS.exists() else [])}
    for name in wanted or MODULES:
        began = time.monotonic()
        for measured in importlib.import_module(f"tests.quality.{name}").measure(CORPUS):
            rows[measured.name] = asdict(measured)
            beside = "" if measured.yardstick is None else f" beside {measured.yardstick:.3f}"
            print(f"{measured.name:24} {measured.value:.3f}{beside}   (to reach: {measured.reach})", flush=True)
        print(f"{name} took {time.monotonic() - began:.0f} s", flush=True)
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(list(rows.values()), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
