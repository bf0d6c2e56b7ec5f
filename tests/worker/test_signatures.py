"""What a file is, by its first bytes; what may be read is let in, whatever it is called."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path

import pytest

from backend.providers.extractors import names, signatures
from tests import files


def old_tar() -> bytes:
    """A tar of the seventh edition of UNIX, which has no magic words."""
    made = tarfile.TarInfo("a.txt").tobuf(tarfile.USTAR_FORMAT)
    header = bytearray(made[:257] + bytes(255))
    header[148:156] = b"        "
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header) + bytes(1024)


def tar(format_: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format_) as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "filename", "media_type"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "a", "audio/wav"), (b"RIFF\0\0\0\0AVI LIST", "a", "video/x-msvideo"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a", "image/webp"), (b"ID3\x04\0\0", "a", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\0\0", "a", "audio/mpeg"), (b"\xff\xf1\x50\x80\0\0", "a", "audio/aac"),
        (b"\0\0\0\x20ftypisom\0\0", "a.mp4", "video/mp4"), (b"\0\0\0\x20ftypisom\0\0", "a.m4a", "audio/mp4"),
        (b"\0\0\0\x20ftypM4A \0\0", "a.mp4", "audio/mp4"), (b"\0\0\0\x20ftypqt  \0\0", "a", "video/quicktime"),
        (b"\0\0\0\x20ftypheic\0\0", "a", "image/heic"), (b"\0\0\0\x20ftypavif\0\0", "a", "image/avif"),
        (b"\x1aE\xdf\xa3\x42\x82matroska\0", "a", "video/x-matroska"),
        (b"\x1aE\xdf\xa3\x42\x82webm\0", "a", "video/webm"),
        (b"OggS\0\x02" + b"\0" * 20 + b"\x01vorbis", "a", "audio/ogg"),
        (b"OggS\0\x02" + b"\0" * 20 + b"\x80theora", "a", "video/ogg"),
        (gzip.compress(b"x", mtime=0), "a.txt", "application/gzip"), (bz2.compress(b"x"), "a", "application/x-bzip2"),
        (lzma.compress(b"x"), "a", "application/x-xz"), (b"(\xb5/\xfd\0\0", "a", "application/zstd"),
        (tar(tarfile.GNU_FORMAT), "a", "application/x-tar"), (tar(tarfile.PAX_FORMAT), "a", "application/x-tar"),
        (old_tar(), "a.txt", "application/x-tar"), (files.zipped({"a.txt": "x"}), "a", "application/zip"),
    ],
)  # fmt: skip
def test_pictures_sound_film_and_archives_are_known_by_their_bytes_and_let_in(
    tmp_path: Path, data: bytes, filename: str, media_type: str
) -> None:
    (tmp_path / "blob").write_bytes(data)
    assert signatures.sniff(tmp_path / "blob", filename) == media_type
    assert names.is_readable(media_type) == (media_type != "image/heic")


@pytest.mark.parametrize("text", ["BM is short for", "MZ and more", "ID3 tags are explained here", "0" * 600])
def test_text_that_begins_like_a_file_of_another_kind_stays_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "blob").write_text(text)
    assert signatures.sniff(tmp_path / "blob", "a.txt") == "text/plain"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [(b"RIFF\x24\x01\x00\x00WAVEfmt ", "audio/wav"), (b"FORM\x00\x01\x68\xccAIFFCOMM", "audio/aiff")],
)
def test_samples_that_look_like_letters_of_two_bytes_are_sound(tmp_path: Path, head: bytes, media_type: str) -> None:
    path = tmp_path / "sound"
    path.write_bytes(head + b"".join((200 + at % 50).to_bytes(2, "little") for at in range(5000)))
    assert signatures.sniff(path, "sound") == media_type
