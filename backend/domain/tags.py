"""Tags: names and colours people give to documents, and rules that give them by themselves."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from backend.domain import words
from backend.domain.errors import InvalidInput

COLOURS = ("grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown")
"""Names of colours; the page knows what they look like on each background."""

LONGEST_NAME = 60
MOST_OF_A_BOARD = 1_000
MOST_CONDITIONS = 20

Field_ = Literal["title", "filename", "url", "text", "type", "language", "concept", "cluster", "source"]
Op = Literal["contains", "is", "starts"]


class Condition(BaseModel):
    """One comparison. How letters are written does not count: both sides are folded."""

    model_config = ConfigDict(extra="forbid")

    field: Field_
    op: Op
    value: str = Field(min_length=1, max_length=200)


class Rule(BaseModel):
    """Any or all of some conditions, exactly one of the two."""

    model_config = ConfigDict(extra="forbid")

    any: list[Condition] | None = Field(default=None, min_length=1, max_length=MOST_CONDITIONS)
    all: list[Condition] | None = Field(default=None, min_length=1, max_length=MOST_CONDITIONS)


class Facts(NamedTuple):
    """What a rule may ask of a document; every value is folded, and a field without one has none."""

    title: tuple[str, ...] = ()
    filename: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    concept: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


def checked_name(given: str) -> tuple[str, str]:
    """The name as it is shown and as it is compared. Raises InvalidInput (`empty_name`, `name_too_long`)."""
    name = " ".join(given.split())
    key = words.folded(name)
    if not key:
        raise InvalidInput("A tag needs a name.", code="empty_name", hint="Type at least one letter.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(
            f"The name of a tag has at most {LONGEST_NAME} characters.", code="name_too_long", hint="Shorten it."
        )
    return name, key


def checked_rule(rule: Rule | None) -> None:
    """Raises InvalidInput (`invalid_rule`) for a rule that says neither or both, or compares with nothing."""
    if rule is None:
        return
    if (rule.any is None) == (rule.all is None):
        raise InvalidInput(
            "A rule says either `any` or `all`.", code="invalid_rule", hint="Give one list of conditions."
        )
    if any(not words.folded(condition.value) for condition in conditions(rule)):
        raise InvalidInput("A condition compares with nothing.", code="invalid_rule", hint="Give each a value.")


def colour_for(key: str) -> str:
    """The colour a new tag gets when nobody chose one: always the same for the same name, never grey."""
    return COLOURS[1 + sum(key.encode()) % (len(COLOURS) - 1)]


def conditions(rule: Rule) -> list[Condition]:
    """All conditions of a rule."""
    return [*(rule.any or ()), *(rule.all or ())]


def asks_for_text(rule: Rule) -> bool:
    """Whether the rule has to read the document, which is the one thing that takes time."""
    return any(condition.field == "text" for condition in conditions(rule))


def facts(**values: object) -> Facts:
    """Facts from strings, lists of strings or None by the names of fields."""
    given = {name: [value] if isinstance(value, str) else value or [] for name, value in values.items()}
    return Facts(**{name: tuple(words.folded(str(one)) for one in many) for name, many in given.items()})  # type: ignore[attr-defined]


def matches(rule: Rule, of: Facts) -> bool:
    """Whether the rule holds for a document; a condition holds when it holds for one of its field's values."""
    if rule.any is not None:
        return any(_holds(condition, of) for condition in rule.any)
    return all(_holds(condition, of) for condition in rule.all or ())


def _holds(condition: Condition, of: Facts) -> bool:
    wanted = words.folded(condition.value)
    values: tuple[str, ...] = getattr(of, condition.field)
    if condition.op == "is":
        return wanted in values
    if condition.op == "starts":
        return any(value.startswith(wanted) for value in values)
    return any(wanted in value for value in values)
