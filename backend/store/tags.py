"""Tags of a person's board: their names, colours and rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Text, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain import tags
from backend.domain.errors import Conflict, NotFound
from backend.store.database import Base


class Tag(Base):
    """One tag of one board. `key` is its name as names are compared, unique among the person's tags."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def create(
    session: Session, owner_id: int, name: tuple[str, str], colour: str | None, rule: dict[str, Any] | None
) -> Tag:
    """A new tag; `name` is as shown and as compared. Raises Conflict (`name_taken`, `too_many_tags`)."""
    shown, key = name
    _check_room(session, owner_id, 1)
    statement = insert(Tag).values(
        owner_id=owner_id, key=key, name=shown, colour=colour or tags.colour_for(key), rule=rule
    )
    statement = statement.on_conflict_do_nothing(index_elements=["owner_id", "key"])
    created: Tag | None = session.scalar(statement.returning(Tag))
    if created is None:
        raise _taken(shown)
    return created


def ensure(session: Session, owner_id: int, names: Mapping[str, str]) -> dict[str, Tag]:
    """The tags of these names (by key: as shown), made where they are missing. Raises Conflict (`too_many_tags`)."""
    known = _of_keys(session, owner_id, names)
    missing = sorted(set(names) - set(known))
    if not missing:
        return known
    _check_room(session, owner_id, len(missing))
    rows = [
        {"owner_id": owner_id, "key": key, "name": names[key], "colour": tags.colour_for(key)}
        for key in missing  # two requests at once take them in the same order and cannot deadlock
    ]
    session.execute(insert(Tag).on_conflict_do_nothing(index_elements=["owner_id", "key"]), rows)
    return _of_keys(session, owner_id, names)


def _of_keys(session: Session, owner_id: int, keys: Mapping[str, str]) -> dict[str, Tag]:
    found = session.scalars(select(Tag).where(Tag.owner_id == owner_id, Tag.key.in_(keys)))
    return {tag.key: tag for tag in found}


def get(session: Session, owner_id: int, tag_id: int, *, lock: bool = False) -> Tag:
    """The tag, locked until the transaction ends when it is about to change. Raises NotFound."""
    statement = select(Tag).where(Tag.id == tag_id, Tag.owner_id == owner_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("There is no such tag.", code="tag_not_found")
    return found


def keep(session: Session, owner_id: int, tag_ids: Collection[int]) -> set[int]:
    """Those of the tags that are there, which nobody deletes until the transaction ends."""
    kept = select(Tag.id).where(Tag.id.in_(tag_ids), Tag.owner_id == owner_id).order_by(Tag.id)
    return set(session.scalars(kept.with_for_update(read=True, key_share=True)))


def rename(session: Session, tag: Tag, name: tuple[str, str]) -> None:
    """Give a tag another name. Raises Conflict (`name_taken`)."""
    shown, key = name
    other = select(Tag.id).where(Tag.owner_id == tag.owner_id, Tag.key == key, Tag.id != tag.id)
    if session.scalar(other) is not None:
        raise _taken(shown)
    tag.name, tag.key = shown, key
    _changed(session, tag)


def paint(session: Session, tag: Tag, colour: str) -> None:
    """Give a tag another colour, one of COLOURS."""
    tag.colour = colour
    _changed(session, tag)


def set_rule(session: Session, tag: Tag, rule: dict[str, Any] | None) -> None:
    """Give a tag another rule or none; which documents have it changes when the rule is applied."""
    tag.rule = rule
    _changed(session, tag)


def remove(session: Session, tags_: list[Tag]) -> None:
    """Take tags off the board and off all documents."""
    session.execute(delete(Tag).where(Tag.id.in_([tag.id for tag in tags_])))


def with_rules(session: Session, owner_id: int) -> list[Tag]:
    """The tags that have a rule, which nobody deletes until the transaction ends."""
    ruled = select(Tag).where(Tag.owner_id == owner_id, Tag.rule.is_not(None)).order_by(Tag.id)
    fresh = ruled.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def _check_room(session: Session, owner_id: int, more: int) -> None:
    count = session.scalar(select(func.count()).select_from(Tag).where(Tag.owner_id == owner_id)) or 0
    if count + more > tags.MOST_OF_A_BOARD:
        raise Conflict(
            f"A board has at most {tags.MOST_OF_A_BOARD} tags.",
            code="too_many_tags",
            hint="Merge or delete some that are hardly used.",
        )


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is a tag “{name}” already.", code="name_taken", hint="Take another name, or merge the two tags."
    )


def _changed(session: Session, tag: Tag) -> None:
    tag.updated_at = func.now()
    session.flush()
    session.refresh(tag)
