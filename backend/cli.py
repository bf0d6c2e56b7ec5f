"""`syncboard`: the frame. What each command does is in `backend/commands`, one file per subject."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from backend import settings
from backend.commands import (
    accounts,
    add,
    analytics,
    duplicates,
    exits,
    jobs,
    models,
    monitor,
    output,
    search,
    tags,
    watch,
)
from backend.domain.errors import BoardError, InvalidInput

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="SyncBoard on the command line. Every command takes --json; docs/cli.md lists the exit codes.",
)
app.add_typer(accounts.user, name="user")
app.add_typer(accounts.key, name="key")
app.add_typer(models.models, name="models")
app.add_typer(duplicates.duplicates, name="duplicates")


@app.command()
def up(
    *,
    logs: bool = typer.Option(default=False, help="Show what every process writes; files have it anyway."),
    with_parent: bool = typer.Option(default=False, help="Stop when the process that started this one ends."),
) -> None:
    """Start everything here in the foreground: database, broker, API, workers, beat, Flower. Ctrl-C stops it."""
    from backend.embedded.up import up as start  # noqa: PLC0415 - heavy, and only here

    raise typer.Exit(start(settings.load(), echo=logs, with_parent=with_parent))


@app.command()
def doctor(as_json: output.AsJson = False) -> None:
    """Examine this board: database, broker, queues, storage, settings. Exit code 1 when something is wrong."""
    from backend.commands.doctor import report  # noqa: PLC0415 - brings the database and the model with it

    report(as_json=as_json)


@app.command()
def down() -> None:
    """Stop what `up` started here, cleanly, from another terminal."""
    from backend.embedded.up import down as stop  # noqa: PLC0415 - heavy, and only here

    raise typer.Exit(stop(settings.load()))


for command in (
    accounts.login,
    accounts.logout,
    add.add,
    watch.watch,
    jobs.jobs,
    jobs.status,
    jobs.cancel,
    jobs.retry,
    search.search,
    search.suggest,
    search.documents,
    search.clusters,
    tags.tags,
    tags.tag,
    analytics.analytics,
    monitor.monitor,
):
    app.command()(command)


def main() -> None:
    """Run a command. An error ends as one sentence and its own exit code, never as a traceback."""
    try:
        app()
    except BoardError as error:
        output.refuse(error, as_json="--json" in sys.argv)
        sys.exit(exits.of(error))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        refusal = InvalidInput(f"A setting cannot be used. {wrong}.", hint="docs/operations.md names every setting.")
        output.refuse(refusal, as_json="--json" in sys.argv)
        sys.exit(exits.of(refusal))
    except BrokenPipeError:
        # the reader of our output went away (`| head`): nothing is left to be said
        sys.stderr.close()
        sys.exit(exits.DONE)


if __name__ == "__main__":
    main()
