"""Landlock (Linux 5.13): a process gives up all files but those named, for itself and for all it starts.

Newer kernels let it give up TCP (6.7), and signals and abstract sockets to processes outside (6.12).
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from backend.providers.confine import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
_TRUNCATE = 1 << 14
_KNOWN_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many kinds of file access (bits) each version knows."""
_NET_ABI, _SCOPE_ABI = 4, 6
_ALL_TCP, _ALL_SCOPES = 0b11, 0b11
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE


@lru_cache(maxsize=1)
def abi() -> int:
    """The version this kernel offers; 0 for none."""
    if sys.platform != "linux" or not kernel.MACHINE:
        return 0
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0


def rights(version: int) -> int:
    """All kinds of access to files that this version can withhold; what we do not know of a newer one stays open."""
    return (1 << _KNOWN_BY_ABI.get(version, max(_KNOWN_BY_ABI.values()))) - 1


def restrict(*, readable: Iterable[Path], writable: Iterable[Path], opened: Iterable[int], programs: bool) -> None:
    """Bind this process for good. Paths that do not exist are passed over. Needs no_new_privs. Raises OSError.

    `opened` are descriptors of files that may be opened again by their /proc path; `programs`: whether what is readable
    may be started, too.
    """
    version = abi()
    all_ = rights(version)
    attributes = struct.pack("=Q", all_)
    if version >= _NET_ABI:
        attributes += struct.pack("=Q", _ALL_TCP)
    if version >= _SCOPE_ABI:
        attributes += struct.pack("=Q", _ALL_SCOPES)
    ruleset = kernel.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    read = _READ_FILE | _READ_DIR | (_EXECUTE if programs else 0)
    write = all_ & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK | _MAKE_SOCK)
    for paths, access in ((readable, read), (writable, write)):
        for path in paths:
            with suppress(FileNotFoundError, PermissionError):
                descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
                _allow(ruleset, descriptor, access)
                os.close(descriptor)
    for descriptor in opened:
        _allow(ruleset, descriptor, _READ_FILE)
    kernel.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, descriptor: int, access: int) -> None:
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        access &= _ON_A_FILE
    kernel.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", access, descriptor), 0)
