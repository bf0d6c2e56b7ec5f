"""The closed view by bubblewrap, which may be allowed to make namespaces where we are not."""

from __future__ import annotations

import shutil

from backend.providers.confine.view import View


def command(view: View) -> list[str]:
    """What to write before a command so that it runs in the view, as the first process of its own namespace."""
    program = shutil.which("bwrap") or "bwrap"
    binds = [part for path in view.readable for part in ("--ro-bind", str(path), str(path))]
    links = [part for where, to in view.links for part in ("--symlink", to, where)]
    return [
        program,
        "--unshare-all",
        "--as-pid-1",
        *("--cap-drop", "ALL"),
        *binds,
        *links,
        *("--dev", "/dev"),
        *("--proc", "/proc"),
        *("--bind", str(view.scratch), str(view.scratch)),
        *("--remount-ro", "/dev"),
        *("--remount-ro", "/"),
        *("--chdir", "/"),
        "--",
    ]
