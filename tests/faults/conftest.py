"""The arena of the fault suite: `--chaos` makes every scenario longer, and the table at the end says what was shown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.arena import Arena

_table: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/faults --chaos` is what `make chaos` runs."""
    parser.addoption("--chaos", action="store_true", help="the long fault suite: more jobs, more kills, more seeds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A scenario may take its time, but not for ever."""
    seconds = 1800 if config.getoption("--chaos", default=False) else 240
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(seconds))
            item.add_marker(pytest.mark.faults)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of `pytest -n` hands its part of the table over to the one that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["faults"] = _table


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of `pytest -n` has ended; one that broke hands nothing over."""
    _table.extend(getattr(node, "workeroutput", {}).get("faults", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was broken how often, and what the auditor found."""
    if _table:
        terminalreporter.section("faults")
        terminalreporter.write_line(f"{'scenario':<72} {'s':>5} {'jobs':>5} {'kills':>5} {'lost':>4} {'doubles':>7}")
        for line in _table:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def _arena(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Arena]:
    opened = Arena(tmp_path_factory.mktemp("arena"), chaos=bool(pytestconfig.getoption("--chaos", default=False)))
    try:
        opened.open()
        yield opened
    finally:
        opened.close()


@pytest.fixture
def arena(_arena: Arena, request: pytest.FixtureRequest) -> Iterator[Arena]:
    """The arena in good health, with nothing left to do. One arena serves all scenarios."""
    _arena.heal()
    _arena.forget()
    began = time.monotonic()
    yield _arena
    report = _arena.auditor.audit()
    _table.append(
        f"{request.node.name[5:77]:<72} {time.monotonic() - began:>5.0f} {report.jobs:>5} "
        f"{_arena.kills:>5} {len(report.lost):>4} {report.doubles:>7}"
    )
    _table.extend(f"    {note}" for note in _arena.notes)
    _arena.notes.clear()
