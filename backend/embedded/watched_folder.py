"""The watched folder of a board: `syncboard watch WATCH_DIR`, as one of its programs, for the account that owns it.

    python -m backend.embedded.watched_folder

It waits until there is an owner and until the folder is there, makes a key that may only upload, and becomes the
command. The key is nowhere but in the memory of that process; the one of the run before is revoked.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from pathlib import Path

from backend import settings as settings_of
from backend.domain import access
from backend.domain.errors import BoardError
from backend.embedded import ready
from backend.settings import Settings
from backend.store import audit, tokens, users
from backend.store.database import EVERYONE, Database

KEY_NAME = "watched folder"
LOOK_SECONDS = 2.0


def main(settings: Settings) -> None:
    """Become the command. Does not return."""
    if settings.watch_dir is None:
        raise ValueError("WATCH_DIR is not set.")
    folder = settings.watch_dir.expanduser().resolve()
    _wait(folder)
    with contextlib.closing(Database(settings.database_url, pool_size=1)) as database:
        while (key := _key(database)) is None:
            time.sleep(LOOK_SECONDS)
    surroundings = {
        **os.environ,
        "SYNCBOARD_URL": ready.address(settings),
        "SYNCBOARD_TOKEN": key,
        # what it remembers goes with the board, not with whoever starts it
        "XDG_CONFIG_HOME": str(settings.data_dir / "watched"),
    }
    more = ("--poll",) if settings.watch_poll else ()
    command = (sys.executable, "-m", "backend.cli", "watch", str(folder), *more)
    os.execve(sys.executable, command, surroundings)  # noqa: S606 - ours, named by full path


def _wait(folder: Path) -> None:
    """Until the folder is there: a share may be mounted later."""
    told = False
    while not folder.is_dir():
        if not told:
            sys.stderr.write(f"There is no folder {folder} yet.\n")
        told = True
        time.sleep(LOOK_SECONDS)


def _key(database: Database) -> str | None:
    """A new key of the owner, in place of the last one; None while nobody owns the board or it cannot be asked."""
    try:
        with database.session(EVERYONE) as session:
            owner_id = users.board_owner(session)
            if owner_id is None:
                return None
            for before in tokens.keys(session, owner_id):
                if before.name == KEY_NAME:
                    tokens.revoke(session, owner_id, before.id, tokens.API_KEY)
            key = access.KEY_PREFIX + secrets.token_urlsafe(32)
            made = tokens.add(
                session,
                owner_id,
                kind=tokens.API_KEY,
                hash=access.token_hash(key),
                scopes=[access.UPLOAD],
                name=KEY_NAME,
                prefix=key[: access.KEY_SHOWN],
            )
            audit.record(session, None, "key.made", f"token:{made.id}", scopes=[access.UPLOAD])
            return key
    except BoardError as error:
        sys.stderr.write(f"{error.message}\n")
        return None


if __name__ == "__main__":
    main(settings_of.load())
