"""`syncboard duplicates` as a person runs it: a process against a whole running board."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from tests.board import Board
from tests.worker.terminal import Run, refused, runner, said

TEXTS = itertools.cycle(
    [
        [
            "The kettle stands on the stove until the water sings and small bubbles rise along its sides.",
            "Pour it slowly over the leaves, in circles, for three minutes, and never all of it at once.",
            "Good leaves can be brewed a second and a third time, each time a little longer than before.",
            "What is left over goes to the roses behind the house, which have never complained about it.",
        ],
        [
            "The night train leaves the harbour at ten and crosses the mountains before anybody is awake.",
            "Its three carriages are older than the bridge, and the guard knows every bolt of them.",
            "In winter a plough goes first, and the driver follows the line of poles through the snow.",
            "At the last station the engine is turned by hand on an iron plate, as it always has been.",
        ],
        [
            "A programme that never ends needs a clock, a queue, and somebody who reads what it complains of.",
            "We keep three copies of the log: on the machine, on another machine, and in the drawer.",
            "Whoever restarts the server writes down when, and why, and what the lamp on its front did.",
            "Old entries are thrown away in spring, when the accountants have finished asking about them.",
        ],
    ]
)
"""Each test has a subject of its own: what is written about one thing is alike."""


@pytest.fixture
def syncboard(board: Board, tmp_path: Path) -> Run:
    """Runs a command against the session's board."""
    return runner(board, tmp_path)


@pytest.fixture
def two(syncboard: Run, tmp_path: Path) -> tuple[str, str]:
    """Two versions of a note of this test's own."""
    salt = [f"{line} {os.urandom(4).hex()}" for line in next(TEXTS)]
    ids = []
    for name, minutes in (("old.md", "three"), ("new.md", "four")):
        path = tmp_path / name
        path.write_text("\n\n".join(salt).replace("three", minutes), encoding="utf-8")
        [added] = said(syncboard("add", path, "--wait", "--json"))["items"]
        assert added["state"] == "SUCCESS"
        ids.append(str(added["document_id"]))
    return ids[0], ids[1]


def together(syncboard: Run, two: tuple[str, str]) -> bool:
    groups = said(syncboard("duplicates", "list", "--document", two[0], "--json"))["items"]
    return any(
        {int(number) for number in two} <= {one["document_id"] for one in group["documents"]} for group in groups
    )


def test_duplicates_are_looked_for_and_shown_side_by_side(syncboard: Run, two: tuple[str, str]) -> None:
    ended = said(syncboard("duplicates", "scan", "--wait", "--timeout", "110", "--json"))
    assert ended["state"] == "SUCCESS"
    assert together(syncboard, two)
    plain = syncboard("duplicates", "list", "--document", two[0])
    fields = plain.stdout.splitlines()[0].split("\t")
    assert set(fields[0].split()) == set(two)
    shown = syncboard("duplicates", "show", *two).stdout.splitlines()
    assert [line[:1] for line in shown if line.strip()] == ["-", "+", "-", "+"], shown
    assert "three" in shown[-2]
    assert "four" in shown[-1]
    everything = syncboard("duplicates", "show", *two, "--all").stdout
    assert "goes to the roses" in everything
    assert said(syncboard("duplicates", "show", *two, "--json"))["counts"]["changed"] == 1


def test_a_merge_is_made_listed_and_taken_back(syncboard: Run, two: tuple[str, str]) -> None:
    keep, gone = two
    merged = said(syncboard("duplicates", "merge", keep, gone, "--json"))
    number = str(merged["merge_id"])
    assert refused(syncboard("duplicates", "merge", keep, gone, "--json"), 5)["code"] == "merged"
    listed = [line.split("\t") for line in syncboard("duplicates", "merges").stdout.splitlines()]
    [mine] = [fields for fields in listed if fields[0] == number]
    assert (mine[2], mine[4], mine[5].startswith("until ")) == (keep, gone, True)
    assert syncboard("duplicates", "undo", number).stdout == f"Back on the board: {gone}\n"
    assert refused(syncboard("duplicates", "undo", number, "--json"), 6)["code"] == "already_undone"
    assert refused(syncboard("duplicates", "undo", "987654", "--json"), 5)["code"] == "merge_not_found"
    again = syncboard("duplicates", "merge", keep, gone)
    assert again.stdout.startswith("Merge ")
    assert "takes it back until" in again.stderr


def test_what_is_dismissed_is_not_shown_together_again(syncboard: Run, two: tuple[str, str]) -> None:
    said(syncboard("duplicates", "scan", "--wait", "--json"))
    assert together(syncboard, two)
    assert said(syncboard("duplicates", "dismiss", *two, "--json"))["pairs"] == 1
    assert not together(syncboard, two)
    said(syncboard("duplicates", "scan", "--wait", "--json"))
    assert not together(syncboard, two)
    assert syncboard("duplicates", "dismiss", *two, "--undo").stdout == "1 pair forgotten\n"
    assert together(syncboard, two)
    assert refused(syncboard("duplicates", "dismiss", two[0], "987654", "--json"), 5)["code"] == "document_not_found"
    assert syncboard("duplicates", "dismiss").returncode == 2
