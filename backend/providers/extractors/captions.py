"""Subtitles: what is said, in pieces that know the second at which they begin."""

from __future__ import annotations

from backend.domain.text import Piece
from backend.providers.extractors import cues, names, refusals
from backend.providers.extractors.cues import Cue
from backend.providers.extractors.draft import Draft, Source
from backend.providers.extractors.encodings import decode

_PIECE_CHARS = 240
_PAUSE_SECONDS = 4.0
_OF_TEXT = {names.SSA: cues.scripted, names.LRC: cues.sung}


def read(source: Source) -> Draft:
    """A piece for every few lines that belong together. Raises Unreadable `corrupt`."""
    data = source.path.read_bytes()
    if source.media_type == names.TTML:
        return _draft(cues.timed(data))
    text, _ = decode(data)
    found = _OF_TEXT.get(source.media_type, cues.blocks)(text)
    if not found and source.media_type in {names.VTT, names.SRT} and "-->" not in text:
        raise refusals.corrupt("subtitle file")
    return _draft(found)


def _draft(found: list[Cue]) -> Draft:
    draft = Draft()
    last: Cue | None = None
    lines: list[str] = []
    for cue in found:
        pause = last is not None and cue.start - last.end > _PAUSE_SECONDS
        if last is None or pause or sum(map(len, lines)) > _PIECE_CHARS:
            lines = []
            start = int(cue.start) if cue.start == int(cue.start) else round(cue.start, 3)
            draft.pieces.append(Piece("", {"second": start}))
        lines += [line for line in cue.text.split("\n") if line not in lines[-2:]]  # rolling captions say it twice
        draft.pieces[-1] = Piece("\n".join(lines), draft.pieces[-1].place)
        last = cue
    return draft
