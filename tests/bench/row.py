"""One row of the bench: what of ours was timed, beside what it is compared with, in the same run."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """`value` and `yardstick` are medians in `unit` (`yardstick` None where there is none of that size).

    `ratio` is what is judged, in the words of `reach` ("at least 50 x faster than all pairs"); `data` holds spread,
    counts and sizes.
    """

    name: str
    size: str
    value: float
    unit: str
    yardstick: float | None
    yardstick_name: str
    ratio: float | None
    reach: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Timed:
    """Seconds of several rounds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> list[float]:
        """The shortest and the longest round."""
        return [round(min(self.seconds), 6), round(max(self.seconds), 6)]

    def percentile(self, share: float) -> float:
        """The round that `share` (0 to 1) of all are no longer than."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def interleaved(calls: Sequence[Callable[[], object]], *, rounds: int) -> list[Timed]:
    """Time each call in turn, `rounds` times over: what else the machine does meets all of them alike."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, seconds, strict=True):
            began = time.perf_counter()
            call()
            times.append(time.perf_counter() - began)
    return [Timed(tuple(times)) for times in seconds]


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """How cost grows with size: the slope of log seconds over log size, by least squares."""
    x, y = [math.log(size) for size in sizes], [math.log(taken) for taken in seconds]
    middle_x, middle_y = statistics.mean(x), statistics.mean(y)
    rise = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    return rise / sum((a - middle_x) ** 2 for a in x)
