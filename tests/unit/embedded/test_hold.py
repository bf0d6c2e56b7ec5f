"""One board per folder, and numbers left by dead ones harm nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.domain.errors import Conflict
from backend.embedded.hold import Hold
from backend.embedded.up import down
from backend.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "300"])
    yield process
    process.kill()
    process.wait()


def test_a_folder_is_held_by_one_and_free_again_afterwards(folder: Path) -> None:
    with Hold(folder):
        assert Hold(folder).holder() == os.getpid()
        with pytest.raises(Conflict, match=f"process {os.getpid()}"):
            Hold(folder).__enter__()
    assert Hold(folder).holder() is None


def test_a_holder_killed_with_kill_9_holds_no_more(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from backend.embedded.hold import Hold\n"
        "Hold(Path(sys.argv[1])).__enter__(); print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert Hold(folder).holder() == holder.pid
        holder.kill()
    assert (folder / "run" / "supervisor.pid").read_text().strip() == str(holder.pid)
    assert Hold(folder).holder() is None
    with Hold(folder):
        assert Hold(folder).holder() == os.getpid()


def test_down_kills_no_stranger_whose_number_was_left_in_the_file(
    folder: Path, stranger: subprocess.Popen[bytes]
) -> None:
    (folder / "run" / "supervisor.pid").write_text(f"{stranger.pid}\n")
    assert down(Settings(data_dir=folder)) == 0
    assert stranger.poll() is None
