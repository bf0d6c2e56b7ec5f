"""Which documents have which tags, by a person or by a rule, and which a person took off again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, DateTime, ForeignKey, Text, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.errors import NotFound
from backend.store import tags
from backend.store.database import Base
from backend.store.documents import Document
from backend.store.tags import Tag

PERSON, RULE = "person", "rule"


class DocumentTag(Base):
    """A tag on a document. One that a rule gave follows the rule; one that a person gave stays."""

    __tablename__ = "document_tags"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class RefusedTag(Base):
    """A tag that a person took off a document: no rule puts it back."""

    __tablename__ = "document_tags_refused"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)


class Tagged(NamedTuple):
    """A tag as a document has it; `source` is PERSON or RULE."""

    tag: Tag
    source: str


BY_RULE = text(
    """INSERT INTO document_tags (document_id, tag_id, owner_id, source)
       SELECT document_id, :tag_id, :owner_id, 'rule' FROM unnest(CAST(:ids AS bigint[])) AS row (document_id)
       WHERE NOT EXISTS (SELECT FROM document_tags_refused AS refused
                         WHERE refused.document_id = row.document_id AND refused.tag_id = :tag_id)
       ORDER BY document_id ON CONFLICT DO NOTHING"""
)
MOVE = text(
    """INSERT INTO document_tags (document_id, tag_id, owner_id, source)
       SELECT document_id, :into, owner_id, min(source) FROM document_tags
       WHERE tag_id = ANY(:tag_ids) AND owner_id = :owner_id GROUP BY document_id, owner_id ORDER BY document_id
       ON CONFLICT (document_id, tag_id) DO UPDATE SET source = least(document_tags.source, excluded.source)"""
)


def of_documents(session: Session, owner_id: int, document_ids: Sequence[int]) -> dict[int, list[Tagged]]:
    """The tags of each document, by name: one query for all of them."""
    found: dict[int, list[Tagged]] = {document_id: [] for document_id in document_ids}
    rows = session.execute(
        select(DocumentTag.document_id, Tag, DocumentTag.source)
        .join(Tag, Tag.id == DocumentTag.tag_id)
        .where(DocumentTag.document_id.in_(document_ids), DocumentTag.owner_id == owner_id)
        .order_by(Tag.key)
    )
    for document_id, tag, source in rows:
        found[document_id].append(Tagged(tag, source))
    return found


def put(session: Session, owner_id: int, document_id: int, names: Mapping[str, str]) -> None:
    """Let a document have exactly the tags of these names (by key: as shown), made where they are missing.

    What it loses by this no rule puts back. Raises NotFound, Conflict (`too_many_tags`).
    """
    lock(session, owner_id, [document_id])
    named = {tag.id for tag in tags.ensure(session, owner_id, names).values()}
    had = {tagged.tag.id for tagged in of_documents(session, owner_id, [document_id])[document_id]}
    there = tags.keep(session, owner_id, named | had)
    _take_off(session, owner_id, [document_id], (had - named) & there)
    _give(session, owner_id, [document_id], (named - had) & there)


def change(
    session: Session, owner_id: int, document_ids: Collection[int], *, add: Mapping[str, str], remove: Iterable[str]
) -> None:
    """Give tags to many documents (`add`, by key: as shown) and take others (`remove`, keys) off them.

    Raises NotFound when one of the documents is not there, Conflict (`too_many_tags`).
    """
    lock(session, owner_id, document_ids)
    given = {tag.id for tag in tags.ensure(session, owner_id, add).values()}
    gone = session.scalars(select(Tag.id).where(Tag.owner_id == owner_id, Tag.key.in_(set(remove) - set(add)))).all()
    there = tags.keep(session, owner_id, {*given, *gone})
    _take_off(session, owner_id, document_ids, set(gone) & there)
    _give(session, owner_id, document_ids, given & there)


def by_rule(session: Session, owner_id: int, tag_id: int, matching: Sequence[int], others: Sequence[int]) -> int:
    """Let a rule's tag be on `matching` documents, and on `others` only where a person put it; how many it is put on.

    Nothing changes where it is right already, and a document whose person took it off keeps it off. The documents are
    locked: a person who takes it off at this moment comes before or after, never in between.
    """
    session.execute(
        delete(DocumentTag).where(
            DocumentTag.tag_id == tag_id,
            DocumentTag.owner_id == owner_id,
            DocumentTag.source == RULE,
            DocumentTag.document_id.in_(others),
        )
    )
    put_on = session.execute(BY_RULE, {"tag_id": tag_id, "owner_id": owner_id, "ids": list(matching)})
    return int(getattr(put_on, "rowcount", 0))


def keep_all(session: Session, owner_id: int, tag_id: int) -> None:
    """A tag that loses its rule stays where it is, as if a person had put it there."""
    session.execute(
        update(DocumentTag)
        .where(DocumentTag.tag_id == tag_id, DocumentTag.owner_id == owner_id, DocumentTag.source == RULE)
        .values(source=PERSON)
    )


def move(session: Session, owner_id: int, tag_ids: Sequence[int], into: int) -> None:
    """Put the tag `into` on every document that has one of `tag_ids`."""
    session.execute(MOVE, {"tag_ids": list(tag_ids), "into": into, "owner_id": owner_id})


def lock(session: Session, owner_id: int, document_ids: Collection[int], *, all_there: bool = True) -> None:
    """Let nobody else change the tags of these documents until the transaction ends. Raises NotFound.

    Documents are locked before tags, everywhere: nobody waits in a circle.
    """
    wanted = set(document_ids)
    locked = session.scalars(
        select(Document.id)
        .where(Document.id.in_(wanted), Document.owner_id == owner_id, Document.deleted_at.is_(None))
        .order_by(Document.id)
        .with_for_update(key_share=True)
    ).all()
    if all_there and len(locked) < len(wanted):
        raise NotFound("There is no such document.", code="document_not_found")


def _give(session: Session, owner_id: int, document_ids: Collection[int], tag_ids: Collection[int]) -> None:
    if not tag_ids:
        return
    rows = [
        {"document_id": document_id, "tag_id": tag_id, "owner_id": owner_id, "source": PERSON}
        for document_id in sorted(set(document_ids))
        for tag_id in sorted(tag_ids)
    ]
    statement = insert(DocumentTag)
    session.execute(
        statement.on_conflict_do_update(index_elements=["document_id", "tag_id"], set_={"source": PERSON}), rows
    )
    session.execute(delete(RefusedTag).where(*_both(RefusedTag, owner_id, document_ids, tag_ids)))


def _take_off(session: Session, owner_id: int, document_ids: Collection[int], tag_ids: Collection[int]) -> None:
    """Only a tag that was there is refused."""
    if not tag_ids:
        return
    gone = session.execute(
        delete(DocumentTag)
        .where(*_both(DocumentTag, owner_id, document_ids, tag_ids))
        .returning(DocumentTag.document_id, DocumentTag.tag_id)
    ).all()
    rows = [{"document_id": row.document_id, "tag_id": row.tag_id, "owner_id": owner_id} for row in gone]
    if rows:
        session.execute(insert(RefusedTag).on_conflict_do_nothing(), rows)


def _both(
    table: type[DocumentTag | RefusedTag], owner_id: int, document_ids: Collection[int], tag_ids: Collection[int]
) -> tuple[Any, ...]:
    return (table.owner_id == owner_id, table.document_id.in_(document_ids), table.tag_id.in_(tag_ids))
