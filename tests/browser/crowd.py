"""Somebody with thousands of documents: rows as grouping leaves them, for what must stay quick with that many."""

from __future__ import annotations

from dataclasses import dataclass

from tests.board import Board

CROWD = 5000
TOPICS = 20


@dataclass(frozen=True)
class Crowd:
    """Whose documents they are, and where on the map one lies that has no neighbour."""

    username: str
    lonely: tuple[float, float]


FILL = f"""
WITH topic AS (
    INSERT INTO clusters (owner_id, name, model, centroid, document_count, x, y)
    SELECT %(owner)s, 'Topic ' || n, 'test/3/1', '[1,0,0]', {CROWD // TOPICS},
           0.15 + 0.7 * ((n * 7) %% {TOPICS}) / {TOPICS}.0, 0.15 + 0.7 * n / {TOPICS}.0
    FROM generate_series(1, {TOPICS}) AS n RETURNING id, name, x, y),
numbered AS (SELECT *, row_number() OVER (ORDER BY id) AS n FROM topic),
added AS (
    INSERT INTO documents (owner_id, kind, title, filename, media_type, size_bytes, status, cluster_id)
    SELECT %(owner)s, 'text', CASE WHEN d = {CROWD} THEN 'The lonely one' ELSE 'Document ' || d END, d || '.txt',
           'text/plain', 100, 'completed', (SELECT id FROM numbered WHERE n = 1 + d %% {TOPICS})
    FROM generate_series(1, {CROWD}) AS d RETURNING id, title, cluster_id)
INSERT INTO document_places (document_id, owner_id, x, y, grouped)
SELECT added.id, %(owner)s,
       CASE WHEN title = 'The lonely one' THEN 0.02 ELSE x + 0.05 * sin(added.id * 12.9898) END,
       CASE WHEN title = 'The lonely one' THEN 0.98 ELSE y + 0.05 * cos(added.id * 78.233) END, true
FROM added JOIN topic ON topic.id = added.cluster_id RETURNING document_id"""

SUBTOPICS = """
INSERT INTO clusters (owner_id, name, model, centroid, document_count, x, y, parent_id)
SELECT owner_id, name || ', part ' || n, model, centroid, 80, x + 0.03 * n - 0.045, y + 0.02, id
FROM clusters, generate_series(1, 2) AS n WHERE owner_id = %(owner)s AND parent_id IS NULL RETURNING id"""


def crowded(board: Board, username: str = "crowd") -> Crowd:
    """A second person on the board with `CROWD` documents in `TOPICS` topics."""
    with board.client() as client:
        code = client.post("/invitations", json={}).raise_for_status().json()["code"]
    board.sign_up(username, invitation=code)
    owner = board.sql("SELECT id FROM users WHERE username = %s", username)[0][0]
    assert len(board.sql(FILL, owner=owner)) == CROWD
    assert len(board.sql(SUBTOPICS, owner=owner)) == 2 * TOPICS
    return Crowd(username, (0.02, 0.98))
