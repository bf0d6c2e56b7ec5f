"""Outlook messages ([MS-OXMSG]): the words by kreuzberg; attachments, and messages in messages, by their streams."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import olefile

from backend.domain.text import Piece
from backend.domain.uploads import one_line
from backend.providers.extractors import by_kreuzberg, encodings, refusals
from backend.providers.extractors.draft import Draft, Source
from backend.providers.extractors.mime import Attached

_STREAM, _ATTACHED = "__substg1.0_", "__attach_version1.0_"
_SUBJECT, _BODY, _HTML, _FROM, _ADDRESS, _TO, _CC = "0037", "1000", "1013", "0C1A", "0C1F", "0E04", "0E03"
_DATA, _MESSAGE = "37010102", "3701000D"
_NAMES, _TYPE, _CONTENT_ID = ("3707", "3704", "3001"), "370E", "3712"
_MAX_DEPTH = 5
Folder = list[str]


def read(source: Source) -> Draft:
    """The message as one piece. Raises Unreadable."""
    draft = by_kreuzberg.read_plain(source)
    names = [attached.name for attached in attachments(source.path)]
    if names:
        draft.metadata["attachments"] = names
        draft.pieces.append(Piece(f"Attachments: {', '.join(names)}"))
    return draft


def attachments(path: Path) -> list[Attached]:
    """What is attached, in order; a message that is attached becomes an RFC 5322 one. Raises Unreadable `corrupt`."""
    try:
        with olefile.OleFileIO(path) as file:
            return _attachments(file, [], 0)
    except (OSError, ValueError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise refusals.corrupt("e-mail") from error


def _attachments(file: olefile.OleFileIO, folder: Folder, depth: int) -> list[Attached]:
    names = {entry[len(folder)] for entry in file.listdir() if entry[: len(folder)] == folder}
    storages = sorted(name for name in names if name.startswith(_ATTACHED))
    return [_attached(file, [*folder, storage], number, depth) for number, storage in enumerate(storages, start=1)]


def _attached(file: olefile.OleFileIO, folder: Folder, number: int, depth: int) -> Attached:
    inside = [*folder, _STREAM + _MESSAGE]
    if file.exists(inside) and file.get_type(inside) == olefile.STGTY_STORAGE and depth < _MAX_DEPTH:
        message = _message(file, inside, depth + 1)
        name = one_line(str(message["Subject"] or ""))[:100] or "message"
        return Attached(f"{name}.eml", message.as_bytes(), "message/rfc822", inline=False)
    name = next((found for key in _NAMES if (found := one_line(_text(file, folder, key)))), f"part {number}")
    inline = bool(_text(file, folder, _CONTENT_ID))
    return Attached(name, _bytes(file, [*folder, _STREAM + _DATA]), _text(file, folder, _TYPE), inline)


def _message(file: olefile.OleFileIO, folder: Folder, depth: int) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    sender = f"{_text(file, folder, _FROM)} <{_text(file, folder, _ADDRESS)}>"
    for name, value in (
        ("Subject", _text(file, folder, _SUBJECT)),
        ("From", sender.replace("<>", "")),
        ("To", _text(file, folder, _TO)),
        ("Cc", _text(file, folder, _CC)),
    ):
        if one_line(value):
            message[name] = one_line(value)
    html = _text(file, folder, _HTML) or encodings.decode(_bytes(file, [*folder, f"{_STREAM}{_HTML}0102"]))[0]
    message.set_content(_text(file, folder, _BODY) or html, subtype="plain" if _text(file, folder, _BODY) else "html")
    for attached in _attachments(file, folder, depth):
        maintype, _, subtype = attached.media_type.partition("/")
        if maintype in {"", "message", "multipart", "text"} or not subtype:
            maintype, subtype = "application", "octet-stream"
        message.add_attachment(attached.data, maintype=maintype, subtype=subtype, filename=attached.name)
    return message


def _text(file: olefile.OleFileIO, folder: Folder, key: str) -> str:
    """A text property, in UTF-16 or else in an encoding that is not said here."""
    if data := _bytes(file, [*folder, f"{_STREAM}{key}001F"]):
        return data.decode("utf-16-le", errors="replace").rstrip("\0")
    return encodings.decode(_bytes(file, [*folder, f"{_STREAM}{key}001E"]))[0].rstrip("\0")


def _bytes(file: olefile.OleFileIO, path: Folder) -> bytes:
    if not file.exists(path) or file.get_type(path) != olefile.STGTY_STREAM:
        return b""
    data: bytes = file.openstream(path).read()
    return data
