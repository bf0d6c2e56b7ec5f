"""Files go into the sandbox by descriptor and come out as plain files, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.domain.errors import Unreadable
from backend.providers import scratch
from backend.providers.sandbox import Sandbox

TARGET = "tests.worker.parsers:parse"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(TARGET, timeout_seconds=30, memory_bytes=1024**3, file_bytes=1024**2, out_files=20)
    yield made
    made.close()


def never() -> bool:
    return False


def test_files_are_read_by_what_is_in_them_whatever_they_are_called(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "-odd name\n").write_text("one")
    (tmp_path / "b").write_text("two!")
    files = {"first": tmp_path / "-odd name\n", "second": tmp_path / "b"}
    seen = sandbox.run({"do": "read files"}, cancelled=never, files=files)
    assert seen == {"here": {"first": "one", "second": "two!"}, "sizes": {"first": 3, "second": 4}}


def test_a_file_is_read_again_after_the_zygote_was_killed(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    for _ in range(2):
        assert sandbox.run({"do": "read files"}, cancelled=never, files={"a": tmp_path / "a"})["here"] == {"a": "one"}
        assert sandbox._zygote is not None
        sandbox._zygote._process.kill()


def test_what_is_no_plain_file_is_not_handed_in(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a plain file"):
        sandbox.run({"do": "read files"}, cancelled=never, files={"a": tmp_path})
    with pytest.raises(ValueError, match="not a plain file"):
        sandbox.run({"do": "read files"}, cancelled=never, files={"a": Path("/dev/zero")})


def test_what_was_made_is_moved_after_a_good_end(sandbox: Sandbox, tmp_path: Path) -> None:
    into = tmp_path / "pages" / "new"
    assert sandbox.run({"do": "hand out", "what": "files"}, cancelled=never, into=into)["made"]
    assert {path.name: path.read_bytes() for path in into.iterdir()} == {"page-1.png": b"one", "page-2.png": b"two"}
    assert {path.stat().st_mode & 0o777 for path in into.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("a link", "crashed"),
        ("a second name", "crashed"),
        ("a folder", "crashed"),
        ("a pipe", "crashed"),
        ("a strange name", "crashed"),
        ("a hidden name", "crashed"),
        ("a link instead", "crashed"),
        ("too many", "too_large"),
        ("too much", "too_large"),
        ("nothing of use", "out_of_memory"),
    ],
)
def test_nothing_is_taken_from_a_child_that_hands_out(sandbox: Sandbox, tmp_path: Path, what: str, code: str) -> None:
    into = tmp_path / "pages"
    with pytest.raises(Unreadable) as caught:
        sandbox.run({"do": "hand out", "what": what}, cancelled=never, into=into)
    assert caught.value.code == code
    assert not into.exists()


def test_a_scratch_folder_is_removed_however_it_was_left(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    (outside := tmp_path / "outside").write_text("kept")
    (folder / "link").symlink_to(outside)
    deep = folder
    for _ in range(1500):
        deep = deep / "d"
        deep.mkdir()
        if len(str(deep)) > 3000:
            break
    (folder / "locked" / "inner").mkdir(parents=True)
    (folder / "locked" / "inner").chmod(0)
    (folder / "locked").chmod(0)
    scratch.remove(folder)
    assert not folder.exists()
    assert outside.read_text() == "kept"
