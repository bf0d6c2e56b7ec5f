"""What a person may hand over: file names as text, base64 as bytes, titles."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from pathlib import PurePosixPath

from backend.domain.errors import InvalidInput, Unreadable

LONGEST_NAME = 200
LONGEST_TITLE = 200

UNREAD_ARCHIVES = frozenset({"application/x-7z-compressed", "application/vnd.rar"})

_DATA_URL = re.compile(r"data:[^,;]{0,255}(?:;[^,;]{1,255})*;base64,", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that have no place in a name: controls, marks that turn the reading direction, halves of pairs."""


def one_line(text: str) -> str:
    """NFC, runs of space as one, nothing invisible."""
    clean = unicodedata.normalize("NFC", "".join(" " if c.isspace() else c for c in text))
    return " ".join("".join(c for c in clean if unicodedata.category(c) not in _INVISIBLE).split())


def filename(raw: str) -> str:
    """The last part of a path as a name to show; it is never used as a path.

    Raises InvalidInput (`missing_filename`) when nothing is left.
    """
    name = one_line(raw.replace("\\", "/").rpartition("/")[2])
    if len(name) > LONGEST_NAME:
        suffix = PurePosixPath(name).suffix[:20]
        name = name[: LONGEST_NAME - len(suffix)].rstrip() + suffix
    if not name.strip(". "):
        raise InvalidInput("The file has no name.", code="missing_filename", hint="Send the name it has on your disk.")
    return name


def title_of(name: str) -> str:
    """A first title for a file: its name without the ending."""
    return PurePosixPath(name).stem or name


def title_of_text(text: str, wanted: str | None) -> str:
    """The wanted title, or the first line that says something."""
    lines = (one_line(line.strip().lstrip("#")) for line in (wanted or "", *text[:5000].splitlines()))
    return next((line for line in lines if line), "Note")[:LONGEST_TITLE].rstrip()


def unsupported(media_type: str) -> Unreadable:
    """The refusal (`unsupported_type`) of a kind of file that has no reader, with what can be done instead."""
    kind = media_type.partition("/")[0]
    if media_type in UNREAD_ARCHIVES:
        what, hint = "this kind of archive", "Unpack it and add the files, or pack them as zip or tar."
    elif kind == "image":
        what, hint = "this kind of image", "Export it as PNG or JPEG, and add that."
    elif kind in {"audio", "video"}:
        what, hint = f"this kind of {kind}", "Convert it to MP3 or MP4, and add that."
    else:
        what = "this kind of file"
        hint = (
            "It reads PDF, Office, OpenDocument, e-books, web pages, mail, text and code, pictures, sound, film, "
            "and zip or tar archives: save or export it as one of these."
        )
    return Unreadable(f"SyncBoard cannot read {what} ({media_type}).", code="unsupported_type", hint=hint)


def decode_base64(content: str) -> bytes:
    """The bytes of strict base64 (RFC 4648, section 4), with or without a `data:` URL around it.

    Raises InvalidInput (`invalid_base64`).
    """
    prefix = _DATA_URL.match(content)
    try:
        return base64.b64decode(content[prefix.end() :] if prefix else content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(
            "`content` is not valid base64.",
            code="invalid_base64",
            hint="Encode the bytes of the file with standard base64, padding included, without line breaks.",
        ) from error
