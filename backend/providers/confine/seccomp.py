"""A filter on system calls for the child: no sockets, no new programs, no tracing, no way into the kernel's workshops.

It is a list of what is refused, not of what is allowed: readers and their libraries change, and the walls that hold
whatever they call are the closed view and Landlock. Refused calls answer EPERM, as they do in a container.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterator

from backend.providers.confine import kernel

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_REFUSED = {
    # name: (x86_64, aarch64)
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setsid": (112, 157),  # the process group is what is killed, also where there are no namespaces
    "setpgid": (109, 154),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "mknod": (133, 33),
    "mknodat": (259, 33),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),  # memory that no limit counts
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "mq_open": (240, 180),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "personality": (135, 92),
    "vhangup": (153, 58),
}
_REFUSED_WITHOUT_PROGRAMS = {"execve": (59, 221), "execveat": (322, 281)}
_ONLY_X86_64 = {"fork": 57, "vfork": 58, "modify_ldt": 154, "iopl": 172, "ioperm": 173}
_CLONE, _CLONE3, _KILL, _TGKILL = (56, 220), (435, 435), (62, 129), (234, 131)
_X32 = 0x40000000
_CLONE_THREAD, _CLONE_NEW = 0x00010000, 0x7E020000

_LOAD, _EQUAL, _GREATER, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # in struct seccomp_data; the low half, both are little-endian
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def available() -> bool:
    """Whether this kernel filters, and we know the numbers of its architecture."""
    if not kernel.MACHINE:
        return False
    try:
        kernel.prctl(kernel.PR_SET_SECCOMP, 2)
    except OSError as error:
        return error.errno == errno.EFAULT  # it would, had we given it a filter
    return False


def restrict(*, own_pid: int, programs: bool) -> None:
    """Bind this process and all it starts, for good. Needs no_new_privs. Raises OSError.

    `programs`: whether others may be started; without, a process also may signal nobody but itself.
    """
    filter_ = b"".join(_filter(own_pid, programs=programs))
    buffer = ctypes.create_string_buffer(filter_, len(filter_))
    program = struct.pack("=H6xQ", len(filter_) // 8, ctypes.addressof(buffer))
    kernel.prctl(kernel.PR_SET_SECCOMP, 2, program)


def _filter(own_pid: int, *, programs: bool) -> Iterator[bytes]:
    which = list(_ARCHITECTURES).index(kernel.MACHINE)
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, _ARCHITECTURES[kernel.MACHINE], 1, 0)
    yield _step(_RETURN, _KILL_PROCESS)
    yield _step(_LOAD, _NUMBER)
    if kernel.MACHINE == "x86_64":
        yield from _answer(_AT_LEAST, _X32, errno.EPERM)
        for name, number in _ONLY_X86_64.items():
            if not (programs and name in {"fork", "vfork"}):
                yield from _answer(_EQUAL, number, errno.EPERM)
    for numbers in (_REFUSED if programs else _REFUSED | _REFUSED_WITHOUT_PROGRAMS).values():
        yield from _answer(_EQUAL, numbers[which], errno.EPERM)
    yield from _answer(_EQUAL, _CLONE3[which], errno.ENOSYS)  # its flags cannot be seen; libraries fall back to clone
    yield _step(_EQUAL, _CLONE[which], 0, 4 if programs else 6)
    yield _step(_LOAD, _FIRST_ARGUMENT)
    yield from _answer(_ANY_BIT, _CLONE_NEW, errno.EPERM)
    if not programs:
        yield _step(_ANY_BIT, _CLONE_THREAD, 1, 0)
        yield _step(_RETURN, _ERRNO | errno.EPERM)
    yield _step(_RETURN, _ALLOW)
    yield _step(_EQUAL, _KILL[which], 1, 0)
    yield _step(_EQUAL, _TGKILL[which], 0, 3)
    yield _step(_LOAD, _FIRST_ARGUMENT)
    if programs:  # what it started may be killed one by one, but not everything there is
        yield from _answer(_GREATER, 0x7FFFFFFF, errno.EPERM)
    else:
        yield _step(_EQUAL, own_pid, 1, 0)
        yield _step(_RETURN, _ERRNO | errno.EPERM)
    yield _step(_RETURN, _ALLOW)


def _answer(comparison: int, value: int, number: int) -> Iterator[bytes]:
    """When the comparison holds, the call fails with that error."""
    yield _step(comparison, value, 0, 1)
    yield _step(_RETURN, _ERRNO | number)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
