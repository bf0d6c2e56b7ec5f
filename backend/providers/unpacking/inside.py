"""Looks into one archive, mailbox or mail. Runs in the sandbox's child; nothing here is called in a worker process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.domain import media_types, uploads
from backend.domain.members import JUNK, is_junk
from backend.providers.extractors import ole, outlook
from backend.providers.unpacking import compressed, mails, tars, zips
from backend.providers.unpacking.box import Box, Entries, Sink


@dataclass(frozen=True)
class _Format:
    entries: Callable[[Box], Entries]
    take: Callable[[Box, Sequence[int], Sink], None]


def _msg_entries(box: Box) -> Entries:
    return mails.listed(outlook.attachments(box.path))


def _msg_take(box: Box, wanted: Sequence[int], sink: Sink) -> None:
    mails.put(outlook.attachments(box.path), wanted, sink)


_COMPRESSED = _Format(compressed.entries, compressed.take)
FORMATS: dict[str, _Format] = {
    "application/zip": _Format(zips.entries, zips.take),
    "application/x-tar": _Format(tars.entries, tars.take),
    "application/gzip": _COMPRESSED,
    "application/x-bzip2": _COMPRESSED,
    "application/x-xz": _COMPRESSED,
    "application/zstd": _COMPRESSED,
    "message/rfc822": _Format(mails.entries, mails.take),
    ole.MSG: _Format(_msg_entries, _msg_take),
    media_types.MAILBOX: _Format(mails.mailbox_entries, mails.mailbox_take),
}


def work(
    path: str,
    filename: str,
    media_type: str,
    password: str | None,
    wanted: Sequence[int] | None = None,
    out: str | None = None,
) -> dict[str, Any]:
    """A `Listing` as JSON; or, with `wanted`, what became of those members, whose bytes lie in `out` by their index.

    Raises Unreadable.
    """
    box = Box(Path(path), filename, media_type, password)
    format_ = FORMATS.get(media_type)
    if format_ is None:
        raise uploads.unsupported(media_type)
    if wanted is not None and out is not None:
        sink = Sink(Path(out), box.allowed)
        format_.take(box, wanted, sink)
        return {"results": sink.results}
    found = format_.entries(box)
    for entry in found.entries:
        if is_junk(entry.name):
            entry.skipped = {"code": JUNK, "message": "Left there by an operating system."}
        elif entry.size == 0 and entry.skipped is None:
            entry.skipped = {"code": "empty_file", "message": "This file is empty."}
    return {
        "members": [{"index": index, **asdict(entry)} for index, entry in enumerate(found.entries)],
        "sequential": found.sequential,
        "warnings": found.warnings,
    }
