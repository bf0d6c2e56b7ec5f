"""How well the reading of hostile files is closed off, as far as it was proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

KEPT_FROM = ("files", "writing", "network", "processes", "programs")
"""What a child was seen to be kept from: other files, writing beside its scratch folder, the network, other processes
of the machine, starting programs."""


@dataclass(frozen=True)
class Walls:
    """The level, and the answers of a child that tried to break out. `proven` is empty until one was asked."""

    level: str
    proven: dict[str, bool] = field(default_factory=dict)
    why_not: dict[str, str] = field(default_factory=dict)
    """Each stronger level, with the reason that it does not work here."""

    @property
    def open(self) -> list[str]:
        """What a hostile file could reach."""
        return [name for name in KEPT_FROM if not self.proven.get(name, True)]


class WallsProver(Protocol):
    """Finds out how closed the reading of files is on this machine."""

    def known(self) -> Walls:
        """What was found lately; never waits. The level is `unknown` until somebody found out."""
        ...

    def examine(self) -> Walls:
        """Find out now. Raises Unavailable when no reading process can be started."""
        ...
