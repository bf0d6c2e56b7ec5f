"""What sets duplicates apart, as sentences for people."""

from __future__ import annotations

from collections.abc import Mapping

from backend.domain.duplicates import Facts, Group, Pair


def of_group(group: Group, facts: Mapping[int, Facts]) -> str:
    """What a person should know before choosing: the first is the primary, the second the member least like it."""
    first = group.primary_id
    pairs = [pair for pair in group.pairs if first in (pair.a, pair.b)] or list(group.pairs)
    widest = min(pairs, key=lambda pair: (pair.likeness, pair.a, pair.b))
    second = widest.other(first) if first in (widest.a, widest.b) else widest.b
    if group.layer == "containment":
        return _parts(group, widest)
    sentence = between(widest, widest.other(second), second, facts)
    if len(group.members) > 2:  # noqa: PLR2004
        return f"{len(group.members)} documents. Of the two that differ most: {sentence[0].lower()}{sentence[1:]}"
    return sentence


def between(pair: Pair, first: int, second: int, facts: Mapping[int, Facts]) -> str:
    """What the second has that the first has not, and the other way round."""
    if pair.layer == "image":
        return _sizes(facts[first], facts[second])
    if pair.layer == "semantic":
        return f"They say the same in other words: {_percent(pair.share_of(second))} of the second has its like."
    if pair.layer == "containment":
        part = "first" if pair.contained == first else "second"
        return f"The {part} is a part of the other: {_percent(pair.likeness)} of it is there."
    if pair.layer == "exact":
        same = facts[first].media_type == facts[second].media_type
        return "The text is the same." if same else "The text is the same, in another format."
    return _paragraphs(pair.more_of(first), pair.more_of(second))


def how(pair: Pair, document_id: int) -> str:
    """What the other document is to this one, for a hint on it."""
    if pair.layer == "exact":
        return "The same text."
    if pair.layer == "near":
        return f"{_percent(pair.share_of(document_id))} of this text is in it."
    if pair.layer == "containment":
        if pair.contained == document_id:
            return f"This is a part of it: {_percent(pair.likeness)} of this text is in it."
        return f"It is a part of this: {_percent(pair.likeness)} of its text is in this one."
    if pair.layer == "image":
        return "The same picture."
    return "It says the same in other words."


def _paragraphs(only_first: int, only_second: int) -> str:
    changed, extra = min(only_first, only_second), only_second - only_first
    said = []
    if extra:
        which = "second" if extra > 0 else "first"
        said.append(f"the {which} has {_count(abs(extra))} more")
    if changed:
        said.append(f"{_count(changed)} {'is' if changed == 1 else 'are'} written differently")
    if not said:
        return "The paragraphs are the same, in another order or in other lines."
    sentence = " and ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _parts(group: Group, widest: Pair) -> str:
    count = len(group.members) - 1
    if count == 1:
        return f"The second is a part of the first: {_percent(widest.likeness)} of it is there."
    return f"{count} documents are parts of the first: at least {_percent(widest.likeness)} of each is there."


def _sizes(first: Facts, second: Facts) -> str:
    if first.pixels and second.pixels and (first.width, first.height) != (second.width, second.height):
        return f"The second has {second.width} by {second.height} pixels, the first {first.width} by {first.height}."
    if first.media_type != second.media_type:
        return "The same picture in another format."
    return "The same picture, saved in another way."


def _count(number: int) -> str:
    return "one paragraph" if number == 1 else f"{number} paragraphs"


def _percent(share: float) -> str:
    return f"{min(share, 1.0):.0%}" if share >= 0.01 else "less than 1%"  # noqa: PLR2004
