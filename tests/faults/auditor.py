"""The auditor: after a fault, looks at every job and says what is wrong with it.

It trusts nothing the engine says about itself alone. A trigger that only tests have writes down every version of every
job that was ever committed, and the probes leave one row in `effects` per finish, in a table without any constraint.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from backend.jobs.states import MOVES
from tests import probes

HISTORY = """
CREATE TABLE job_history (
    seq bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL DEFAULT clock_timestamp(), job_id uuid NOT NULL,
    state text NOT NULL, step text NOT NULL, fence bigint NOT NULL, percent real NOT NULL);
CREATE INDEX ON job_history (job_id, seq);
CREATE FUNCTION note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- a finished row that is touched at all is noted; a running one when something that matters moved
    IF TG_OP = 'INSERT' OR OLD.finished_at IS NOT NULL
       OR (NEW.state, NEW.step, NEW.fence, NEW.percent) IS DISTINCT FROM (OLD.state, OLD.step, OLD.fence, OLD.percent)
    THEN
        INSERT INTO job_history (job_id, state, step, fence, percent)
        VALUES (NEW.id, NEW.state, NEW.step, NEW.fence, NEW.percent);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_job AFTER INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION note_job();
"""

PAIRS = """
    SELECT job_id, state, fence, percent, lag(state) OVER w AS before, lag(fence) OVER w AS fence_before,
           lag(percent) OVER w AS percent_before
    FROM job_history WINDOW w AS (PARTITION BY job_id ORDER BY seq)"""

CHECKS = {
    "double: a step left more than one effect": """
        SELECT job_id, step, count(*) FROM effects GROUP BY job_id, step HAVING count(*) > 1""",
    "a finished step without its effect, or an effect of a step that did not finish": """
        SELECT coalesce(e.job_id, a.job_id), coalesce(e.step, a.step), e.n, a.n FROM
            (SELECT job_id, CASE step WHEN 'gather' THEN 'fan' ELSE step END AS step, count(*) AS n
             FROM effects GROUP BY 1, 2) AS e
            FULL JOIN
            (SELECT job_id, a.step, count(*) AS n FROM job_attempts a JOIN jobs ON jobs.id = job_id
             WHERE outcome = 'SUCCESS' AND kind LIKE 'probe%%' GROUP BY 1, 2) AS a
            USING (job_id, step)
        WHERE e.n IS DISTINCT FROM a.n""",
    "a job that did not succeed, and yet its last step had its effect": """
        SELECT jobs.id, state, effects.step FROM jobs JOIN effects ON effects.job_id = jobs.id
        WHERE state <> 'SUCCESS' AND jobs.step = CASE effects.step WHEN 'gather' THEN 'fan' ELSE effects.step END""",
    "a job that succeeded without the effect of its last step": """
        SELECT id FROM jobs WHERE state = 'SUCCESS' AND kind LIKE 'probe%%' AND NOT EXISTS (
            SELECT 1 FROM effects WHERE job_id = jobs.id
              AND CASE effects.step WHEN 'gather' THEN 'fan' ELSE effects.step END = jobs.step)""",
    "a job that did not end": "SELECT id, kind, state, step, queue, attempt FROM jobs WHERE finished_at IS NULL",
    "a job that did not end exactly once": """
        SELECT job_id, count(*) FROM job_history WHERE state IN ('SUCCESS', 'FAILURE', 'REVOKED')
        GROUP BY job_id HAVING count(*) <> 1""",
    "a finished job that changed": f"""
        SELECT job_id, before, state FROM ({PAIRS}) AS p WHERE before IN ('SUCCESS', 'FAILURE', 'REVOKED')""",
    "a percent that fell": f"SELECT job_id, percent_before, percent FROM ({PAIRS}) AS p WHERE percent < percent_before",
    "a fence that fell": f"SELECT job_id, fence_before, fence FROM ({PAIRS}) AS p WHERE fence < fence_before",
    "a claim without a new fence": f"""
        SELECT job_id, before, fence FROM ({PAIRS}) AS p
        WHERE state = 'PROCESSING' AND before <> 'PROCESSING' AND fence <> fence_before + 1""",
    "a move that the state machine does not have": f"""
        SELECT job_id, before, state FROM ({PAIRS}) AS p
        WHERE before <> state AND NOT (before || '>' || state) = ANY(%(moves)s)""",
    "a try of a finished job that was never closed": """
        SELECT job_id, a.fence FROM job_attempts a JOIN jobs ON jobs.id = job_id
        WHERE jobs.finished_at IS NOT NULL AND a.finished_at IS NULL""",
    "a unit that outlived its job": """
        SELECT jobs.id, ordinal, units.state FROM jobs JOIN units ON units.job_id = jobs.id
        WHERE jobs.finished_at IS NOT NULL AND units.state IN ('PENDING', 'RETRY', 'PROCESSING')""",
    "units counted wrongly": """
        SELECT id, units_done, units_failed, done, failed FROM jobs JOIN (
            SELECT job_id, count(*) FILTER (WHERE state = 'SUCCESS') AS done,
                   count(*) FILTER (WHERE state = 'FAILURE') AS failed FROM units GROUP BY job_id) AS u
          ON u.job_id = jobs.id
        WHERE (units_done, units_failed) IS DISTINCT FROM (done, failed)""",
    "a gathering before all units had ended": """
        SELECT id FROM jobs WHERE state = 'SUCCESS' AND units_total IS NOT NULL
          AND units_done + units_failed <> units_total""",
    "a document whose status is not that of its newest job": """
        SELECT d.id, d.status, j.state FROM documents d JOIN LATERAL (
            SELECT state FROM jobs WHERE document_id = d.id ORDER BY created_at DESC, id DESC LIMIT 1) AS j ON true
        WHERE (j.state, d.status) NOT IN (('SUCCESS', 'completed'), ('FAILURE', 'error'), ('REVOKED', 'cancelled'))""",
    "a completed document whose passages are not there exactly once": """
        SELECT d.id, count(p.id), min(p.ordinal), max(p.ordinal), count(v.passage_id)
        FROM documents d LEFT JOIN passages p ON p.document_id = d.id LEFT JOIN passage_vectors v ON v.passage_id = p.id
        WHERE d.status = 'completed' GROUP BY d.id
        HAVING count(p.id) = 0 OR min(p.ordinal) <> 0 OR max(p.ordinal) + 1 <> count(p.id)
            OR count(v.passage_id) <> count(p.id)""",
    "a cluster that counts its documents wrongly": """
        SELECT c.id, c.document_count, count(d.id) FROM clusters c
        LEFT JOIN documents d ON d.cluster_id = c.id AND d.deleted_at IS NULL
        GROUP BY c.id HAVING c.document_count <> count(d.id)""",
}

_moves = [f"{before}>{after}" for before, afters in MOVES.items() for after in afters]


@dataclass
class Report:
    """What an audit found: how many jobs ended how, and every wrong thing by its name."""

    jobs: int
    ended: dict[str, int]
    lost: list[str]
    wrong: dict[str, list[tuple[Any, ...]]]

    @property
    def doubles(self) -> int:
        """How many steps had their effect more than once."""
        return len(self.wrong.get("double: a step left more than one effect", []))


@dataclass
class Auditor:
    """Watches one database. `acknowledged` holds the ids that a client was promised."""

    url: str
    acknowledged: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def install(self) -> None:
        """Make the probes' table and the history."""
        probes.create_effects(self.url)
        with self.connect() as connection:
            connection.execute(HISTORY)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that sees every row."""
        return psycopg.connect(self.url, connect_timeout=5, options="-c syncboard.principal=*")

    def promised(self, job_id: str | UUID) -> None:
        """Somebody was told that this job exists."""
        with self._lock:
            self.acknowledged.add(str(job_id))

    def open_jobs(self) -> list[tuple[Any, ...]]:
        """Jobs that have not ended."""
        with self.connect() as connection:
            return connection.execute(
                """SELECT id, kind, state, step, queue, attempt, rings, lease_until, not_before, clock_timestamp(),
                          input, worker FROM jobs WHERE finished_at IS NULL ORDER BY id"""
            ).fetchall()

    def wait(self, within: float) -> None:
        """Wait until no job is open. Raises AssertionError with those that are."""
        until = time.monotonic() + within
        left: list[tuple[Any, ...]] = []
        while time.monotonic() < until:
            try:
                left = self.open_jobs()
            except psycopg.OperationalError:
                time.sleep(0.2)
                continue
            if not left:
                return
            time.sleep(0.2)
        raise AssertionError(f"{len(left)} jobs did not end within {within:.0f} seconds: {left[:5]}")

    def audit(self) -> Report:
        """Look at everything, now."""
        with self.connect() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            states = dict(connection.execute("SELECT id::text, state FROM jobs").fetchall())
            wrong = {}
            for name, query in CHECKS.items():
                found = connection.execute(query, {"moves": _moves}).fetchall()
                if found:
                    wrong[name] = found
        ended: dict[str, int] = {}
        for state in states.values():
            ended[state] = ended.get(state, 0) + 1
        return Report(len(states), ended, sorted(self.acknowledged - states.keys()), wrong)
