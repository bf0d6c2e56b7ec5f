"""`models`: which weights this board uses, whether they are the right bytes, and fetching those that are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from backend import settings
from backend.commands import exits, output
from backend.domain.errors import BoardError, InvalidInput
from backend.providers import model_hub
from backend.providers import models as registry
from backend.providers.models import Weights

models = typer.Typer(no_args_is_help=True, help="Model weights: list, verify, fetch.")


@models.command("list")
def models_list(as_json: output.AsJson = False) -> None:
    """List the weights: size, licence, where each was found and where it comes from."""
    rows = [{**_shown(weights), "found": _place(weights), "source": weights.source} for weights in registry.REGISTRY]
    if as_json:
        output.print_json({"items": rows, "total": len(rows)})
        return
    output.print_table(
        ("name", "size", "licence", "sha256", "found"),
        [
            (
                row["name"],
                output.human_bytes(row["size"]),
                row["licence"],
                row["sha256"][:12],
                row["found"] or "missing",
            )
            for row in rows
        ],
    )


@models.command("verify")
def models_verify(as_json: output.AsJson = False) -> None:
    """Read all weights and compare their SHA-256. Exit code 1 when some are missing or changed."""
    rows = [{**_shown(weights), "error": _wrong(weights)} for weights in registry.REGISTRY]
    _report(rows, "the right bytes", as_json)


@models.command("fetch")
def models_fetch(
    everything: Annotated[bool, typer.Option("--all", help="Those that a package carries, too.")] = False,
    mirror: Annotated[str, typer.Option(metavar="URL", help="Fetch from here instead: same paths, same bytes.")] = "",
    as_json: output.AsJson = False,
) -> None:
    """Fetch missing weights from their publisher into MODELS_DIR. What has other bytes is not kept."""
    folder = settings.load().models_dir
    if folder is None:
        raise InvalidInput("MODELS_DIR is not set.", hint="Set it to a folder that the board reads, then try again.")
    wanted = [one for one in registry.REGISTRY if everything or _wrong(one)]
    rows = [{**_shown(weights), "error": _fetched(weights, folder, mirror)} for weights in wanted]
    _report(rows, f"fetched into {folder}", as_json)


def missing() -> list[str]:
    """The names of weights that are nowhere."""
    return [weights.name for weights in registry.REGISTRY if _place(weights) is None]


def _fetched(weights: Weights, folder: Path, mirror: str) -> dict[str, Any] | None:
    try:
        model_hub.fetch(weights, folder, mirror)
    except BoardError as error:
        return error.as_json()
    return None


def _wrong(weights: Weights) -> dict[str, Any] | None:
    try:
        registry.verified(weights)
    except BoardError as error:
        return error.as_json()
    return None


def _place(weights: Weights) -> str | None:
    try:
        return str(registry.find(weights))
    except BoardError:
        return None


def _shown(weights: Weights) -> dict[str, Any]:
    names = ("name", "size", "licence", "sha256", "package", "file", "hub")
    return {name: getattr(weights, name) for name in names}


def _report(rows: list[dict[str, Any]], well: str, as_json: bool) -> None:
    failed = sum(1 for row in rows if row["error"])
    if as_json:
        output.print_json({"items": rows, "total": len(rows), "failed": failed})
    else:
        said = [f"{e['message']} {e['hint']}" if (e := row["error"]) else well for row in rows]
        states = ["problem" if row["error"] else "ok" for row in rows]
        names = [row["name"] for row in rows]
        output.print_table(("", "name", "message"), list(zip(states, names, said, strict=True)))
        if not rows:
            output.note("Nothing is missing.")
    if failed:
        raise typer.Exit(exits.NOT_ALL_WELL)
