"""What the house asks of a language model: an answer to messages, in a given shape where one is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from backend.domain.ports import Cancelled


@dataclass(frozen=True)
class Message:
    """One message to the model. What documents say goes into messages of the user only, as data."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Shape:
    """The JSON that is wanted back: a JSON schema and a name for it (letters, digits, `_`)."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """What the model wrote. `whole` is False when it was cut off at its limit of tokens; tokens are 0 if not told."""

    text: str
    whole: bool = True
    tokens_read: int = 0
    tokens_written: int = 0


class Writer(Protocol):
    """A language model. None where none is set: everything that asks one has a way without."""

    model: str
    most_chars: int
    """Characters of one document that may be sent: what bounds the cost."""

    def write(self, messages: Sequence[Message], *, shape: Shape | None = None, cancelled: Cancelled) -> Written:
        """The answer to the messages. With a `shape` it is JSON, which may still break the schema: check it.

        Raises Unavailable (`writer_unavailable`) when the model cannot be had, does not answer in time, or refuses;
        Unreadable (`cancelled`).
        """
        ...
