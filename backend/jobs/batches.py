"""Many addresses or files at once: a verdict for each line, one transaction for all, and a job that stands for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.addresses import Address
from backend.domain.errors import BoardError, Conflict, InvalidInput, NotFound
from backend.jobs import enqueue, links
from backend.jobs.job import INTERACTIVE
from backend.jobs.services import Services
from backend.jobs.states import OPEN
from backend.store import batches
from backend.store.jobs import JobRow

NEW, HERE, REPEATED, NO_ADDRESS = "new", "already_here", "repeated", "not_an_address"
MOST_LINES = 1000
LONGEST_LINE = 4000
MOST_AT_ONCE = 10_000


@dataclass
class Line:
    """One line: what was given, what is made of it, and, unless it was refused, where it led."""

    given: str
    verdict: str
    address: Address | None = None
    job_id: UUID | None = None
    document_id: int | None = None
    error: dict[str, Any] | None = None

    def row(self) -> dict[str, Any]:
        """The values of its BatchItem."""
        names = ("given", "verdict", "job_id", "document_id", "error")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Begun:
    """A batch and its lines in the order given; `batch_id` is None where nothing was begun."""

    batch_id: UUID | None
    lines: list[Line]

    @property
    def queued(self) -> int:
        """How many lines have a new job."""
        return sum(1 for line in self.lines if line.verdict == NEW)


def read(services: Services, given: Iterable[str]) -> list[Line]:
    """The lines that are not blank, each read once: what is no address, or one nobody may fetch, says so.

    Raises InvalidInput (`no_lines`, `too_many_lines`).
    """
    lines: list[Line] = []
    seen: set[str] = set()
    for text in given:
        if not text.strip():
            continue
        if len(lines) == MOST_LINES:
            raise InvalidInput(
                f"These are more than {MOST_LINES:,} addresses.", code="too_many_lines", hint="Send them in parts."
            )
        try:
            address = links.read(services, text)
        except BoardError as error:
            lines.append(Line(text[:LONGEST_LINE], NO_ADDRESS, error=error.as_json()))
            continue
        lines.append(Line(text, REPEATED if address.key in seen else NEW, address))
        seen.add(address.key)
    if not lines:
        raise InvalidInput("There is no address in this list.", code="no_lines", hint="Send one address in each line.")
    return lines


def look(services: Services, owner_id: int, lines: list[Line]) -> Begun:
    """What would become of the lines, without beginning anything."""
    with services.database.session(owner_id) as session:
        here = links.known(session, owner_id, [line.address for line in lines if line.address])
    for line in lines:
        document = here.get(line.address.key) if line.address else None
        if document is not None:
            line.document_id = document.id
            line.verdict = HERE if line.verdict == NEW else line.verdict
    return Begun(None, lines)


def begin(services: Services, session: Session, owner_id: int, lines: list[Line]) -> Begun:
    """Documents and jobs for all new addresses, in the caller's transaction; it rings "uploads" after its commit.

    Raises TooMany (`too_many_jobs`): then nothing was begun at all.
    """
    batch_id = start(services, session, owner_id, "link")
    _accept(services, session, owner_id, batch_id, lines)
    return Begun(batch_id, lines)


def start(services: Services, session: Session, owner_id: int, of: str) -> UUID:
    """The job of a new batch of links or files. Nobody waits behind it: it only waits itself."""
    attempts = services.settings.max_attempts
    return enqueue.enqueue(
        session, kind=batches.KIND, owner_id=owner_id, input={"of": of}, max_attempts=attempts, priority=INTERACTIVE
    ).id


def extend(services: Services, session: Session, owner_id: int, batch_id: UUID, given: Sequence[str]) -> Begun:
    """More lines for a batch that is under way, such as the videos of a playlist that was one of its lines."""
    lines = read(services, given)
    _accept(services, session, owner_id, batch_id, lines)
    return Begun(batch_id, lines)


def _accept(services: Services, session: Session, owner_id: int, batch_id: UUID, lines: list[Line]) -> None:
    readable = [line for line in lines if line.address is not None]
    wanted = [line.address for line in readable if line.address is not None]
    held = bool(batches.paused(session, [batch_id]))
    accepted = links.accept(services, session, owner_id, wanted, batch=batch_id, paused=held)
    for line, became in zip(readable, accepted, strict=True):
        line.job_id, line.document_id = became.job_id, became.document_id
        if line.verdict == NEW and became.queue is None:
            line.verdict = HERE
    batches.add_items(session, owner_id, batch_id, [line.row() for line in lines])


def pause(session: Session, owner_id: int, batch_id: UUID, *, paused: bool) -> None:
    """Hold a batch back, or let it go on. Raises NotFound, Conflict (`already_finished`)."""
    batches.get(session, owner_id, batch_id, lock=True)
    if not batches.set_paused(session, batch_id, paused=paused):
        raise Conflict("Nothing of this batch waits or runs any more.", code="already_finished", hint="It has ended.")


def cancel(session: Session, owner_id: int, batch_id: UUID) -> None:
    """Cancel all that has not ended. Raises NotFound, Conflict (`already_finished`)."""
    row = batches.get(session, owner_id, batch_id, lock=True)
    if row.state in OPEN:
        enqueue.cancel(session, owner_id, batch_id)
    else:  # lines that were retried after the end of the batch
        _each(
            session,
            owner_id,
            batch_id,
            ("waiting", "running"),
            lambda job_id: enqueue.cancel(session, owner_id, job_id),
        )


def retry(services: Services, session: Session, owner_id: int, batch_id: UUID) -> int:
    """Try again what failed or was cancelled; how many lines. Raises NotFound, Conflict (`not_failed`)."""
    batches.get(session, owner_id, batch_id, lock=True)
    attempts = services.settings.max_attempts

    def again(job_id: UUID) -> JobRow:
        return enqueue.retry(session, owner_id, job_id, max_attempts=attempts)

    done = _each(session, owner_id, batch_id, ("failed", "cancelled"), again)
    if not done:
        raise Conflict("No line of this batch has failed.", code="not_failed", hint="There is nothing to try again.")
    return done


def _each(
    session: Session, owner_id: int, batch_id: UUID, groups: Sequence[str], work: Callable[[UUID], object]
) -> int:
    """Do it to the job of every line in one of the groups; how many there were."""
    done = 0
    found = {
        item.job_id
        for group in groups
        for item in batches.items(session, owner_id, batch_id, limit=MOST_AT_ONCE, only=group)
        if item.job_id is not None
    }
    for job_id in sorted(found):
        with suppress(Conflict, NotFound):  # it has moved on, or its document is gone
            work(job_id)
            done += 1
    return done
