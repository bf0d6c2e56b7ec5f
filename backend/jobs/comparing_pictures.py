"""Looks at pictures, and compares what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from backend.domain import likeness, looks
from backend.domain.errors import BoardError
from backend.domain.looks import Look
from backend.domain.signatures import Kind
from backend.jobs.job import Context
from backend.store import duplicate_candidates, duplicate_pairs, picture_signatures, signatures
from backend.store.documents import Document
from backend.store.duplicate_pairs import Compared
from backend.store.picture_signatures import Seen

log = structlog.get_logger(__name__)

AT_ONCE = 8
BEST = 8
"""Candidates of a new picture that are compared at once; the next scan compares all."""


def seen(context: Context, path: Path, media_type: str) -> Look | None:
    """What a picture looks like; None where it cannot be opened, which is for its reading to say."""
    try:
        return looks.look(context.services.renderer.grey(path, media_type=media_type, side=looks.SIDE))
    except BoardError as error:
        log.info("no_look", job_id=str(context.job_id), code=error.code)
        return None


def keep(session: Session, owner_id: int, document_id: int, look: Look | None) -> None:
    """Keep what a picture looks like (None: nothing); what comparing it gave goes, if it was another."""
    if picture_signatures.put(session, owner_id, document_id, look):
        duplicate_pairs.forget(session, owner_id, document_id, duplicate_pairs.PICTURE)


def compare_one(session: Session, owner_id: int, document_id: int) -> None:
    """Compare a picture with the likeliest of those on the board; once its words are known, for they count too."""
    found = picture_signatures.of(session, owner_id, [document_id]).get(document_id)
    if found is None:
        return
    keys = {Kind.PICTURE: looks.look(found.grey).keys}
    met = duplicate_candidates.meeting(session, owner_id, document_id, keys, limit=BEST)
    pairs = [(min(document_id, other), max(document_id, other)) for other in met]
    duplicate_pairs.put(session, owner_id, duplicate_pairs.PICTURE, by_looks(session, owner_id, pairs))


def sign_all(context: Context) -> None:
    """Look at every picture on the board that was not looked at as this version does it."""
    services, owner_id = context.services, context.owner_id
    with services.database.session(owner_id) as session:
        total = picture_signatures.count_unsigned(session, owner_id)
    done = last = 0
    while True:
        with services.database.session(owner_id) as session:
            rows = picture_signatures.unsigned(session, owner_id, after=last, limit=AT_ONCE)
        if not rows:
            return
        found = {row.id: _look_at(context, row) for row in rows}
        with services.database.session(owner_id) as session:
            for number, look in found.items():
                keep(session, owner_id, number, look)
        last, done = rows[-1].id, done + len(rows)
        context.progress(done / max(total, 1), f"Looking at {total:,} pictures, {done:,} are done...")
        context.check()


def by_looks(session: Session, owner_id: int, pairs: list[tuple[int, int]]) -> list[Compared]:
    """What pairs of pictures look like beside each other; those with numbers on them must have the same ones."""
    ids = {number for pair in pairs for number in pair}
    grey = picture_signatures.of(session, owner_id, ids)
    texts = signatures.texts_of(session, owner_id, ids)
    return [_compare(a, b, grey, texts) for a, b in pairs if a in grey and b in grey]


def _compare(a: int, b: int, grey: Mapping[int, Seen], texts: Mapping[int, str]) -> Compared:
    found = looks.likeness(grey[a].grey, grey[b].grey)
    same = looks.is_same(found) and not likeness.numbers_differ(texts.get(a, ""), texts.get(b, ""))
    alike = min(max(found[0], 0.0), 1.0)
    return Compared(
        a, b, "image" if same else None, alike, alike, alike, digest_a=grey[a].digest, digest_b=grey[b].digest
    )


def _look_at(context: Context, row: Document) -> Look | None:
    services = context.services
    if row.details.get("page_count", 1) != 1:  # two faxes with one cover are not one fax
        return None
    try:
        path = services.blobs.path(row.blob_sha256 or "")
    except BoardError as error:
        log.warning("no_original", document_id=row.id, code=error.code)
        return None
    return seen(context, path, services.extractor.sniff(path, row.filename))
