"""Looking into archives from strangers: whatever they claim, no more comes out than may, and no name is a path."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.domain.errors import Unreadable
from backend.domain.members import MAX_MEMBERS, Listing
from backend.domain.ports import Unpacker
from backend.providers.extractors import signatures
from backend.providers.unpacking import ArchiveUnpacker
from tests import archives, files

Opened = tuple[Listing, dict[str, bytes], dict[str, str]]
Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def unpacking() -> Iterator[Unpacker]:
    made = ArchiveUnpacker(60.0, 1024**3, 8 * 1024**2)
    yield made
    made.close()


@pytest.fixture
def opened(unpacking: Unpacker, tmp_path: Path) -> Open:
    """Everything in an archive: the list, the bytes by name, the codes of what failed by name."""

    def opening(data: bytes, filename: str = "a.zip", password: str | None = None) -> Opened:
        path = tmp_path / "blob"
        path.write_bytes(data)
        asked = {"filename": filename, "media_type": signatures.sniff(path, filename), "password": password}
        found = unpacking.members(path, **asked, cancelled=lambda: False)
        names = {member.index: member.name for member in found.members}
        wanted = [member.index for member in found.wanted]
        with unpacking.unpacked(path, wanted, **asked, cancelled=lambda: False) as unpacked:
            out = {names[one.index]: one.path.read_bytes() for one in unpacked if one.path}
            failed = {names[one.index]: one.error["code"] for one in unpacked if one.error}
        assert len(unpacked) == len(wanted)
        return found, out, failed

    return opening


def refusal(opened: Open, data: bytes, filename: str = "a.zip") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        opened(data, filename)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("kind", ["zip", *archives.PACKERS])
def test_every_byte_comes_out_as_it_went_in(opened: Open, kind: str) -> None:
    members = {"a/b.txt": b"words", "big.bin": bytes(range(256)) * 10_000}
    data = files.zipped(members) if kind == "zip" else archives.PACKERS[kind](archives.tarred(members))
    found, out, failed = opened(data, f"x.{kind}")
    assert (out, failed) == (members, {})
    assert found.sequential == (kind not in {"zip", "tar"})


def test_a_bomb_is_refused_before_anything_comes_out(opened: Open) -> None:
    assert refusal(opened, files.zipped({"stored": b"", "zeros": bytes(200_000_000)})).code == "corrupt"
    assert refusal(opened, gzip.compress(bytes(200_000_000)), "x.gz").code == "corrupt"
    assert refusal(opened, gzip.compress(archives.tarred({"zeros": bytes(200_000_000)})), "x.tar.gz").code == "corrupt"


def test_a_sparse_file_in_a_tar_is_no_bomb(opened: Open) -> None:
    sparse = tarfile.TarInfo("hole")
    sparse.size = 1 << 40
    assert refusal(opened, archives.tarred({"a": b"x"}, sparse), "x.tar").code == "corrupt"


def test_members_that_lie_on_top_of_one_another_are_refused(opened: Open) -> None:
    assert refusal(opened, archives.overlapping(200)).code == "corrupt"
    assert refusal(opened, archives.overlapping(4)).code == "corrupt"


@pytest.mark.parametrize("size", [4, 6, 1_000_000])
def test_a_member_that_lies_about_its_size_is_damaged(opened: Open, size: int) -> None:
    for data in (archives.lying(size), archives.zip64_lying(size)):
        _, out, failed = opened(data)
        assert (out, failed) == ({}, {"a.txt": "corrupt"})
    assert refusal(opened, archives.zip64_lying(1 << 50)).code == "corrupt"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"), ("/etc/passwd", "etc/passwd"), ("C:\\Windows\\x.txt", "Windows/x.txt"),
        ("a/../../b.txt", "a/b.txt"), ("..", "unnamed"), ("a\nb\x1b[31m.txt", "a\ufffdb\ufffd[31m.txt"),
        ("x" * 1000 + ".txt", "x" * 396 + ".txt"),
    ],
)  # fmt: skip
def test_a_name_is_text_and_never_a_path(opened: Open, tmp_path: Path, name: str, shown: str) -> None:
    before = set(tmp_path.rglob("*"))
    for data, filename in ((files.zipped({name: b"words"}), "a.zip"), (archives.tarred({name: b"words"}), "a.tar")):
        found, out, _ = opened(data, filename)
        if found.wanted:
            assert out == {shown: b"words"}
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "blob"}


def test_names_in_old_encodings_are_readable(opened: Open) -> None:
    names = [
        "Übersicht.txt".encode(),
        "名前の一覧表.txt".encode("cp932"),
        "\u00c9t\u00e9 \u00e0 la mer".encode("cp437"),
    ]
    found, out, _ = opened(archives.raw_names(names))
    assert [member.name for member in found.members][:2] == ["Übersicht.txt", "名前の一覧表.txt"]
    assert len(out) == 3


def test_the_same_name_twice_is_two_members(opened: Open) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", "second")
    found, _, failed = opened(buffer.getvalue())
    assert [(member.name, member.size) for member in found.members] == [("a.txt", 5), ("a.txt", 6)]
    assert failed == {}


def test_links_devices_and_pipes_are_left_out(opened: Open) -> None:
    odd = [
        archives.special("to-passwd", tarfile.SYMTYPE, "/etc/passwd"),
        archives.special("hard", tarfile.LNKTYPE, "a.txt"),
        archives.special("null", tarfile.CHRTYPE),
        archives.special("disk", tarfile.BLKTYPE),
        archives.special("pipe", tarfile.FIFOTYPE),
    ]
    found, out, failed = opened(archives.tarred({"a.txt": b"words"}, *odd), "a.tar")
    assert (out, failed) == ({"a.txt": b"words"}, {})
    skipped = {member.name: member.skipped["code"] for member in found.members if member.skipped}
    assert skipped == dict.fromkeys(["to-passwd", "hard"], "link") | dict.fromkeys(
        ["null", "disk", "pipe"], "not_a_file"
    )
    found, out, _ = opened(archives.link_zip("to-passwd", "/etc/passwd", a_txt="words"))
    assert out == {"a.txt": b"words"}


def test_a_hundred_thousand_members_are_refused(opened: Open) -> None:
    many = {f"{number}.txt": b"x" for number in range(100_000)}
    assert refusal(opened, files.zipped(many)).code == "too_large"
    few = dict(list(many.items())[: MAX_MEMBERS + 1])
    error = refusal(opened, archives.tarred(few), "a.tar")
    assert (error.code, "5,000" in error.message) == ("too_large", True)


def test_what_comes_before_the_damage_is_saved(opened: Open) -> None:
    whole = archives.tarred({"a.txt": b"words", "b.bin": os.urandom(50_000), "c.txt": b"more"})
    for data, filename in ((whole[:20_000], "x.tar"), (gzip.compress(whole)[:-60], "x.tar.gz")):
        found, out, failed = opened(data, filename)
        assert out["a.txt"] == b"words"
        assert found.warnings or failed
    assert refusal(opened, gzip.compress(os.urandom(5000))[:-12], "x.txt.gz").code == "corrupt"


def test_a_member_that_is_damaged_harms_no_other(opened: Open) -> None:
    data = bytearray(files.zipped({"a.txt": b"first words", "b.txt": b"more words", "c.txt": b"last words"}))
    at = data.index(b"more words") if b"more words" in data else data.index(b"b.txt") + 5
    data[at : at + 3] = b"\xff\xff\xff"
    _, out, failed = opened(bytes(data))
    assert out == {"a.txt": b"first words", "c.txt": b"last words"}
    assert failed == {"b.txt": "corrupt"}


def test_a_password_opens_what_it_locks_and_another_one_does_not(opened: Open) -> None:
    data = archives.locked({"a.txt": b"words", "b.txt": b"more words"}, "tide")
    assert opened(data)[2] == {"a.txt": "encrypted", "b.txt": "encrypted"}
    assert opened(data, password="ebb")[1] == {}
    assert opened(data, password="tide")[1] == {"a.txt": b"words", "b.txt": b"more words"}


def test_what_brings_the_unpacker_down_fails_alone(opened: Open) -> None:
    members = {"a.txt": b"words", "big.bin": os.urandom(9 * 1024**2), "c.txt": b"more"}
    _, out, failed = opened(files.zipped(members))
    assert out == {"a.txt": b"words", "c.txt": b"more"}
    assert list(failed) == ["big.bin"]


def test_random_damage_never_gets_past_the_sandbox(opened: Open) -> None:
    wholes = {
        "a.zip": files.zipped({"a.txt": b"words " * 99, "b/c.txt": b"more " * 99}),
        "a.tar": archives.tarred({"a.txt": b"words " * 99}),
        "a.tar.gz": gzip.compress(archives.tarred({"a.txt": b"words " * 99})),
        "a.eml": archives.letter("Nets", "Words", ("a.txt", b"words")),
    }
    ends = set()
    for filename, whole in wholes.items():
        for at in range(0, len(whole), max(1, len(whole) // 24)):
            broken = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
            try:
                opened(broken, filename)
                ends.add("read")
            except Unreadable as error:
                ends.add(error.code)
    assert ends <= {"read", "corrupt", "unsupported_type", "too_large"}
