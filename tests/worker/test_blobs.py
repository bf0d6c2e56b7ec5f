"""The folder of originals: whole or not there, once, private, and clear about a full disk."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.domain.errors import NotFound, Unavailable
from backend.providers.blobs import FolderBlobs

MB = 1024 * 1024


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def put(blobs: FolderBlobs, data: bytes) -> str:
    with blobs.writer() as writer:
        writer.write(data)
        return writer.commit()


def files(blobs: FolderBlobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def test_what_was_written_is_read_back_under_its_hash(blobs: FolderBlobs) -> None:
    with blobs.writer() as writer:
        for piece in (b"one ", b"", b"two"):
            writer.write(piece)
        assert writer.size == 7
        name = writer.commit()
    assert name == hashlib.sha256(b"one two").hexdigest()
    assert blobs.exists(name)
    assert blobs.path(name) == blobs.folder / name[:2] / name[2:4] / name
    with blobs.open(name) as file:
        assert file.read() == b"one two"


def test_the_same_bytes_are_stored_once(blobs: FolderBlobs) -> None:
    assert put(blobs, b"same") == put(blobs, b"same")
    assert len(files(blobs)) == 1


def test_nothing_is_visible_before_commit_and_nothing_is_left_without_it(blobs: FolderBlobs) -> None:
    with blobs.writer() as writer:
        writer.write(b"half")
        assert list(blobs.all()) == []
    assert files(blobs) == []


def test_an_error_in_the_midst_leaves_nothing(blobs: FolderBlobs) -> None:
    def fail() -> None:
        with blobs.writer() as writer:
            writer.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert files(blobs) == []


def test_files_and_folders_are_private(blobs: FolderBlobs) -> None:
    name = put(blobs, b"private")
    for path in [blobs.folder, *blobs.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert blobs.path(name).is_file()


def test_an_unknown_blob_is_not_found(blobs: FolderBlobs) -> None:
    name = "0" * 64
    assert not blobs.exists(name)
    blobs.delete(name)
    with pytest.raises(NotFound):
        blobs.path(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", "g" * 64])
def test_a_name_that_is_no_hash_never_becomes_a_path(blobs: FolderBlobs, name: str) -> None:
    for use in (blobs.path, blobs.open, blobs.exists, blobs.delete):
        with pytest.raises(NotFound):
            use(name)


def test_deleting_removes_and_all_lists_the_rest(blobs: FolderBlobs) -> None:
    one, two = put(blobs, b"1"), put(blobs, b"2")
    blobs.delete(one)
    assert list(blobs.all()) == [two]


def test_what_a_killed_writer_left_is_swept_and_what_is_being_written_is_not(blobs: FolderBlobs) -> None:
    killed = os.fork()
    if killed == 0:
        blobs.writer().write(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(killed, 0)
    with blobs.writer() as slow:
        slow.write(b"slow")
        assert len(files(blobs)) == 2
        for path in files(blobs):
            os.utime(path, (0, 0))
        name = put(blobs, b"next")
        assert {path.name for path in files(blobs)} == {name, slow.path.name}
        slow.commit()
    assert len(list(blobs.all())) == 2


def test_what_killed_writers_left_can_be_swept_without_a_new_one(blobs: FolderBlobs) -> None:
    killed = os.fork()
    if killed == 0:
        blobs.writer().write(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(killed, 0)
    assert blobs.sweep() == 0, "its writer may only have paused"
    for path in files(blobs):
        os.utime(path, (0, 0))
    assert blobs.sweep() == 1
    assert files(blobs) == []


def test_the_room_that_is_left_is_told(blobs: FolderBlobs) -> None:
    free = blobs.free_bytes()
    assert free is not None
    assert free > 0


def test_many_threads_may_write_the_same_and_other_bytes_at_once(blobs: FolderBlobs) -> None:
    names: list[str] = []
    threads = [
        threading.Thread(target=lambda number=number: names.append(put(blobs, b"%d" % (number % 3))))
        for number in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 30
    assert sorted(blobs.all()) == sorted(set(names))
    assert len(files(blobs)) == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for about a megabyte: a file system of its own where we may mount one, else a file limit."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
        ).returncode
    )
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MB, before[1]))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)
    if mounted:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_said_and_nothing_is_left(small_disk: Path) -> None:
    blobs = FolderBlobs(small_disk / "blobs")
    with pytest.raises(Unavailable) as caught:
        put(blobs, b"x" * 2 * MB)
    assert caught.value.code == "disk_full"
    assert caught.value.hint
    assert files(blobs) == []
    assert put(blobs, b"a small one still fits")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable) as caught:
        FolderBlobs(tmp_path / "file" / "blobs").writer()
    assert caught.value.code == "storage_failed"
