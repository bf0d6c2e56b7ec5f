"""Tar archives, plain or compressed: read from the front, file after file."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from backend.domain.errors import Unreadable
from backend.providers.extractors import refusals
from backend.providers.unpacking import filenames, streams
from backend.providers.unpacking.box import Box, Entries, Entry, Sink, damaged_member, pieces_of

PLAIN = "application/x-tar"
_DAMAGED = (*streams.DAMAGED, tarfile.TarError)


def entries(box: Box) -> Entries:
    """The members, folders left out; those before a damaged place, with a warning. Raises Unreadable."""
    found = Entries(sequential=box.media_type != PLAIN)
    left = box.allowed
    try:
        with _opened(box) as archive:
            for member in _files(archive):
                left -= member.size
                if left < 0:
                    raise refusals.bomb()
                found.add(Entry(_name(member), member.size, skipped=_reason(member)))
    except _DAMAGED as error:
        if not found.entries:
            raise refusals.corrupt("archive") from error
        found.warnings.append(
            {"code": "archive_cut_off", "message": "The archive is damaged; what comes after the damage is missing."}
        )
    return found


def take(box: Box, wanted: Sequence[int], sink: Sink) -> None:
    """Put the wanted members into the sink."""
    left = set(wanted)
    try:
        with _opened(box) as archive:
            for index, member in enumerate(_files(archive)):
                if index in left:
                    left.remove(index)
                    sink.put(index, _pieces(archive, member))
                if not left:
                    return
    except _DAMAGED:
        pass  # what was not reached is damaged
    for index in sorted(left):
        sink.fail(index, damaged_member())


@contextmanager
def _opened(box: Box) -> Iterator[tarfile.TarFile]:
    if box.media_type == PLAIN:
        with tarfile.open(box.path, "r:") as archive:
            yield archive
        return
    with streams.opened(box) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        yield archive


def _files(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        archive.members = []  # type: ignore[attr-defined]  # else it keeps every header it ever saw
        if not member.isdir():
            yield member


def _reason(member: tarfile.TarInfo) -> dict[str, str] | None:
    if member.issym() or member.islnk():
        return {"code": "link", "message": "A link to another file is not followed."}
    if not member.isreg() or member.issparse():
        return {"code": "not_a_file", "message": "It is a device or another special file."}
    return None


def _pieces(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    written = 0
    try:
        file = archive.extractfile(member) if _reason(member) is None else None
        if file is None:
            raise damaged_member()
        for piece in pieces_of(file):
            written += len(piece)
            yield piece
    except Unreadable:
        raise
    except _DAMAGED as error:
        raise damaged_member() from error
    if written != member.size:
        raise damaged_member()


def _name(member: tarfile.TarInfo) -> str:
    return filenames.shown(member.name.encode("utf-8", errors="surrogateescape"))
