"""Pages that are pictures: each is a unit that reads its words, so that they are read side by side and tried alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from backend.domain import scans
from backend.domain.content import Content
from backend.domain.errors import Unreadable
from backend.domain.sources import ReadPage, Word
from backend.jobs.ingest import early, read, thumbnails
from backend.jobs.ingest.way import Original
from backend.jobs.job import Context, FanOut, Finish, UnitPlan
from backend.store import document_pages, document_thumbnails, jobs
from backend.store.documents import Document
from backend.store.units import Unit

PAGE = "page"
FAILED_PAGES = "failed_pages"
"""The detail of a document with the numbers of its pages that could not be read."""
_REVISION = 1
"""To be raised when `_kept` keeps something else of the same page."""
_DIGITS = 5


@dataclass(frozen=True)
class Pages:
    """What became of the pages that were to be read: the results of `read_page`, and the errors, by number."""

    found: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    failed: Mapping[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def texts(self) -> dict[int, str]:
        return scans.running({number: _text(page) for number, page in self.found.items()})

    @property
    def warnings(self) -> list[dict[str, str]]:
        """The sentence that names the pages that failed, and why the first did."""
        if not self.failed:
            return []
        count = "One page" if len(self.failed) == 1 else f"{len(self.failed)} pages"
        why = self.failed[min(self.failed)]["message"]
        return [
            {"code": "pages_failed", "message": f"{count} could not be read ({scans.listed([*self.failed])}): {why}"}
        ]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is kept of each page."""
        failed = [{"page": number, "error": error} for number, error in self.failed.items()]
        return [*(_row(number, page) for number, page in self.found.items()), *failed]

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept with the document about the reading."""
        engines = sorted({page["engine"] for page in self.found.values() if page["words"]})
        written = [page["confidence"] for page in self.found.values() if page["words"]]
        confidence = round(sum(written) / len(written), 3) if written else None
        return {
            "ocr": {"engines": engines, "confidence": confidence, "pages": len(self.found) + len(self.failed)},
            FAILED_PAGES: sorted(self.failed),
        }


def fan_out(context: Context, original: Original, numbers: Sequence[int]) -> FanOut:
    """A unit for each page. Those that were read before, by the same engines in the same languages, are taken over."""
    context.stage("ocr")
    key = f"{original.sha256}:{context.services.pages.version}:{_REVISION}"
    return FanOut(PAGE, key, [UnitPlan(f"page {number}", {PAGE: number}) for number in numbers])


def run_unit(context: Context, original: Original) -> dict[str, Any]:
    """Read the page of the unit. Raises Unreadable."""
    return read_page(context, original, context.input[PAGE])


def read_page(context: Context, original: Original, number: int) -> dict[str, Any]:
    """One page as JSON. Raises Unreadable."""
    page = context.services.pages.read(
        original.path,
        media_type=original.media_type,
        page=number,
        password=context.job_input.get("password"),
        cancelled=context.cancelled,
    )
    return _kept(page)


def on_unit(session: Session, unit: Unit, result: dict[str, Any]) -> None:
    """A page was read: it can be looked at, and found by its words, from now on."""
    row = jobs.by_id(session, unit.job_id)
    document = session.get(Document, row.document_id) if row is not None and row.document_id is not None else None
    if document is not None:
        number = unit.input[PAGE]
        document_pages.save(session, unit.owner_id, document.id, [_row(number, result)])
        early.show_page(session, document, number, scans.running({number: _text(result)})[number])


def gathered(units: Sequence[dict[str, Any]]) -> Pages:
    """The pages of ended units."""
    found, failed = {}, {}
    for unit in units:
        number = int(unit["span"].removeprefix("page "))
        if unit["state"] == "SUCCESS":
            found[number] = unit["result"]
        else:
            failed[number] = unit["error"]
    return Pages(found, failed)


def finish(context: Context, original: Original, content: Content, pages: Pages, **details: Any) -> Finish:
    """What the step returns. Raises Unreadable when there is no text, with the reason of the first page that failed."""
    if not content.text.strip():
        raise _reason(pages)
    services = context.services
    version = f"{services.extractor.version}+{services.pages.version}" if pages.found else services.extractor.version
    kept = {**pages.facts, **details} if pages.found or pages.failed else {FAILED_PAGES: [], **details}
    end = read.finish(context, original, content, version, failed_parts=len(pages.failed), **kept)
    thumbnail = thumbnails.draw(context, original)

    def write(session: Session) -> dict[str, Any]:
        document = session.get(Document, original.document_id)
        if document is not None and pages.found:
            early.show_all(session, document, content)
        result = end.write(session)
        document_pages.replace(session, original.owner_id, original.document_id, pages.rows)
        if thumbnail is not None:
            document_thumbnails.save(session, original.owner_id, original.document_id, thumbnail)
        return result

    return Finish(write, warnings=end.warnings)


def _reason(pages: Pages) -> Unreadable:
    if not pages.failed:
        return Unreadable(
            "There are no words on this picture."
            if len(pages.found) == 1
            else f"There are no words on any of the {len(pages.found)} pages.",
            code="no_text",
            hint="Add it again with a description, which is what it will be found by, or add a sharper picture.",
        )
    first = pages.failed[min(pages.failed)]
    if len(pages.failed) == 1 and not pages.found:
        return Unreadable(first["message"], code=first["code"], hint=first["hint"], retryable=first["retryable"])
    which = f"None of the {len(pages.failed)} pages" if not pages.found else f"Page {scans.listed(list(pages.failed))}"
    verb = "can" if not pages.found else "cannot"
    return Unreadable(f"{which} {verb} be read: {first['message']}", code=first["code"], hint=first["hint"])


def _kept(page: ReadPage) -> dict[str, Any]:
    return {
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "engine": page.engine,
        "confidence": round(page.confidence, 3),
        "words": [
            [word.text.replace("\0", ""), *(round(side, _DIGITS) for side in word.box), word.line, word.block]
            for word in page.words
        ],
    }


def _text(page: dict[str, Any]) -> str:
    words = [Word(text, (*box,), line, block, 1.0) for text, *box, line, block in page["words"]]
    return scans.lines_of(words)


def _row(number: int, page: dict[str, Any]) -> dict[str, Any]:
    kept = {name: page[name] for name in ("width", "height", "rotation", "engine", "confidence")}
    return {"page": number, **kept, "boxes": [word[:5] for word in page["words"]]}
