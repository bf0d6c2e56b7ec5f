"""Merging while others merge, move and delete the same documents, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from backend.domain.errors import BoardError
from backend.domain.ports import Embedder
from backend.store import clusters, trash
from backend.store.database import Database
from tests.factories import file_document
from tests.merging import BEES, TRAINS, check_clusters, merge


def test_two_merges_into_each_other_at_once_leave_one_document(
    database: Database, embedder: Embedder, user: int
) -> None:
    for number in range(5):
        ids = [file_document(database, embedder, user, f"{BEES}\nEdition {number}{one}.").id for one in "ab"]

        def attempt(both: tuple[int, int]) -> str:
            try:
                merge(database, user, *both)
            except BoardError as error:
                return error.code
            return "done"

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(attempt, [(ids[0], ids[1]), (ids[1], ids[0])]))
        assert said == ["done", "merged"]
        check_clusters(database)


def test_merging_moving_and_deleting_at_once_never_block_each_other(
    database: Database, embedder: Embedder, user: int
) -> None:
    def attempt(act: Callable[[], object]) -> str:
        try:
            act()
        except BoardError as error:
            return error.code
        return "done"

    for number in range(4):
        a, b = (file_document(database, embedder, user, f"{body}\nEdition {number}.") for body in (BEES, TRAINS))

        def delete(number: int = b.id) -> None:
            with database.session(user) as session:
                trash.put(session, user, number)

        def move(number: int = b.id, into: int = a.cluster_id or 0) -> None:
            with database.session(user) as session:
                clusters.move(session, user, number, into)

        acts = [lambda a=a, b=b: merge(database, user, a.id, b.id), delete, move]
        with ThreadPoolExecutor(3) as pool:
            said = set(pool.map(attempt, acts))
        assert "done" in said
        assert said <= {"done", "document_not_found", "merged", "cluster_not_found"}
        check_clusters(database)
