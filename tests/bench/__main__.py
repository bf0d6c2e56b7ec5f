"""Times the board beside yardsticks: `python -m tests.bench [NAME…]` (`make bench`).

Writes `build/bench.json` and puts the table into `docs/performance.md`. A part of the benches can be named; the others
keep what the file says of them.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.row import Row

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("SYNCBOARD_CORPUS") or ROOT.parent / "shared/corpus")
RESULTS = ROOT / "build/bench.json"
PAGE = ROOT / "docs/performance.md"
TABLE = re.compile(r"(?<=<!-- rows -->\n).*?(?=<!-- end of rows -->)", re.DOTALL)

MODULES = ("clusters", "duplicates", "comparison", "search", "analytics")
"""The explicit list: each has `rows(corpus)`, which gives one Row or more. `corpus` need not be there."""


def main(wanted: list[str]) -> int:
    """Run what is wanted, or all of it; the exit code is 1 when a name is not known."""
    if unknown := set(wanted) - set(MODULES):
        print(f"There is no such bench: {', '.join(sorted(unknown))}. There are {', '.join(MODULES)}.")
        return 1
    for name in wanted or MODULES:
        began = time.monotonic()
        for row in importlib.import_module(f"tests.bench.{name}").rows(CORPUS):
            print(" | ".join(_cells(asdict(row))), flush=True)
            _keep(name, row)
        print(f"{name} took {time.monotonic() - began:.0f} s", flush=True)
    return 0


def _keep(bench: str, row: Row) -> None:
    """In place of what was said of the row before, in the file and on the page."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    rows = {(old["bench"], old["name"], old["size"]): old for old in kept}
    rows[bench, row.name, row.size] = {"bench": bench, **asdict(row)}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(list(rows.values()), indent=1))
    PAGE.write_text(TABLE.sub(lambda _: _table(list(rows.values())), PAGE.read_text()))


def _table(rows: list[dict[str, Any]]) -> str:
    """The rows in the order of MODULES, as Markdown."""
    ordered = sorted(rows, key=lambda row: MODULES.index(row["bench"]))
    lines = ["| what | size | SyncBoard | beside | yardstick | ratio | to reach |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(_cells(row))} |" for row in ordered), ""])


def _cells(row: dict[str, Any]) -> list[str]:
    def amount(value: float | None) -> str:
        if value is None:
            return "–"  # noqa: RUF001
        return f"{value:,.0f} {row['unit']}" if value >= 1000 else f"{value:,.3g} {row['unit']}"

    ratio = "–" if row["ratio"] is None else f"{row['ratio']:,.3g}"  # noqa: RUF001
    beside = amount(row["yardstick"])
    return [row["name"], row["size"], amount(row["value"]), beside, row["yardstick_name"], ratio, row["reach"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
