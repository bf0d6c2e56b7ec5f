"""E-mail (RFC 5322): who, when, about what, and the body; attachments are named."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

from backend.domain.text import Piece
from backend.providers.extractors import encodings, refusals, web
from backend.providers.extractors.draft import Draft, Source

_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def read(source: Source) -> Draft:
    """The message as one piece. Raises Unreadable `corrupt` when nothing in it is a header."""
    message = email.message_from_bytes(source.path.read_bytes(), policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not any(_header(message, name) for name in _SHOWN):
        raise refusals.corrupt("e-mail")
    head = "\n".join(f"{name}: {value}" for name in _SHOWN if (value := _header(message, name)))
    draft = Draft(title=_header(message, "Subject") or None)
    draft.pieces.append(Piece(f"{head}\n\n{_body(message)}"))
    draft.metadata = {"from": _header(message, "From"), "date": _header(message, "Date")}
    names = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
    if names:
        draft.metadata["attachments"] = names
        draft.warn("attachments_not_read", f"Attachments are not read yet: {', '.join(names)}.")
    return draft


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, IndexError, AttributeError, TypeError):  # the parser of hostile headers gives up in many ways
        return ""


def _body(message: EmailMessage) -> str:
    """Plain text before HTML; a message without a body of its own may still be one long text part."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    text, _ = encodings.decode(data, declared=part.get_content_charset())
    return web.to_text(text) if part.get_content_subtype() == "html" else text
