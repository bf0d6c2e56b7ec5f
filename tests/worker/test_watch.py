"""A watched folder: what is put into it is sent once, when it is quiet, whatever happens meanwhile."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.programs import programs
from backend.embedded.valkey import Valkey
from backend.settings import Settings
from tests.board import Board, eventually
from tests.conftest import new_database
from tests.worker.terminal import Run, board_without_workers, large, note, refused, runner, said, started, under_way

MB = 1024 * 1024


@pytest.fixture(scope="module")
def quiet(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board whose jobs wait for ever, for it has no workers."""
    with board_without_workers(postgres, valkey, tmp_path_factory.mktemp("quiet"), number=8) as board:
        yield board


@pytest.fixture
def syncboard(quiet: Board, tmp_path: Path) -> Run:
    return runner(quiet, tmp_path)


class Watching:
    """`syncboard watch` on one folder, and what it has said."""

    def __init__(self, board: Board, home: Path, folder: Path, *more: str) -> None:
        self.home = home
        self.process: subprocess.Popen[bytes] = started(board, home, "watch", folder, "--json", "--quiet", "0.5", *more)

    def heard(self) -> list[dict[str, Any]]:
        """Its answers, one for each file it has dealt with."""
        whole = (self.home / "said.txt").read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def hears(self, number: int) -> list[dict[str, Any]]:
        """Its answers, once there are so many."""
        eventually(lambda: len(self.heard()) >= number, within=60, why=f"{self.heard()} {self.errors()}")
        heard = self.heard()
        assert len(heard) == number, heard
        return heard

    def errors(self) -> str:
        return (self.home / "errors.txt").read_text(encoding="utf-8")

    def end(self, sent: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(sent)
        return self.process.wait(60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def watch(quiet: Board, tmp_path: Path, folder: Path) -> Iterator[Callable[..., Watching]]:
    """Starts watching the folder; ended with the test."""
    begun: list[Watching] = []

    def begin(*more: str) -> Watching:
        before = len(begun)
        begun.append(Watching(quiet, tmp_path, folder, *more))
        eventually(lambda: begun[-1].errors().count("Watching") > before, within=60)
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.wait(30)


def documents(board: Board) -> int:
    return int(board.sql("SELECT count(*) FROM documents")[0][0])


@pytest.mark.parametrize("how", [(), ("--poll",)], ids=["told by the system", "by polling"])
def test_what_is_there_and_what_comes_is_sent_once_however_it_is_moved(
    watch: Callable[..., Watching], quiet: Board, folder: Path, tmp_path: Path, how: tuple[str, ...]
) -> None:
    before = documents(quiet)
    there = note(folder, "there.txt", "It was there before.")
    watching = watch(*how)
    assert watching.hears(1)[0]["path"] == "there.txt"
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    note(tmp_path / "deep" / "deeper", "new.txt", "It comes in a folder of its own.")
    (tmp_path / "deep").rename(folder / "deep")
    assert watching.hears(2)[1]["path"] == "deep/deeper/new.txt"
    there.rename(folder / "deep" / "moved.txt")
    moved = watching.hears(3)[2]
    assert (moved["path"], "job_id" in moved) == ("deep/moved.txt", False)
    for name in (".hidden.txt", "half.part"):
        note(folder, name, "Nobody wants this.")
    (folder / "empty.txt").touch()
    (folder / "link.txt").symlink_to(folder / "deep" / "moved.txt")
    (folder / "tool").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(300))
    assert watching.hears(4)[3]["error"]["code"] == "unsupported_type"
    assert documents(quiet) == before + 2
    assert watching.end() == 0
    assert "Traceback" not in watching.errors()
    again = watch(*how)
    note(folder, "last.txt", "The only new one.")
    assert again.hears(5)[4]["path"] == "last.txt", "nothing that was dealt with is sent or even named again"
    assert documents(quiet) == before + 3
    assert again.end(signal.SIGTERM) == 0


def test_a_file_that_is_still_being_written_is_left_until_it_is_quiet(
    watch: Callable[..., Watching], quiet: Board, folder: Path
) -> None:
    watching = watch("--quiet", "1.5")
    with (folder / "slow.txt").open("w") as file:
        for number in range(12):
            file.write(f"Line {number} of a slow scanner.\n")
            file.flush()
            time.sleep(0.4)
            assert watching.heard() == []
    [sent] = watching.hears(1)
    [(size,)] = quiet.sql("SELECT size_bytes FROM documents WHERE id = %s", sent["document_id"])
    assert size == (folder / "slow.txt").stat().st_size
    with (folder / "slow.txt").open("a") as file:
        file.write("One more line, later.\n")
    assert watching.hears(2)[1]["document_id"] != sent["document_id"]


def test_it_outlives_a_server_that_is_away_and_one_that_is_killed_in_the_middle(
    watch: Callable[..., Watching], quiet: Board, folder: Path
) -> None:
    watching = watch()
    quiet.kill("api")
    note(folder, "meanwhile.txt", "Put here while the board was away.")
    eventually(lambda: not quiet.answers())
    quiet.start_api()
    assert watching.hears(1)[0]["job_id"]
    path = large(folder.parent, 40)
    path.rename(folder / "large.txt")
    eventually(lambda: under_way(quiet) >= 17 * MB, every=0.005)
    quiet.kill("api")
    quiet.start_api()
    large_one = watching.hears(2)[1]
    assert large_one["job_id"]
    sizes = quiet.sql("SELECT size_bytes FROM documents WHERE id = %s", large_one["document_id"])
    assert sizes == [((folder / "large.txt").stat().st_size,)]
    assert watching.end() == 0


def test_stopped_in_the_middle_of_a_large_file_it_goes_on_the_next_time(
    watch: Callable[..., Watching], quiet: Board, folder: Path
) -> None:
    before = quiet.sql("SELECT count(*) FROM resumable_uploads")[0][0]
    watching = watch()
    large(folder.parent, 40).rename(folder / "large.txt")
    eventually(lambda: under_way(quiet) >= 17 * MB, every=0.005)
    assert watching.end() == 0
    assert watching.heard() == []
    assert under_way(quiet) > 0
    assert watch().hears(1)[0]["job_id"]
    assert quiet.sql("SELECT count(*) FROM resumable_uploads")[0][0] == before + 1


def test_a_folder_has_one_watcher_and_may_be_sent_again(
    watch: Callable[..., Watching], syncboard: Run, folder: Path
) -> None:
    note(folder, "one.txt", "The one.")
    watching = watch()
    first = watching.hears(1)[0]
    assert refused(syncboard("watch", folder, "--json"), 6)["code"] == "already_watched"
    assert watching.end() == 0
    assert watch("--again").hears(2)[1]["duplicate_of"] == first["document_id"]


def test_a_key_that_is_ended_ends_the_watching(watch: Callable[..., Watching], syncboard: Run, folder: Path) -> None:
    made = said(syncboard("key", "create", "folder", "--scope", "upload", "--json"))
    note(folder, "late.txt", "Too late.")
    key = {"SYNCBOARD_TOKEN": made["key"]}
    assert syncboard("key", "revoke", str(made["id"])).returncode == 0
    assert refused(syncboard("watch", folder, "--json", **key), 4)["code"] == "not_authenticated"
    assert refused(syncboard("watch", folder / "nowhere", "--json"), 6)["code"] == "no_such_file"
    unwritable = {"XDG_CONFIG_HOME": str(folder / "late.txt")}
    assert refused(syncboard("watch", folder, "--json", **unwritable), 7)["code"] == "storage_failed"


def test_a_board_watches_a_folder_for_its_owner_with_a_key_that_is_nowhere_written(
    postgres: Postgres, valkey: Valkey, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    settings = Settings(data_dir=tmp_path, watch_dir=inbox)
    [program] = [one for one in programs(settings) if one.name == "watched-folder"]
    assert not program.needed
    assert "watched-folder" not in [one.name for one in programs(Settings(data_dir=tmp_path))]
    board = Board(new_database(postgres), valkey.url.replace("/0", "/9"), tmp_path, WATCH_DIR=str(inbox))
    try:
        board.start_api()
        board.start("folder", program.command)
        eventually(lambda: "There is no folder" in board.log("folder"), within=60)
        inbox.mkdir()
        note(inbox, "first.txt", "It was there before there was an owner.")
        board.sign_up()
        eventually(lambda: documents(board) == 1, within=60, why=board.log("folder"))
        assert board.sql("SELECT d.title, u.username FROM documents d JOIN users u ON u.id = owner_id") == [
            ("first", "ada")
        ]
        board.kill("folder")
        board.start("folder", program.command)
        note(inbox, "second.txt", "The next run sends what is new.")
        eventually(lambda: documents(board) == 2, within=60, why=board.log("folder"))
        assert "\tsent\tfirst.txt" not in board.log("folder").rpartition("Watching")[2]
        keys = board.sql("SELECT scopes, revoked_at IS NULL FROM tokens WHERE kind = 'api_key' ORDER BY id")
        assert keys == [(["upload"], False), (["upload"], True)]
        written = [path for path in tmp_path.rglob("*") if path.is_file() and b"sbk_" in path.read_bytes()]
        assert written == []
        folder = board.processes["folder"]
        folder.terminate()
        assert folder.wait(30) == 0
    finally:
        board.stop()
