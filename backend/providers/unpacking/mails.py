"""What is attached to an e-mail, and the messages in a mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from typing import Protocol

from backend.domain.members import SMALL_PICTURE_BYTES
from backend.providers.extractors import mime
from backend.providers.unpacking import filenames
from backend.providers.unpacking.box import Box, Entries, Entry, Sink

_POSTMARK = re.compile(rb"^From \S.*\d{4}")
_HEAD = 64 * 1024


class _Attached(Protocol):
    """What is attached to a message of any kind."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...
    @property
    def inline(self) -> bool: ...


def entries(box: Box) -> Entries:
    """The attachments of an RFC 5322 message. Raises Unreadable."""
    return listed(mime.attachments(mime.parse(box.path)))


def take(box: Box, wanted: Sequence[int], sink: Sink) -> None:
    """Put the wanted attachments into the sink."""
    put(mime.attachments(mime.parse(box.path)), wanted, sink)


def listed(attached: Sequence[_Attached]) -> Entries:
    """Attachments as members; small pictures in the midst of the words are for the eye only."""
    found = Entries()
    for each in attached:
        entry = Entry(filenames.tidy(each.name), len(each.data))
        if not each.data:
            entry.skipped = {"code": "empty_file", "message": "This attachment is empty."}
        elif each.inline and each.media_type.startswith("image/") and len(each.data) < SMALL_PICTURE_BYTES:
            entry.skipped = {"code": "small_picture", "message": "A small picture, as signatures have them."}
        found.add(entry)
    return found


def put(attached: Sequence[_Attached], wanted: Sequence[int], sink: Sink) -> None:
    """Put the wanted ones into the sink."""
    for index in wanted:
        sink.put(index, [attached[index].data])


def mailbox_entries(box: Box) -> Entries:
    """The messages of an mbox (RFC 4155). Raises Unreadable `too_large`."""
    found = Entries(sequential=True)
    for number, message in enumerate(_messages(box), start=1):
        found.add(Entry(f"{number:04} {_subject(message)}.eml", len(message)))
    return found


def mailbox_take(box: Box, wanted: Sequence[int], sink: Sink) -> None:
    """Put the wanted messages into the sink."""
    chosen = set(wanted)
    for index, message in enumerate(_messages(box)):
        if index in chosen:
            sink.put(index, [message])


def _messages(box: Box) -> Iterator[bytes]:
    """A message begins behind a line "From sender date" that follows an empty one; such lines inside begin with ">"."""
    lines: list[bytes] = []
    started, after_blank = False, True
    with box.path.open("rb") as file:
        for line in file:
            if after_blank and _POSTMARK.match(line):
                if started:
                    yield b"".join(lines)
                lines, started = [], True
            else:
                lines.append(line[1:] if line.startswith(b">From ") else line)
            after_blank = not line.strip()
    if started:
        yield b"".join(lines)


def _subject(message: bytes) -> str:
    try:
        found = str(make_header(decode_header(str(BytesHeaderParser().parsebytes(message[:_HEAD])["Subject"] or ""))))
    except (ValueError, LookupError, TypeError, AttributeError):
        found = ""
    return filenames.tidy(found.replace("/", "-"))[:100] if found.strip() else "message"
