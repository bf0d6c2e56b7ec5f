"""`syncboard add` with what is large, many or from the web, against an API that is killed in between."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests.board import Board, eventually
from tests.worker.terminal import (
    MB,
    Run,
    board_without_workers,
    large,
    note,
    refused,
    runner,
    said,
    started,
    under_way,
)

MIDDLE = 20 * MB


@pytest.fixture(scope="module")
def quiet(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board whose jobs wait for ever, for it has no workers."""
    with board_without_workers(postgres, valkey, tmp_path_factory.mktemp("quiet"), number=7) as board:
        yield board


@pytest.fixture
def syncboard(quiet: Board, tmp_path: Path) -> Run:
    return runner(quiet, tmp_path)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restarted_in_the_middle(board: Board, at: int) -> threading.Thread:
    """kill -9 the API once so many bytes have come, and start it again a little later."""

    def watch() -> None:
        eventually(lambda: under_way(board) >= at, every=0.005)
        board.kill("api")
        board.start_api()

    watcher = threading.Thread(target=watch)
    watcher.start()
    return watcher


def check_kept(board: Board, path: Path) -> None:
    name = sha256_of(path)
    assert sha256_of(board.folder / "blobs" / name[:2] / name[2:4] / name) == name
    assert (
        len(board.sql("SELECT 1 FROM jobs j JOIN documents d ON d.id = document_id WHERE blob_sha256 = %s", name)) == 1
    )
    assert under_way(board) == 0


def test_a_large_file_goes_on_by_itself_when_the_server_is_killed_in_the_middle(
    syncboard: Run, quiet: Board, tmp_path: Path
) -> None:
    path = large(tmp_path, 40)
    watcher = restarted_in_the_middle(quiet, MIDDLE)
    [item] = said(syncboard("add", path, "--json"))["items"]
    watcher.join()
    assert item["job_id"]
    check_kept(quiet, path)
    assert quiet.sql("SELECT count(*) FROM resumable_uploads WHERE finished_at IS NULL") == [(0,)]


def test_an_interrupted_upload_is_gone_on_with_the_next_time_the_file_is_added(
    syncboard: Run, quiet: Board, tmp_path: Path
) -> None:
    path = large(tmp_path, 40)
    before = quiet.sql("SELECT count(*) FROM resumable_uploads")[0][0]
    first = started(quiet, tmp_path, "add", path)
    eventually(lambda: under_way(quiet) >= MIDDLE, every=0.005)
    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 130
    reached = under_way(quiet)
    assert 0 < reached < path.stat().st_size, "the pieces that were proven stay"
    assert said(syncboard("add", path, "--json"))["new"] == 1
    check_kept(quiet, path)
    assert quiet.sql("SELECT count(*) FROM resumable_uploads")[0][0] == before + 1, "no second upload was begun"
    assert list((tmp_path / "config" / "syncboard" / "uploads").iterdir()) == []


def test_an_upload_the_server_has_forgotten_begins_anew(syncboard: Run, quiet: Board, tmp_path: Path) -> None:
    path = large(tmp_path, 24)
    first = started(quiet, tmp_path, "add", path)
    eventually(lambda: under_way(quiet) >= MB, every=0.005)
    first.kill()
    first.wait(30)
    with quiet.client() as client:
        [listed] = client.get("/uploads/").json()["items"]
        client.delete(f"/uploads/{listed['upload_id']}", headers={"Tus-Resumable": "1.0.0"}).raise_for_status()
    assert said(syncboard("add", path, "--json"))["new"] == 1
    check_kept(quiet, path)


def test_a_folder_says_what_was_new_what_was_there_and_what_was_left_out(
    syncboard: Run, quiet: Board, tmp_path: Path
) -> None:
    folder = tmp_path / "shelf"
    (folder / "deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    kept = note(folder, "kept.txt", "This is sent.")
    (folder / "deep" / "twice.txt").write_bytes(kept.read_bytes())
    (folder / "deep" / "program").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(300))
    for name in (".hidden", "Thumbs.db", "film.mp4.part", "~$letter.docx"):
        (folder / name).write_text("Nobody wants this.")
    (folder / "empty.txt").touch()
    (folder / "elsewhere").symlink_to(tmp_path)
    (folder / "around").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    told = said(syncboard("add", folder, "--json", "--parallel", "1"), 1)
    assert [told[name] for name in ("total", "new", "already_here", "failed")] == [3, 1, 1, 1]
    assert {item["path"]: item.get("error", {}).get("code") for item in told["items"]} == {
        str(folder / "kept.txt"): None,
        str(folder / "deep" / "twice.txt"): None,
        str(folder / "deep" / "program"): "unsupported_type",
    }
    assert {(Path(item["path"]).name, item["reason"]) for item in told["skipped"]} == {
        (".git", "hidden"), (".hidden", "hidden"), ("Thumbs.db", "junk"), ("film.mp4.part", "junk"),
        ("~$letter.docx", "junk"), ("empty.txt", "empty"), ("elsewhere", "link"), ("around", "link"),
        ("pipe", "special"),
    }  # fmt: skip
    plain = syncboard("add", folder)
    assert plain.returncode == 1
    assert "0 added, 2 already there, 1 failed" in plain.stderr
    assert "Failed: 1 unsupported_type" in plain.stderr
    assert "9 things" in plain.stderr


def test_links_are_added_alone_and_in_a_list_with_a_verdict_for_each(syncboard: Run, tmp_path: Path) -> None:
    one = "https://example.com/an-article"
    [alone] = said(syncboard("add", one, "--json"))["items"]
    assert (alone["url"], alone["duplicate_of"]) == (one, None)
    video = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    (tmp_path / "links.txt").write_text(f"# mine\n{one}\n\n{video}\nno address at all\nhttp://127.0.0.1/secret\n")
    told = said(syncboard("add", "--urls", tmp_path / "links.txt", "--json"), 1)
    here, film, *wrong = told["items"]
    assert (here["duplicate_of"], here["verdict"]) == (alone["document_id"], "already_here")
    assert (film["url"], film["verdict"], film["duplicate_of"]) == (video, "new", None)
    assert film["job_id"]
    assert [item["error"]["code"] for item in wrong] == ["invalid_url", "blocked_address"]
    piped = syncboard("add", "--urls", "-", stdin=f"{one}\n{video}\n".encode())
    assert (piped.returncode, "0 added, 2 already there, 0 failed" in piped.stderr) == (0, True)
    assert refused(syncboard("add", "http://10.0.0.1/", "--json"), 6)["code"] == "blocked_address"
    assert syncboard("add").returncode == 2


def test_files_and_links_may_be_added_together(syncboard: Run, tmp_path: Path) -> None:
    file = note(tmp_path, "beside.txt", "Beside a link.")
    told = said(syncboard("add", file, "https://example.org/beside", "--json"))
    assert [item.get("file") or item["url"] for item in told["items"]] == ["beside.txt", "https://example.org/beside"]
    assert told["new"] == 2


def test_what_an_image_shows_may_be_said(syncboard: Run, quiet: Board, tmp_path: Path) -> None:
    path = note(tmp_path, "shown.txt", "Shown.")
    [item] = said(syncboard("add", path, "--description", "A whiteboard, after lunch", "--json"))["items"]
    [(details,)] = quiet.sql("SELECT details FROM documents WHERE id = %s", item["document_id"])
    assert details["description"] == "A whiteboard, after lunch"


def test_a_key_that_may_only_upload_is_enough_to_add(syncboard: Run, tmp_path: Path) -> None:
    key = said(syncboard("key", "create", "scanner", "--scope", "upload", "--json"))["key"]
    assert said(syncboard("add", note(tmp_path, "by-key.txt", "By a key."), "--json", SYNCBOARD_TOKEN=key))["new"] == 1
    reader = said(syncboard("key", "create", "reader", "--scope", "read", "--json"))["key"]
    files = [note(tmp_path, f"{n}.txt", "Not allowed.") for n in range(3)]
    assert refused(syncboard("add", *files, "--json", SYNCBOARD_TOKEN=reader), 4)["code"] == "missing_scope"
