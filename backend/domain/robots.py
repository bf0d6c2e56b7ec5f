"""What a site's robots.txt asks of us (RFC 9309)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

MOST_BYTES = 500 * 1024
"""As much of the file as the RFC asks to be read; the rest has no meaning."""

_MOST_RULES = 20_000
_LONGEST_DELAY = 60.0
_TOKEN = re.compile(r"[A-Za-z_-]+")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")


@dataclass(frozen=True)
class Robots:
    """The rules of one site for us: path patterns, the longest that matches decides; `delay` in seconds, or None."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float | None = None

    def allows(self, path: str) -> bool:
        """Whether `path` (with its query, percent-encoded) may be fetched; where two are as long, allowing wins."""
        if path == "/robots.txt":
            return True
        path = _normal(path)
        fitting = [(len(pattern), allow) for allow, pattern in self.rules if _matches(pattern, path)]
        return max(fitting, default=(0, True))[1]


def parse(text: str, agent: str) -> Robots:
    """The rules for `agent` (a product token, "SyncBoard"), else those for everybody. Never raises."""
    mine, everybody = _Group(), _Group()
    current: list[_Group] = []
    naming = False
    for key, value in _lines(text[:MOST_BYTES]):
        if key == "user-agent":
            current = current if naming else []
            naming = True
            token = _TOKEN.match(value)
            if value.startswith("*"):
                current.append(everybody)
            elif token and token[0].lower() == agent.lower():
                current.append(mine)
            continue
        naming = False
        for group in current:
            group.take(key, value)
    chosen = mine if mine.seen or any(group is mine for group in current) else everybody
    return Robots(tuple(chosen.rules), chosen.delay)


class _Group:
    def __init__(self) -> None:
        self.rules: list[tuple[bool, str]] = []
        self.delay: float | None = None
        self.seen = False

    def take(self, key: str, value: str) -> None:
        self.seen = True
        if key in {"allow", "disallow"} and value and len(self.rules) < _MOST_RULES:
            self.rules.append((key == "allow", _normal(value)))
        elif key == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value):
            self.delay = min(float(value), _LONGEST_DELAY)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _normal(path: str) -> str:
    """Percent-encoded where it is not ASCII, the hexadecimal digits in capitals."""
    return _ESCAPE.sub(lambda found: found[0].upper(), quote(path, safe="/%:@!$&'()*+,;=-._~?#[]{}|`^\\<>\" "))


def _matches(pattern: str, path: str) -> bool:
    """`*` is any run of characters, `$` at the end is the end. Piece by piece: no pattern makes it slow."""
    anchored = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not pieces:
        return at == len(path) or not anchored
    for piece in pieces[:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = pieces[-1]
    if anchored:
        return len(path) - len(last) >= at and path.endswith(last)
    return path.find(last, at) >= 0
