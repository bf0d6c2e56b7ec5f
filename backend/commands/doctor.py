"""`doctor`: examines this board at its parts themselves, because it must work when the server does not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict

import typer

from backend import settings as settings_of
from backend import wiring
from backend.commands import checks, exits, machine, output
from backend.commands.checks import Finding
from backend.domain.errors import BoardError
from backend.settings import Settings


def report(*, as_json: bool) -> None:
    """Print what was found; exit code 1 when there is a problem among it."""
    findings = list(examine(settings_of.load()))
    problems = sum(1 for finding in findings if finding.level == "problem")
    if as_json:
        output.print_json({"healthy": not problems, "findings": [asdict(finding) for finding in findings]})
    else:
        rows = [(finding.level, finding.check, f"{finding.message} {finding.do}".strip()) for finding in findings]
        output.print_table(("", "check", "message"), rows)
    if problems:
        raise typer.Exit(exits.NOT_ALL_WELL)


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings. A check that breaks is a finding too, never a traceback."""
    yield from _guarded("settings", lambda: checks.weak_settings(settings))
    yield from _guarded("watched folder", lambda: machine.watched(settings))
    yield from _guarded("models", machine.weights)
    yield from _guarded("broker", lambda: checks.broker(settings))
    if not settings.database_url:
        yield Finding(
            "problem", "database", "No database is named and nothing embedded runs.", "Start with `make run`."
        )
        return
    with contextlib.closing(wiring.database(settings, pool_size=1)) as database:
        found = list(_guarded("database", lambda: checks.migrated(database)))
        yield from found
        if any(finding.level == "problem" for finding in found):
            return
        services = wiring.build(settings, database=database, ring=lambda _queue: None)
        for name, check in (
            ("queues", lambda: checks.consumed(database)),
            ("doorbells", lambda: checks.moving(database, settings)),
            ("storage", lambda: checks.storage(services)),
            ("embedding", lambda: checks.one_model(services)),
            ("sandbox", lambda: checks.walls(services)),
            ("ocr", lambda: checks.scans(services)),
        ):
            yield from _guarded(name, check)


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except BoardError as error:
        yield Finding("problem", name, error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - what breaks a check is what the person needs to hear
        said = (str(error).splitlines() or [""])[0]
        yield Finding("problem", name, f"This could not be examined: {type(error).__name__}: {said}")
