"""E-mail (RFC 5322): who, when, about what, the words, and the names of what is attached."""

from __future__ import annotations

from backend.domain.text import Piece
from backend.providers.extractors import mime, web
from backend.providers.extractors.draft import Draft, Source


def read(source: Source) -> Draft:
    """The message as one piece. Raises Unreadable `corrupt` when nothing in it is a header."""
    message = mime.parse(source.path)
    head = "\n".join(f"{name}: {value}" for name in mime.SHOWN if (value := mime.header(message, name)))
    body = [web.to_text(text) if html else text for text, html in mime.words(message)]
    draft = Draft(title=mime.header(message, "Subject") or None)
    names = [attached.name for attached in mime.attachments(message)]
    draft.metadata = {"from": mime.header(message, "From"), "date": mime.header(message, "Date")}
    if names:
        draft.metadata["attachments"] = names
        body.append(f"Attachments: {', '.join(names)}")
    draft.pieces.append(Piece("\n\n".join([head, *body])))
    return draft
