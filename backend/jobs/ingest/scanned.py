"""Reading PDFs: pages with a text layer as they stand, pages that are pictures by their words (OCR), in one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from backend.domain.content import WITHOUT_TEXT, Content
from backend.domain.text import Piece, assemble
from backend.jobs.ingest import ocr_pages
from backend.jobs.ingest.ocr_pages import Pages
from backend.jobs.ingest.way import Original, Way
from backend.jobs.job import Context, FanOut, Finish


def begin(context: Context, original: Original) -> Finish | FanOut:
    """Read the text layer; pages without one are read as units, or at once where there is but one page.

    Raises Unreadable.
    """
    context.stage("extracting_text")
    layer = _layer(context, original)
    numbers = layer.metadata.get(WITHOUT_TEXT, [])
    if not numbers:
        return _finish(context, original, layer, Pages())
    if layer.metadata["page_count"] > 1:
        return ocr_pages.fan_out(context, original, numbers)
    context.stage("ocr")
    return _finish(context, original, layer, Pages({1: ocr_pages.read_page(context, original, 1)}))


def gather(context: Context, original: Original, units: Sequence[dict[str, Any]]) -> Finish:
    """Put all pages together in their order. Raises Unreadable when there is no text on any."""
    return _finish(context, original, _layer(context, original), ocr_pages.gathered(units))


def _layer(context: Context, original: Original) -> Content:
    return context.services.extractor.extract(
        original.path,
        filename=original.filename,
        media_type=original.media_type,
        password=context.job_input.get("password"),
        cancelled=context.cancelled,
        source_url=original.source_url,
    )


def _finish(context: Context, original: Original, layer: Content, pages: Pages) -> Finish:
    count = layer.metadata.get("page_count")
    return ocr_pages.finish(context, original, _joined(layer, pages), pages, page_count=count)


def _joined(layer: Content, pages: Pages) -> Content:
    """The text layer with the pages that were read put where they belong."""
    if not pages.found:
        return replace(layer, warnings=(*layer.warnings, *pages.warnings))
    texts = {part.place.get("page", 0): layer.text[part.start : part.end] for part in layer.parts}
    # what was stamped on a scan stands on its picture too; should no word be found there, the stamp is what there is
    texts |= {number: text for number, text in pages.texts.items() if text}
    text, parts = assemble(Piece(texts[number], {"page": number}) for number in sorted(texts))
    return replace(
        layer,
        text=text,
        parts=parts,
        language=layer.language if 2 * len(layer.text) > len(text) else None,
        warnings=(*layer.warnings, *pages.warnings),
    )


WAY = Way(name="scanned", begin=begin, run_unit=ocr_pages.run_unit, gather=gather, on_unit=ocr_pages.on_unit)
