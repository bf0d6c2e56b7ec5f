"""One measured figure beside its yardstick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """A figure of the board on a collection, and what somebody else reaches on it in the same run.

    `value` and `yardstick` have the same unit (None where a measure has no yardstick); `reach` says in words what is
    to be reached; `data` is how it came about: counts, the files that failed, versions.
    """

    name: str
    value: float
    yardstick: float | None
    reach: str
    data: dict[str, Any]
