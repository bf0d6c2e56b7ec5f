"""What can become of a cluster, as values and as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["created", "vanished", "split", "merged", "renamed", "moved", "joined", "recluster"]

SENTENCES: dict[str, str] = {
    "created": "“{name}” is new, with {count}{out_of}.",
    "vanished": "“{name}” is gone{into}.",
    "split": "A part of “{name}” is apart now{parts}.",
    "merged": "“{name}” took in {count}{of}.",
    "renamed": "“{before}” is called “{name}” now.",
    "moved": "“{title}” was moved to “{name}”.",
    "joined": "{count} joined “{name}”.",
    "recluster": "The board was grouped anew: {count} in {topics}; new topics: {created}, gone: {vanished}.",
}
NAMED = 3
"""Clusters that a sentence names; of more it says how many."""


@dataclass(frozen=True)
class Change:
    """One change. `documents` is how many it concerns.

    `details` by kind: `from` and `into` list `{"id", "name", "documents"}`; a `renamed` has `from` (the old name) and
    `by`; a `moved` has `document_id`, `title`, `from` and `by`; a `recluster` has the counts of its run.
    """

    kind: Kind
    cluster_id: int | None
    cluster_name: str
    documents: int
    details: dict[str, Any] = field(default_factory=dict)


def message(kind: str, name: str, documents: int, details: Mapping[str, Any]) -> str:
    """The change as a sentence."""
    return SENTENCES[kind].format(
        name=name,
        count=_counted(documents),
        out_of=_others(details, "from", " out of "),
        of=_others(details, "from", " of "),
        into=_others(details, "into", "; its documents are in "),
        parts=_others(details, "into", ": "),
        before=details.get("from", ""),
        title=details.get("title", "A document"),
        topics=_counted(details.get("topics", 0), "topic"),
        created=details.get("created", 0),
        vanished=details.get("vanished", 0),
    )


def _counted(number: int, what: str = "document") -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def _others(details: Mapping[str, Any], key: str, lead: str) -> str:
    others = details.get(key)
    if not others or isinstance(others, str):
        return ""
    named = ", ".join(f"“{other['name']}”" for other in others[:NAMED])
    more = len(others) - NAMED
    return f"{lead}{named}{f' and {more} more' if more > 0 else ''}"
