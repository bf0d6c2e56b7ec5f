"""The few calls of Linux that Python does not offer. Importable everywhere; to be called on Linux only."""

from __future__ import annotations

import ctypes
import os
import platform
import struct

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38

_CAPABILITY_VERSION_3 = 0x20080522
_LIBC = ctypes.CDLL(None, use_errno=True)

MACHINE = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(platform.machine(), "")
"""The architecture whose numbers we know, or "" for any other."""


def prctl(option: int, first: int = 0, second: int | bytes = 0) -> int:
    """Raises OSError."""
    pointer = second if isinstance(second, bytes) else ctypes.c_ulong(second)
    return checked(_LIBC.prctl(option, ctypes.c_ulong(first), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)))


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """A call by its number. Integers are passed as 64 bits, bytes as a pointer to them. Raises OSError."""
    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return checked(_LIBC.syscall(ctypes.c_long(number), *passed))


def function(name: str, *arguments: int | bytes | None) -> int:
    """A function of the C library that says -1 when it fails; integers are passed as long. Raises OSError."""
    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return checked(getattr(_LIBC, name)(*passed))


def checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


def drop_capabilities() -> None:
    """All of them, from every set that a later `execve` could draw on (together with no_new_privs)."""
    header, nothing = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), bytes(24)
    function("capset", header, nothing)
