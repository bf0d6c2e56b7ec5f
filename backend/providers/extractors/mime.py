"""The parts of an e-mail (RFC 2045 and 5322): which are its words, and which are attached."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from pathlib import Path

from backend.domain.text import clean
from backend.domain.uploads import one_line
from backend.providers.extractors import encodings, refusals

SHOWN = ("From", "To", "Cc", "Date", "Subject")
_MAX_DEPTH = 50
_SEALS = {"pkcs7-signature", "x-pkcs7-signature", "pgp-signature", "pgp-keys"}
_ENDINGS = {"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics"}


@dataclass(frozen=True)
class Attached:
    """Something attached; `inline` when the words show it in their midst."""

    name: str
    data: bytes
    media_type: str
    inline: bool


def parse(path: Path) -> EmailMessage:
    """The message. Raises Unreadable `corrupt` when nothing in it is a header."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not any(header(message, name) for name in SHOWN):
        raise refusals.corrupt("e-mail")
    return message


def header(message: EmailMessage, name: str) -> str:
    """A header as text, empty when it is missing or beyond understanding."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, IndexError, AttributeError, TypeError):  # the parser of hostile headers gives up in many ways
        return ""


def words(message: EmailMessage) -> list[tuple[str, bool]]:
    """The texts of the message itself, each with whether it is HTML; plain text goes before HTML."""
    body = message.get_body(preferencelist=("plain", "html"))
    found = [] if body is None else [_text(body)]
    for part, beside in _leaves(message, 0):
        if part is not body and _is_words(part) and not beside:
            found.append(_text(part))
    return [(text, html) for text, html in found if clean(text).strip()]


def attachments(message: EmailMessage) -> list[Attached]:
    """What is attached, in order; signatures of cryptography are not."""
    found = []
    for number, (part, beside) in enumerate(_leaves(message, 0), start=1):
        if not _is_words(part) and part.get_content_subtype() not in _SEALS:
            shown = beside or part.get_content_disposition() != "attachment"
            inline = shown and part.get("Content-ID") is not None
            found.append(Attached(_name(part, number), _data(part), part.get_content_type(), inline))
    return found


def _leaves(part: EmailMessage, depth: int, *, beside: bool = False) -> Iterator[tuple[EmailMessage, bool]]:
    """The parts that hold something, each with whether it says or shows what another one says."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        yield part, beside
        return
    if depth > _MAX_DEPTH:
        raise refusals.corrupt("e-mail")
    inside = beside or part.get_content_subtype() in {"alternative", "related"}
    for child in part.iter_parts():
        if isinstance(child, EmailMessage):
            yield from _leaves(child, depth + 1, beside=inside)


def _is_words(part: EmailMessage) -> bool:
    if part.get_content_maintype() == "multipart":
        return True  # one without parts: whatever it is, it is no file
    plain = part.get_content_type() in {"text/plain", "text/html", "text/enriched"}
    return plain and part.get_content_disposition() != "attachment" and not part.get_filename()


def _text(part: Message) -> tuple[str, bool]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return "", False
    text, _ = encodings.decode(data, declared=part.get_content_charset())
    return text, part.get_content_subtype() == "html"


def _data(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], EmailMessage):
            return inner[0].as_bytes()
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _name(part: EmailMessage, number: int) -> str:
    given = one_line(part.get_filename() or "")
    if given:
        return given
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        subject = header(inner[0], "Subject") if isinstance(inner, list) and isinstance(inner[0], EmailMessage) else ""
        return f"{one_line(subject)[:100] or 'message'}.eml"
    ending = _ENDINGS.get(part.get_content_type()) or f".{part.get_content_subtype().split('+')[0].removeprefix('x-')}"
    return f"part {number}{ending}"
