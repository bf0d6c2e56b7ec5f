"""Rules of tags at work: the tags they give to documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.domain import tags
from backend.domain.tags import Facts, Rule
from backend.store import document_facts, document_tags
from backend.store import tags as stored
from backend.store.tags import Tag


class Applied(NamedTuple):
    """What a rule did: on how many documents it holds, and to how many of them it newly gave its tag."""

    matched: int
    given: int


def apply(session: Session, owner_id: int, tag_id: int, document_ids: Sequence[int]) -> Applied | None:
    """Let the tag's rule look at these documents; None when there is no such tag or it has no rule.

    The tag is given where the rule holds, and taken back from the others it was given to.
    """
    document_tags.lock(session, owner_id, document_ids, all_there=False)
    ruled = {tag.id: tag for tag in stored.with_rules(session, owner_id)}
    if tag_id not in ruled:
        return None
    with_text = tags.asks_for_text(_rule(ruled[tag_id]))
    facts = document_facts.of_documents(session, owner_id, document_ids, with_text=with_text)
    return _applied(session, ruled[tag_id], facts)


def apply_all(session: Session, owner_id: int, document_id: int, text: str | None = None) -> list[str]:
    """Let every rule of the board look at one document; the names of the tags that were newly given.

    `text` is that of the document, folded: whoever has it saves reading and folding it in the transaction.
    """
    document_tags.lock(session, owner_id, [document_id], all_there=False)
    ruled = stored.with_rules(session, owner_id)
    if not ruled:
        return []
    wanted = text is None and any(tags.asks_for_text(_rule(tag)) for tag in ruled)
    facts = document_facts.of_documents(session, owner_id, [document_id], with_text=wanted)
    if text is not None:
        facts = {found: of._replace(text=(text,)) for found, of in facts.items()}
    return [tag.name for tag in ruled if _applied(session, tag, facts).given]


def ask_for_text(session: Session, owner_id: int) -> bool:
    """Whether some rule of the board reads documents."""
    return any(tags.asks_for_text(_rule(tag)) for tag in stored.with_rules(session, owner_id))


def _applied(session: Session, tag: Tag, facts: dict[int, Facts]) -> Applied:
    rule = _rule(tag)
    holds = {document_id: tags.matches(rule, of) for document_id, of in facts.items()}
    matching = [document_id for document_id, does in holds.items() if does]
    others = [document_id for document_id, does in holds.items() if not does]
    return Applied(len(matching), document_tags.by_rule(session, tag.owner_id, tag.id, matching, others))


def _rule(tag: Tag) -> Rule:
    return Rule.model_validate(tag.rule)
