"""Counting what is on a board, in a handful of statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain import analytics
from backend.store import duplicates, media, origins

WEEK = "interval '7 days'"
LIVE = "FROM documents AS d WHERE d.owner_id = :owner_id AND d.deleted_at IS NULL"

TOTALS = text(
    f"""SELECT count(*) AS documents, coalesce(sum(d.size_bytes), 0)::bigint AS bytes,
               coalesce(sum(d.char_count), 0)::bigint AS characters,
               coalesce(sum(coalesce(d.word_count, d.char_count / :characters_of_a_word)), 0)::bigint AS words,
               count(*) FILTER (WHERE d.status = 'error') AS failed,
               (SELECT count(*) FROM passages AS p JOIN documents AS o ON o.id = p.document_id
                WHERE p.owner_id = :owner_id AND o.owner_id = :owner_id AND o.deleted_at IS NULL) AS passages,
               (SELECT count(*) FROM clusters WHERE owner_id = :owner_id AND parent_id IS NULL) AS clusters
        {LIVE}"""
)
CONCEPTS = text(
    """WITH shown AS (
           SELECT coalesce(c.merged_into, c.id) AS id, count(DISTINCT d.id) AS documents
           FROM document_concepts AS met JOIN concepts AS c ON c.id = met.concept_id
                JOIN documents AS d ON d.id = met.document_id
           WHERE met.owner_id = :owner_id AND d.owner_id = :owner_id AND d.deleted_at IS NULL GROUP BY 1)
       SELECT shown.id, concepts.name, shown.documents, count(*) OVER () AS of_all
       FROM shown JOIN concepts ON concepts.id = shown.id
       ORDER BY shown.documents DESC, shown.id LIMIT :limit"""
)
# one pass over the documents for all that groups by one of their columns
GROUPED = text(
    f"""SELECT CASE WHEN NOT grouping(day) THEN 'day' WHEN NOT grouping(media_type) THEN 'type'
                    WHEN NOT grouping(language) THEN 'language' WHEN NOT grouping(origin) THEN 'source'
                    ELSE 'cluster' END AS what,
               day, media_type, language, origin, cluster_id, count(*) AS documents, sum(size_bytes)::bigint AS bytes
        FROM (SELECT (d.created_at AT TIME ZONE 'UTC')::date AS day, d.media_type, d.language, {origins.SQL} AS origin,
                     d.cluster_id, d.size_bytes {LIVE}) AS live
        GROUP BY GROUPING SETS (day, media_type, language, origin, cluster_id)
        ORDER BY documents DESC, day, media_type, language, origin, cluster_id""".replace(
        "NOT grouping(", "0 = grouping("
    )
)
NAMES = text("SELECT id, name FROM clusters WHERE owner_id = :owner_id AND id = ANY(:ids)")
TAGS = text(
    """SELECT t.id, t.name, t.colour, count(*) AS documents
       FROM document_tags AS dt JOIN tags AS t ON t.id = dt.tag_id JOIN documents AS d ON d.id = dt.document_id
       WHERE dt.owner_id = :owner_id AND d.owner_id = :owner_id AND d.deleted_at IS NULL
       GROUP BY t.id ORDER BY documents DESC, t.key LIMIT :limit"""
)
# what stands failed on the board, and the jobs of the week that failed and have no document to say so
FAILURES = text(
    f"""SELECT code, count(*) AS count, (array_agg(message ORDER BY at DESC))[1] AS message, max(at) AS last_at
        FROM (SELECT coalesce(d.error ->> 'code', 'internal') AS code, coalesce(d.error ->> 'message', '') AS message,
                     d.updated_at AS at {LIVE} AND d.status = 'error'
              UNION ALL
              SELECT coalesce(error ->> 'code', 'internal'), coalesce(error ->> 'message', message), finished_at
              FROM jobs WHERE owner_id = :owner_id AND state = 'FAILURE' AND document_id IS NULL
                  AND finished_at > now() - {WEEK}) AS failed
        GROUP BY code ORDER BY count DESC, code"""
)
# A step waits from the moment the one before it ended, or the job was made, until it is first tried. It runs as long as
# its tries took together; one that handed its work to units, until it has gathered them.
QUEUES = text(
    f"""WITH steps AS (
            SELECT job.id, tried.step, job.kind, min(tried.fence) AS first, min(tried.started_at) AS started_at,
                   max(tried.finished_at) AS finished_at, job.created_at,
                   CASE WHEN bool_or(tried.outcome = 'FANNED_OUT') THEN max(tried.finished_at) - min(tried.started_at)
                        ELSE sum(tried.finished_at - tried.started_at) END AS ran
            FROM jobs AS job JOIN job_attempts AS tried ON tried.job_id = job.id
            WHERE job.owner_id = :owner_id AND tried.owner_id = :owner_id AND job.finished_at > now() - {WEEK}
            GROUP BY job.id, tried.step),
        timed AS (
            SELECT kind, step, extract(epoch FROM ran)::float8 AS ran,
                   extract(epoch FROM started_at - coalesce(lag(finished_at) OVER (PARTITION BY id ORDER BY first),
                                                            created_at))::float8 AS waited
            FROM steps)
        SELECT queue, count(*) AS jobs,
               percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY greatest(waited, 0)) AS waited,
               percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY coalesce(ran, 0)) AS ran
        FROM timed JOIN jsonb_to_recordset(CAST(:steps AS jsonb)) AS known (kind text, step text, queue text)
             USING (kind, step)
        GROUP BY queue"""
)


class StepOfKind(NamedTuple):
    """Through which queue a step of a kind of job goes."""

    kind: str
    step: str
    queue: str


def count(session: Session, owner_id: int, steps: Sequence[StepOfKind]) -> dict[str, Any]:
    """All numbers of a board, as `GET /analytics` answers with them; times in seconds, days in UTC.

    `steps` are all that there are, in the order in which their queues are listed.
    """
    totals = session.execute(
        TOTALS, {"owner_id": owner_id, "characters_of_a_word": analytics.CHARACTERS_OF_A_WORD}
    ).one()
    limit = {"owner_id": owner_id, "limit": analytics.LONGEST_LIST}
    concepts = session.execute(CONCEPTS, limit).all()
    tags = session.execute(TAGS, limit)
    return {
        "totals": {
            **totals._asdict(),
            "concepts": concepts[0].of_all if concepts else 0,
            "reading_minutes": analytics.reading_minutes(totals.words),
            "duplicates_groups": len(duplicates.groups(session, owner_id)[0]),
        },
        **_grouped(session, owner_id),
        "by_concept": [{"id": row.id, "name": row.name, "documents": row.documents} for row in concepts],
        "by_tag": [row._asdict() for row in tags],
        "failures": [
            {**row._asdict(), "last_at": row.last_at.isoformat()}
            for row in session.execute(FAILURES, {"owner_id": owner_id})
        ],
        "queues": _queues(session, owner_id, steps),
    }


def _grouped(session: Session, owner_id: int) -> dict[str, Any]:
    found: dict[str, list[Any]] = {"day": [], "type": [], "language": [], "source": [], "cluster": []}
    for row in session.execute(GROUPED, {"owner_id": owner_id}):
        found[row.what].append(row)
    top = [row for row in found["cluster"] if row.cluster_id is not None][: analytics.LONGEST_LIST]
    named = session.execute(NAMES, {"owner_id": owner_id, "ids": [row.cluster_id for row in top]})
    names: dict[int, str] = {row.id: row.name for row in named}
    typed = [analytics.Typed(row.media_type, row.documents, row.bytes) for row in found["type"]]
    return {
        "growth": [
            {"day": row.day.isoformat(), "documents": row.documents, "bytes": row.bytes}
            for row in sorted(found["day"], key=lambda row: row.day)
        ],
        "by_type": analytics.by_type(typed, media.families),
        "by_cluster": [
            {"id": row.cluster_id, "name": names[row.cluster_id], "documents": row.documents}
            for row in top
            if row.cluster_id in names
        ],
        "by_language": [
            {"name": row.language, "documents": row.documents} for row in found["language"] if row.language is not None
        ],
        "by_source": [{"name": row.origin, "documents": row.documents} for row in found["source"]][
            : analytics.LONGEST_LIST
        ],
    }


def _queues(session: Session, owner_id: int, steps: Sequence[StepOfKind]) -> list[dict[str, Any]]:
    """How long work waited and ran in each queue, in the last seven days; a queue nobody used has no times."""
    known = json.dumps([step._asdict() for step in steps])
    rows = {row.queue: row for row in session.execute(QUEUES, {"owner_id": owner_id, "steps": known})}
    listed = []
    for queue in dict.fromkeys(step.queue for step in steps):
        row = rows.get(queue)
        waited, ran = ([None, None], [None, None]) if row is None else (row.waited, row.ran)
        times = zip(("wait_p50", "wait_p95", "run_p50", "run_p95"), [*waited, *ran], strict=True)
        rounded = {name: None if seconds is None else round(seconds, 3) for name, seconds in times}
        listed.append({"queue": queue, "jobs": 0 if row is None else row.jobs, **rounded})
    return listed
