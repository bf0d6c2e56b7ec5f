"""What became of the members of an archive or a mail, as sentences, as a list, and as a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.errors import Unreadable
from backend.domain.members import JUNK, Listing, Member, counted, named, readable

FAILED, SKIPPED, NEW = "failed", "skipped", "new"

_LEFT_OUT = {
    JUNK: "{count} that operating systems leave behind",
    "link": "{count} that are links ({names})",
    "not_a_file": "{count} that are no plain files ({names})",
    "small_picture": "{count} of small pictures, as signatures have them ({names})",
    "empty_file": "{count} that are empty ({names})",
    "itself": "{count} that are the archive itself ({names})",
    "too_deep": "{count} that are archives deeper than one in another ({names})",
}


@dataclass(frozen=True)
class Outcome:
    """A member; its bytes, where they could be taken out, else the reason (`{"code", "message", …}`) why not."""

    member: Member
    found: dict[str, Any] | None = None
    reason: dict[str, Any] | None = None

    @property
    def state(self) -> str:
        if self.member.skipped is not None:
            return SKIPPED
        return NEW if self.found is not None else FAILED


def refuse_if_nothing(outcomes: Sequence[Outcome]) -> None:
    """Raises Unreadable: the reason of the first, when every single member failed."""
    failed = [outcome for outcome in outcomes if outcome.state == FAILED]
    if not failed or any(outcome.state == NEW for outcome in outcomes):
        return
    reason = failed[0].reason or {}
    if reason.get("code") == "encrypted":
        raise Unreadable(reason["message"], code="encrypted", hint=reason.get("hint", ""))
    raise Unreadable(
        f"None of the {counted(len(failed), 'file')} in this archive can be read: {reason.get('message', '')}",
        code=reason.get("code", "corrupt"),
        hint=reason.get("hint", ""),
    )


def warnings(listing: Listing, outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    """What a person should know: what failed, by name, and what was left out."""
    told = list(listing.warnings)
    failed = [outcome for outcome in outcomes if outcome.state == FAILED]
    if failed:
        names = named([f"{one.member.name} ({(one.reason or {}).get('code', 'corrupt')})" for one in failed])
        message = f"{counted(len(failed), 'file')} of {len(outcomes):,} could not be read: {names}."
        told.append({"code": "members_failed", "message": message})
    left_out: dict[str, list[str]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.member.skipped is not None:
            left_out[outcome.member.skipped["code"]].append(outcome.member.name)
    for code, names_of in left_out.items():
        what = _LEFT_OUT[code].format(count=counted(len(names_of), "file"), names=named(names_of))
        told.append({"code": f"members_{code}", "message": f"Left out: {what}."})
    return told


def listed(filename: str, outcomes: Sequence[Outcome]) -> str:
    """The list as text."""
    return readable(filename, [(one.member.name, one.member.size, _remark(one)) for one in outcomes])


def _remark(outcome: Outcome) -> str:
    if outcome.state == FAILED:
        return str((outcome.reason or {}).get("message", ""))
    return "left out" if outcome.state == SKIPPED else ""
