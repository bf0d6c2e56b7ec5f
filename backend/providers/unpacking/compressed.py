"""A compressed file: a tar, or one plain file that takes its name from the outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from backend.providers.extractors import refusals, signatures
from backend.providers.unpacking import filenames, streams, tars
from backend.providers.unpacking.box import PIECE, Box, Entries, Entry, Sink, damaged_member, pieces_of

_ENDINGS = {".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd"}
_BLOCK = 512


def entries(box: Box) -> Entries:
    """The members of the tar inside, or the one file. Raises Unreadable."""
    if _holds_a_tar(box):
        return tars.entries(box)
    size = 0
    found = Entries()
    try:
        with streams.opened(box) as stream:
            while data := stream.read(PIECE):
                size += len(data)
    except streams.DAMAGED as error:
        if not size:
            raise refusals.corrupt("archive") from error
    found.add(Entry(_name(box), size))
    return found


def take(box: Box, wanted: Sequence[int], sink: Sink) -> None:
    """Put the wanted members into the sink."""
    if _holds_a_tar(box):
        tars.take(box, wanted, sink)
        return
    for index in wanted:
        sink.put(index, _pieces(box))


def _holds_a_tar(box: Box) -> bool:
    try:
        with streams.opened(box) as stream:
            head = b""
            while len(head) < _BLOCK and (data := stream.read(_BLOCK - len(head))):
                head += data
    except streams.DAMAGED:
        return False
    return signatures.is_tar(head)


def _pieces(box: Box) -> Iterator[bytes]:
    try:
        with streams.opened(box) as stream:
            yield from pieces_of(stream)
    except streams.DAMAGED as error:
        raise damaged_member() from error


def _name(box: Box) -> str:
    path = PurePath(box.filename)
    return filenames.tidy(path.stem if path.suffix.lower() in _ENDINGS else path.name)
