"""The closed view by plain system calls: a process enters new namespaces and leaves all but the view behind.

For machines without bubblewrap that let an ordinary user make namespaces. Linux 5.12 or newer.
"""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from signal import SIGKILL

from backend.providers.confine import kernel
from backend.providers.confine.view import DEVICES, View

_NEW_MOUNT, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8
_BIND, _RECURSIVE, _PRIVATE = 4096, 16384, 1 << 18
_DETACH = 2
_MOUNT_SETATTR, _PIVOT_ROOT = 442, {"x86_64": 155, "aarch64": 41}
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000


def enter(view: View) -> None:
    """Returns in a new process, the first of its own process namespace, in which there is only the view.

    The process that called stays outside as a guard, and leaves with what the other leaves with; when the guard is
    killed, everything inside is. Raises OSError where the kernel refuses any of it.
    """
    user, group = os.getuid(), os.getgid()
    kernel.function("unshare", _NEW_USER | _NEW_MOUNT | _NEW_PID | _NEW_NET | _NEW_IPC | _NEW_UTS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    inner = os.fork()
    if inner:
        _guard(inner)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, SIGKILL)
    _close(view)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()


def _guard(inner: int) -> None:
    os.closerange(3, 256)  # above all the socket: whoever waits for its end waits for the inner process
    _, status = os.waitpid(inner, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _close(view: View) -> None:
    root = view.scratch / "root"
    root.mkdir()
    held = {
        path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in (*view.readable, view.scratch, *map(Path, DEVICES))
    }
    kernel.function("mount", None, b"/", None, _RECURSIVE | _PRIVATE, None)
    _mount("tmpfs", root, "tmpfs", _NO_SUID | _NO_DEVICES)
    for path in view.readable:
        _bind(held[path], root, path)
    for where, to in view.links:
        (root / where.lstrip("/")).symlink_to(to)
    for path in (Path("/proc"), view.scratch, *map(Path, DEVICES)):
        _mount_point(held.get(path), root, path)
    attributes = struct.pack("=QQQQ", _READ_ONLY | _NO_SUID | _NO_DEVICES, 0, 0, 0)
    kernel.syscall(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(root), _AT_RECURSIVE, attributes, len(attributes))
    for path in map(Path, DEVICES):
        _bind(held[path], root, path)
    _bind(held[view.scratch], root, view.scratch, recursive=0)  # or the root would be in itself
    # Read-only, or somebody who is root outside could change the kernel's settings through it.
    _mount("proc", root / "proc", "proc", _READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_PROGRAMS)
    for descriptor in held.values():
        os.close(descriptor)
    os.chdir(root)
    kernel.syscall(_PIVOT_ROOT[kernel.MACHINE], b".", b".")
    kernel.function("umount2", b".", _DETACH)
    os.chdir("/")
    (view.scratch / "root").rmdir()


def _mount(source: str, where: Path, kind: str, flags: int) -> None:
    kernel.function("mount", source.encode(), os.fsencode(where), kind.encode(), flags, b"mode=755" * (kind == "tmpfs"))


def _bind(held: int, root: Path, path: Path, recursive: int = _RECURSIVE) -> None:
    where = _mount_point(held, root, path)
    source = f"/proc/self/fd/{held}".encode()
    kernel.function("mount", source, os.fsencode(where), None, _BIND | recursive, None)


def _mount_point(held: int | None, root: Path, path: Path) -> Path:
    where = root / path.relative_to("/")
    if where.exists():
        return where
    if held is None or stat.S_ISDIR(os.fstat(held).st_mode):
        where.mkdir(parents=True)
    else:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.touch()
    return where
