"""Which board the command line speaks to, and with what token: kept in the config folder, readable by its user only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import typer

from backend import settings


def path() -> Path:
    """The file: `~/.config/syncboard/credentials.json` on Linux, the usual place elsewhere."""
    return Path(typer.get_app_dir("syncboard")) / "credentials.json"


def _read() -> dict[str, Any]:
    try:
        saved = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return saved if isinstance(saved, dict) else {}


def _write(saved: dict[str, Any]) -> None:
    target = path()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    # created readable by nobody else from the first byte, then moved over the old one in one step
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(saved, file, indent=2)
    draft.replace(target)


def address() -> str:
    """SYNCBOARD_URL, else the board of the last login, else the one `make run` starts here."""
    named = os.environ.get("SYNCBOARD_URL") or _read().get("url")
    return str(named or f"http://127.0.0.1:{settings.load().port}").rstrip("/")


def token(board: str) -> str | None:
    """SYNCBOARD_TOKEN, else what was saved for this board: a token never goes to another address."""
    if named := os.environ.get("SYNCBOARD_TOKEN"):
        return named
    saved = _read().get("tokens", {}).get(board)
    return str(saved) if saved else None


def save(board: str, value: str) -> None:
    """Remember the token of a board and speak to that board from now on."""
    saved = _read()
    _write({"url": board, "tokens": {**saved.get("tokens", {}), board: value}})


def forget(board: str) -> None:
    """Forget the token of a board."""
    saved = _read()
    tokens = {name: value for name, value in saved.get("tokens", {}).items() if name != board}
    _write({**saved, "tokens": tokens})
