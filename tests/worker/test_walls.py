"""Children that try to break out get nowhere, at every level that this machine can reach."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import backend
from backend.domain.errors import Unreadable
from backend.providers.confine import attempts, landlock, levels, seccomp
from backend.providers.examiner import Examiner, canaries
from backend.providers.sandbox import Sandbox
from tests.worker.kin import CLOSED, POSSIBLE, zygote_of

TARGET = "tests.worker.breakouts:deed"
MEMORY = 512 * 1024**2
PROJECT = Path(backend.__file__).parents[1]
ALL = {"files", "writing", "network", "processes", "programs"}


@pytest.fixture(params=POSSIBLE)
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[level for level in POSSIBLE if level != levels.LIMITS])
def walled(request: pytest.FixtureRequest) -> str:
    """A level that closes the view of files."""
    return str(request.param)


def made(level: str, **options: Any) -> Sandbox:
    return Sandbox(TARGET, timeout_seconds=30, memory_bytes=MEMORY, level=level, **options)


@pytest.fixture
def closed(walled: str) -> Iterator[Sandbox]:
    sandbox = made(walled)
    yield sandbox
    sandbox.close()


def run(sandbox: Sandbox, do: str, **more: Any) -> dict[str, Any]:
    return sandbox.run({"do": do, **more}, cancelled=lambda: False)


def ends_as(sandbox: Sandbox, do: str, into: Path | None = None, **more: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        sandbox.run({"do": do, **more}, cancelled=lambda: False, into=into)
    return caught.value.code


def test_outside_every_attempt_succeeds(tmp_path: Path) -> None:
    with canaries(tmp_path) as (request, _tripped):
        assert set(attempts.attempt(**request)["reached"]) == ALL


def test_no_attempt_succeeds_where_the_view_is_closed(walled: str, tmp_path: Path) -> None:
    walls = Examiner(tmp_path, walled).examine()
    assert walls.level == walled
    assert walls.proven == dict.fromkeys(ALL, True)
    assert list(tmp_path.iterdir()) == []


def test_at_the_weakest_level_the_examiner_says_what_is_open(tmp_path: Path) -> None:
    walls = Examiner(tmp_path, levels.LIMITS).examine()
    held = {"network", "programs"} if seccomp.available() else set()
    assert set(walls.open) == ALL - held


def test_the_strongest_level_is_taken() -> None:
    assert levels.best().level == POSSIBLE[0]
    assert set(levels.best().why_not) == set(levels.LEVELS[: levels.LEVELS.index(POSSIBLE[0])])


def test_data_and_secrets_of_the_machine_cannot_be_read(closed: Sandbox, tmp_path: Path) -> None:
    (blob := tmp_path / "data" / "blobs" / "ab").parent.mkdir(parents=True)
    blob.write_text("of somebody else")
    blob.chmod(0o644)
    wanted = [str(blob), str(Path(__file__).parents[2] / "pyproject.toml"), "/etc/passwd", "/etc/hostname"]
    wanted += [f"/proc/{os.getpid()}/environ", f"/proc/{os.getpid()}/mem", f"/proc/{os.getpid()}/cmdline"]
    assert run(closed, "try", paths=wanted, how="read")["done"] == []
    folders = [str(tmp_path), str(PROJECT / ".git"), str(PROJECT / "docs"), "/etc/ssl", "/var/lib"]
    assert run(closed, "try", paths=folders, how="list")["done"] == []


def test_nothing_can_be_changed_but_the_scratch_folder(closed: Sandbox) -> None:
    code = [backend.__file__, sys.executable, str(Path(pytest.__file__)), "/usr/bin/env"]
    kernel = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches"]
    assert run(closed, "try", paths=code + kernel, how="write")["done"] == []


@pytest.mark.parametrize("level", [level for level in POSSIBLE if level in CLOSED])
def test_of_the_project_only_the_code_is_there(level: str) -> None:
    """And of the machine what the code runs on. This is the view itself, whatever Landlock adds to it."""
    sandbox = made(level)
    outside = [str(path) for folder in (PROJECT, Path("/")) for path in folder.iterdir()]
    seen = set(run(sandbox, "look around", paths=outside)["there"])
    sandbox.close()
    code = {str(PROJECT / name) for name in ("backend", "tests", ".venv")}
    ways = (PROJECT, Path(tempfile.gettempdir()), Path(sys.base_prefix), Path(sys.prefix))
    leading_there = {f"/{path.parts[1]}" for path in ways}
    system = {f"/{name}" for name in ("bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr", "nix", "gnu")}
    assert str(PROJECT / "backend") in seen
    assert seen - code - leading_there - system <= {"/dev", "/etc", "/proc", "/sys", "/var"}


def test_no_socket_of_any_kind_can_be_made(level: str) -> None:
    sandbox = made(level)
    assert run(sandbox, "sockets")["made"] == []
    sandbox.close()


def test_the_zygote_is_safe_from_its_children(level: str) -> None:
    sandbox = made(level)
    run(sandbox, "sockets")
    before = zygote_of(sandbox).pid
    assert run(sandbox, "turn on the zygote")["done"] == []
    assert run(sandbox, "sockets")["made"] == []
    assert zygote_of(sandbox).pid == before
    sandbox.close()


def test_calls_that_only_an_attacker_makes_are_refused(level: str) -> None:
    sandbox = made(level)
    assert run(sandbox, "escape upwards")["done"] == []
    sandbox.close()


def test_a_program_reads_what_was_handed_in_and_nothing_else(walled: str, tmp_path: Path) -> None:
    (tmp_path / "given").write_text("given")
    (tmp_path / "secret").write_text("secret")
    sandbox = made(walled, programs=True)
    request = {"do": "programs", "secret": str(tmp_path / "secret")}
    seen = sandbox.run(request, cancelled=lambda: False, files={"given": tmp_path / "given"})
    sandbox.close()
    assert seen == {"given": "given", "secret": ""}


def test_a_folder_named_as_readable_is(walled: str, tmp_path: Path) -> None:
    (tmp_path / "model").write_text("weights")
    sandbox = made(walled, readable=(tmp_path,))
    paths = [str(tmp_path / "model")]
    assert run(sandbox, "try", paths=paths, how="read")["done"] == paths
    assert run(sandbox, "try", paths=paths, how="write")["done"] == []
    sandbox.close()


@pytest.mark.parametrize("kind", ["wide", "deep"])
def test_a_bomb_of_processes_is_put_out(level: str, kind: str) -> None:
    sandbox = made(level, programs=True)
    assert ends_as(sandbox, "bomb", kind=kind) == "crashed"
    assert zygote_of(sandbox).children(recursive=True) == []
    assert run(sandbox, "sockets")["made"] == []
    sandbox.close()


def test_processes_that_together_take_too_much_memory_are_ended(level: str) -> None:
    sandbox = made(level, programs=True)
    assert ends_as(sandbox, "eat together", size=MEMORY // 3) == "out_of_memory"
    assert zygote_of(sandbox).children(recursive=True) == []
    sandbox.close()


def test_a_million_files_are_too_many(level: str, tmp_path: Path) -> None:
    sandbox = made(level)
    assert ends_as(sandbox, "many files", number=1_000_000, into=tmp_path / "into") == "too_large"
    assert not (tmp_path / "into").exists()
    assert run(sandbox, "sockets")["made"] == []
    zygote = sandbox._zygote
    assert zygote is not None
    assert list(zygote.folder.iterdir()) == []
    sandbox.close()


def test_many_files_that_are_each_small_enough_cannot_fill_the_disk(level: str) -> None:
    sandbox = made(level, file_bytes=8 * 1024**2)
    free = psutil.disk_usage(tempfile.gettempdir()).free
    assert ends_as(sandbox, "fill the disk", size=1024**2) == "too_large"
    assert psutil.disk_usage(tempfile.gettempdir()).free > free - 500 * 1024**2
    sandbox.close()


def test_an_older_kernel_still_gets_what_its_landlock_knows() -> None:
    assert landlock.rights(1) == (1 << 13) - 1
    assert landlock.rights(3) == (1 << 15) - 1
    assert landlock.rights(99) == (1 << 16) - 1
