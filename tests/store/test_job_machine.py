"""Every move of the job table in any order, on a real PostgreSQL, against a model of a few dozen lines in memory."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain.errors import Conflict
from backend.jobs import enqueue, finish, kinds
from backend.jobs.dispatch import Reaper
from backend.jobs.job import FanOut, Finish, Stopped, UnitPlan
from backend.jobs.states import FAILURE, FINISHED, PENDING, PROCESSING, RETRY, REVOKED, SUCCESS
from backend.store import doorbells, moves, units
from backend.store.database import EVERYONE, Database
from backend.store.jobs import JobRow
from backend.store.units import Unit
from tests import probes
from tests.conftest import add_user
from tests.store.job_model import Model, Part

MOST_TRIES = 2
LEASE = 3600.0
"""No lease runs out by itself here: `run_out` decides."""

MOST_OPEN, LATEST = 2, 4
"""Few jobs, and mostly the last few claims: so that the moves of one job meet each other."""

MOVES = {
    "enqueue": 3, "cancel": 1, "retry": 1, "take": 4, "take_and_do": 12, "take_and_freeze": 4, "beat_and_tell": 2,
    "finish_step": 4, "fail": 2, "finish_unit": 6, "run_out": 1, "reap": 1,
}  # fmt: skip
OFTEN = [move for move, times in MOVES.items() for _ in range(times)]

QUEUES = ("uploads", "uploads", "analysis")
KINDS = ("probe", "probe_one", "probe_fan", "probe_fan")
UNITS = 2


class JobMachine(RuleBasedStateMachine):
    """`claims` and `unit_claims` keep every claim ever handed out: late holders go on trying to write."""

    database: Database
    reached: Counter[str]

    @initialize()
    def empty(self) -> None:
        self.jobs: dict[UUID, Model] = {}
        self.claims: list[JobRow] = []
        self.unit_claims: list[Unit] = []
        with self.database.session(EVERYONE) as session:
            session.execute(text("TRUNCATE jobs, units, job_attempts, effects CASCADE"))
            session.execute(text("DELETE FROM users"))
        self.owner = add_user(self.database, "ada", owner=True)

    @rule(move=st.sampled_from(OFTEN), data=st.data())
    def next_move(self, move: str, data: st.DataObject) -> None:
        """One rule for all moves: Hypothesis leaves some rules out of each run, and seldom leaves in all that a job
        needs to come to its end."""
        if move == "enqueue" and sum(model.state not in FINISHED for model in self.jobs.values()) < MOST_OPEN:
            self.enqueue(data.draw(st.sampled_from(KINDS)))
        elif move in ("cancel", "retry") and self.jobs:
            job_id = data.draw(st.sampled_from(list(self.jobs)))
            self.cancel(job_id) if move == "cancel" else self.retry(job_id)
        elif move in ("take", "take_and_do", "take_and_freeze"):
            getattr(self, move)(data.draw(st.sampled_from(QUEUES)))
        elif move in ("beat_and_tell", "finish_step", "fail") and self.claims:
            row = data.draw(st.sampled_from(self.claims[-LATEST:]))
            if move == "fail":
                self.fail(row, data.draw(st.sampled_from(["retryable", "final", "forgiven"])))
            else:
                getattr(self, move)(row)
        elif move == "finish_unit" and self.unit_claims:
            unit = data.draw(st.sampled_from(self.unit_claims[-LATEST:]))
            self.finish_unit(unit, data.draw(st.sampled_from(["done", "done", "failed", "again"])))
        elif move == "run_out" and (self.claims or self.unit_claims):
            self.run_out(data.draw(st.sampled_from([*self.claims[-LATEST:], *self.unit_claims[-LATEST:]])))
        elif move == "reap":
            self.reap()

    # what people do

    def enqueue(self, kind: str) -> None:
        with self.database.session(self.owner) as session:
            wanted = {"units": UNITS} if kind == "probe_fan" else {}
            row = enqueue.enqueue(session, kind=kind, owner_id=self.owner, input=wanted, max_attempts=MOST_TRIES)
        self.jobs[row.id] = Model(kind, row.step, row.queue)

    def cancel(self, job_id: UUID) -> None:
        model = self.jobs[job_id]
        if model.state in (SUCCESS, FAILURE):
            with pytest.raises(Conflict), self.database.session(self.owner) as session:
                enqueue.cancel(session, self.owner, job_id)
            return
        with self.database.session(self.owner) as session:
            enqueue.cancel(session, self.owner, job_id)
        if model.state == PROCESSING and not model.fanned_out:
            model.cancelling = True
        elif model.state != REVOKED:
            model.end(REVOKED)

    def retry(self, job_id: UUID) -> None:
        model = self.jobs[job_id]
        if model.state in (SUCCESS, PROCESSING):
            with pytest.raises(Conflict), self.database.session(self.owner) as session:
                enqueue.retry(session, self.owner, job_id, max_attempts=MOST_TRIES)
            return
        with self.database.session(self.owner) as session:
            new = enqueue.retry(session, self.owner, job_id, max_attempts=MOST_TRIES)
        if model.state in (PENDING, RETRY):
            assert new.id == job_id, "a waiting job is only let go"
        elif model.retried_as:
            assert new.id == model.retried_as, "asking twice makes one job"
        else:
            model.retried_as = new.id
            self.jobs[new.id] = Model(model.kind, model.step, model.queue)

    # what workers do

    def take(self, queue: str) -> None:
        self.claim(queue)

    def take_and_do(self, queue: str) -> None:
        """The ordinary course, which chance alone would seldom find."""
        claimed = self.claim(queue)
        if isinstance(claimed, Unit):
            self.finish_unit(claimed, "done")
        elif claimed:
            self.finish_step(claimed)

    def take_and_freeze(self, queue: str) -> None:
        """The claim stays among the late ones, whose holders may wake at any time."""
        claimed = self.claim(queue)
        if claimed:
            self.run_out(claimed)
            self.reap()
            self.claim(queue)
        if isinstance(claimed, Unit):
            self.finish_unit(claimed, "done")

    def claim(self, queue: str) -> JobRow | Unit | None:
        known = [f"{job.kind}/{step.name}" for job in kinds.ALL + probes.ALL for step in job.steps]
        waiting = (PENDING, RETRY)
        runnable = {job_id for job_id, m in self.jobs.items() if m.queue == queue and m.state in waiting}
        parts = {
            (job_id, ordinal)
            for job_id, m in self.jobs.items()
            for ordinal, part in enumerate(m.parts)
            if m.queue == queue and m.fanned_out and part.state in waiting
        }
        with self.database.session(EVERYONE) as session:
            head, unit_head = moves.head(session, queue, known), units.head(session, queue, known)
            assert (head is None) == (not runnable)
            assert (unit_head is None) == (not parts)
            if head:
                row = moves.claim(session, head.job_id, worker="machine", lease=LEASE)
            elif unit_head and unit_head.ordinal is not None:
                unit = units.claim(session, unit_head.job_id, unit_head.ordinal, worker="machine", lease=LEASE)
        if head:
            model = self.jobs[row.id]
            model.state, model.fence, model.attempt = PROCESSING, model.fence + 1, model.attempt + 1
            self.claims.append(row)
            return row
        if unit_head:
            part = self.jobs[unit.job_id].parts[unit.ordinal]
            part.state, part.fence, part.attempt = PROCESSING, part.fence + 1, part.attempt + 1
            self.unit_claims.append(unit)
            return unit
        return None

    def beat_and_tell(self, row: JobRow) -> None:
        percent = 90.0 / (1 + len(self.claims))  # later ones say less: percent must not fall for it
        model = self.jobs[row.id]
        with self.database.session(self.owner) as session:
            answers = {
                moves.watch(session, row.id, row.fence),
                moves.beat(session, row.id, row.fence, lease=LEASE),
                moves.progress(session, row.id, row.fence, stage="decoding", message="", percent=percent),
            }
        if model.held_by(row):
            assert answers == {model.cancelling}
            model.expired = False
        else:
            assert answers == {None}, "only the newest holder is told that it still holds"

    def finish_step(self, row: JobRow) -> None:
        model, job = self.jobs[row.id], kinds.BY_NAME[row.kind]
        step = job.step(row.step)

        def write(session: Session) -> dict[str, Any]:
            values = {"job": row.id, "step": row.step}
            session.execute(text("INSERT INTO effects (job_id, step) VALUES (:job, :step)"), values)
            return {}

        fans = row.kind == "probe_fan" and row.units_total is None
        plan = FanOut("page", f"{row.id}", [UnitPlan(f"page {n}") for n in range(UNITS)])

        def work(session: Session) -> None:
            if fans:
                finish.fanned_out(session, row, job, step, plan)
            else:
                finish.step_done(session, row, job, step, Finish(write))

        if not model.held_by(row):
            with pytest.raises(Stopped), self.database.session(self.owner) as session:
                work(session)
            self.reached["turned away"] += 1
            self.reached["turned away while another held the job"] += model.state == PROCESSING
            return
        with self.database.session(self.owner) as session:
            work(session)
        if model.cancelling:
            model.end(REVOKED)
        elif fans:
            model.fanned_out, model.parts, model.expired = True, [Part() for _ in range(UNITS)], False
        else:
            model.effects.append(row.step)
            after = job.after(row.step)
            self.reached[f"{model.kind} done"] += after is None
            if after is None:
                model.end(SUCCESS)
            else:
                model.state, model.step, model.queue, model.attempt = PENDING, after.name, after.queue, 0
                model.expired = False

    def fail(self, row: JobRow, how: str) -> None:
        model, job = self.jobs[row.id], kinds.BY_NAME[row.kind]
        error = {"code": "test", "message": "It failed.", "hint": "", "retryable": how == "retryable"}
        with self.database.session(self.owner) as session:
            if how == "forgiven":
                finish.forgiven(session, row, job)
            else:
                finish.failed(session, row, job, error, may_retry=how == "retryable")
        if not model.held_by(row):
            return
        model.expired = False
        if model.cancelling:
            model.end(REVOKED)
        elif how == "forgiven":
            model.state, model.attempt = PENDING, model.attempt - 1
        elif how == "retryable" and model.attempt < MOST_TRIES:
            model.state = RETRY
        else:
            model.end(FAILURE)

    def finish_unit(self, unit: Unit, how: str) -> None:
        model = self.jobs[unit.job_id]
        part = model.parts[unit.ordinal]
        error = {"code": "test", "message": "It failed."} if how == "failed" else None
        held = part.state == PROCESSING and part.fence == unit.fence

        def work(session: Session) -> None:
            if how == "again":
                finish.unit_again(session, unit, {"code": "test", "message": "Again."})
            else:
                finish.unit_done(session, unit, result={}, error=error, bounds=(10.0, 90.0))

        if not held and how != "again":
            with pytest.raises(Stopped), self.database.session(self.owner) as session:
                work(session)
            self.reached["a unit turned away while another held it"] += part.state == PROCESSING
            return
        with self.database.session(self.owner) as session:
            work(session)
        if held:
            part.state = {"done": SUCCESS, "failed": FAILURE, "again": RETRY}[how]
            part.expired = False
            self.gather_if_last(model)

    # what time and the reaper do

    def run_out(self, claim: JobRow | Unit) -> None:
        past = "clock_timestamp() - interval '1 day'"
        with self.database.session(EVERYONE) as session:
            if isinstance(claim, Unit):
                part = self.jobs[claim.job_id].parts[claim.ordinal]
                part.expired = part.state == PROCESSING
                where = "job_id = :id AND ordinal = :ordinal AND state = 'PROCESSING'"
                values = {"id": claim.job_id, "ordinal": claim.ordinal}
                session.execute(text(f"UPDATE units SET lease_until = {past} WHERE {where}"), values)
                return
            model = self.jobs[claim.id]
            model.expired = model.state == PROCESSING and not model.fanned_out
            where = "id = :id AND state = 'PROCESSING' AND NOT fanned_out"
            session.execute(text(f"UPDATE jobs SET lease_until = {past} WHERE {where}"), {"id": claim.id})

    def reap(self) -> None:
        Reaper(self.database, kinds.BY_NAME).reap()
        for model in self.jobs.values():
            for part in model.parts:
                if part.expired and part.state == PROCESSING:
                    part.state = PENDING if part.attempt < MOST_TRIES else FAILURE
                    part.expired = False
                    self.gather_if_last(model)
            if model.expired:
                model.expired = False
                if model.cancelling:
                    model.end(REVOKED)
                elif model.attempt >= MOST_TRIES:
                    model.end(FAILURE)
                    self.reached["died too often"] += 1
                else:
                    model.state = PENDING
                    self.reached["taken back"] += 1

    def gather_if_last(self, model: Model) -> None:
        if model.fanned_out and model.count(SUCCESS) + model.count(FAILURE) == len(model.parts):
            model.fanned_out, model.state, model.attempt = False, PENDING, 0
            self.reached["gathered"] += 1

    # what must always be so

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        with self.database.session(EVERYONE) as session:
            for table in ("jobs", "units"):  # no back-off lasts: order is tried here, not time
                session.execute(text(f"UPDATE {table} SET not_before = now() WHERE state IN ('PENDING', 'RETRY')"))
            found = {row.id: row for row in session.query(JobRow)}
            assert found.keys() == self.jobs.keys()
            for job_id, model in self.jobs.items():
                row = found[job_id]
                assert (row.state, row.step, row.queue, row.fence, row.attempt, row.fanned_out) == (
                    model.state, model.step, model.queue, model.fence, model.attempt, model.fanned_out
                )  # fmt: skip
                assert row.percent >= model.percent, "percent fell"
                model.percent = row.percent
                assert (row.lease_until is not None) == (row.state == PROCESSING and not row.fanned_out)
                assert (row.finished_at is not None) == (row.state in FINISHED)
                self.units_are_as_the_model_says(session, row, model)
            effects = session.execute(text("SELECT job_id, step FROM effects")).all()
        expected = [(job_id, step) for job_id, model in self.jobs.items() for step in model.effects]
        assert sorted(map(tuple, effects)) == sorted(expected)
        assert len(set(expected)) == len(expected), "an effect twice"

    def units_are_as_the_model_says(self, session: Session, row: JobRow, model: Model) -> None:
        of_job = units.of_job(session, self.owner, row.id)
        assert [(u.state, u.fence, u.attempt) for u in of_job] == [(p.state, p.fence, p.attempt) for p in model.parts]
        assert (row.units_done, row.units_failed) == (model.count(SUCCESS), model.count(FAILURE))


@pytest.fixture
def machine(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> type[JobMachine]:
    """The machine on this test's database, with the probes known."""
    for job in probes.ALL:
        monkeypatch.setitem(kinds.BY_NAME, job.kind, job)
    monkeypatch.setattr(doorbells, "CANCEL_PATIENCE_SECONDS", LEASE)
    probes.create_effects(database_url)
    return type("OnThisDatabase", (JobMachine,), {"database": database, "reached": Counter()})


def test_any_order_of_moves_leaves_the_job_table_as_a_simple_model_says(machine: type[JobMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=80,
            phases=[Phase.generate],  # shrinking on a database takes minutes; the steps that led here are told anyway
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    rare = (
        "turned away while another held the job",
        "a unit turned away while another held it",
        "gathered",
        "taken back",
    )
    assert all(machine.reached[what] for what in rare), f"the moves did not lead everywhere: {machine.reached}"
