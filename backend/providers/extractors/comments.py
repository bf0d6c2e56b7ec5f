"""The comments of Office files, which no reader of the text itself gives."""

from __future__ import annotations

import re

from backend.domain.errors import Unreadable
from backend.domain.text import Piece
from backend.providers.extractors import trees
from backend.providers.extractors.archives import Archive

_MEMBER = re.compile(r"word/comments\.xml|xl/comments\d*\.xml|(?:xl|ppt)/(?:threadedC|c)omments/\w+\.xml")
_SHADOW = "[Threaded comment]"
"""What Excel writes for older versions beside a comment that is told in full in its thread."""
_COMMENT = {"comment", "threadedComment", "cm"}


def piece(archive: Archive) -> Piece:
    """All comments as one piece without a place; its text is empty when there are none."""
    lines: list[str] = []
    for name in archive.names:
        try:
            data = archive.read(name) if _MEMBER.fullmatch(name) else None
            found = [entry for entry in trees.parse(data).iter() if entry.tag in _COMMENT] if data else []
        except Unreadable:  # the document itself may be whole, and that is what counts
            continue
        for comment in found:
            said = trees.text(comment)
            if said and not said.startswith(_SHADOW):
                lines.append(f"{comment.get('author', '')}: {said}".removeprefix(": "))
    return Piece("\n".join(["Comments:", *lines]) if lines else "")
