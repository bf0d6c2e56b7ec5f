"""Reading pictures: what a person said of them, and the words on them, page by page where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from backend.domain.content import Content
from backend.domain.errors import Unreadable
from backend.domain.sources import Picture
from backend.domain.text import Piece, assemble
from backend.jobs import comparing_pictures
from backend.jobs.ingest import ocr_pages
from backend.jobs.ingest.ocr_pages import Pages
from backend.jobs.ingest.way import Original, Way
from backend.jobs.job import Context, FanOut, Finish


def begin(context: Context, original: Original) -> Finish | FanOut:
    """Read the one page at once, or plan a unit for each of several. Raises Unreadable."""
    context.stage("ocr")
    picture = _look(context, original)
    if picture.frames > 1:
        return ocr_pages.fan_out(context, original, range(1, picture.frames + 1))
    return _finish(context, original, picture, Pages({1: ocr_pages.read_page(context, original, 1)}))


def gather(context: Context, original: Original, units: Sequence[dict[str, Any]]) -> Finish:
    """Put the pages together. Raises Unreadable when there is no text on any and nobody said anything of it."""
    return _finish(context, original, _look(context, original), ocr_pages.gathered(units))


def _look(context: Context, original: Original) -> Picture:
    return context.services.renderer.look(original.path, media_type=original.media_type, cancelled=context.cancelled)


def _finish(context: Context, original: Original, picture: Picture, pages: Pages) -> Finish:
    said = str(original.details.get("description") or "")
    text, parts = assemble([Piece(said), *(Piece(text, {"page": number}) for number, text in pages.texts.items())])
    content = Content(text, original.media_type, parts=parts, warnings=tuple(pages.warnings))
    details = {
        "page_count": picture.frames,
        "width": picture.width,
        "height": picture.height,
        "taken_at": picture.taken_at.isoformat() if picture.taken_at else None,
        "camera": picture.camera,
    }
    look = comparing_pictures.seen(context, original.path, original.media_type) if picture.frames == 1 else None
    owner_id, document_id = original.owner_id, original.document_id
    try:
        end = ocr_pages.finish(context, original, content, pages, **details)
    except Unreadable:
        # a picture without a word is on the board all the same; what it looks like is known of its bytes alone
        with context.services.database.session(owner_id) as session:
            comparing_pictures.keep(session, owner_id, document_id, look)
            comparing_pictures.compare_one(session, owner_id, document_id)
        raise

    def write(session: Session) -> dict[str, Any]:
        comparing_pictures.keep(session, owner_id, document_id, look)
        return end.write(session)

    return replace(end, write=write)


WAY = Way(name="images", begin=begin, run_unit=ocr_pages.run_unit, gather=gather, on_unit=ocr_pages.on_unit)
