"""Word (docx): the text by kreuzberg, and the comments, which it leaves out."""

from __future__ import annotations

from backend.domain.errors import Unreadable
from backend.domain.text import Piece
from backend.providers.extractors import by_kreuzberg, trees
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.draft import Draft, Source


def read(source: Source) -> Draft:
    """The document, then its comments. Raises Unreadable `corrupt`."""
    draft = by_kreuzberg.read(source)
    try:
        with Archive(source.path) as archive:
            data = archive.read("word/comments.xml")
            comments = list(trees.parse(data).iter("comment")) if data else []
    except Unreadable:  # the text itself was readable, and that is what counts
        draft.warn("comments_unreadable", "The comments of this document could not be read.")
        return draft
    lines = [f"{comment.get('author', '')}: {trees.text(comment)}".removeprefix(": ") for comment in comments]
    if lines:
        draft.pieces.append(Piece("\n".join(["Comments:", *lines])))
    return draft
