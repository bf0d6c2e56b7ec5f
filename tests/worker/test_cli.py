"""`syncboard` as a person runs it: a process against a whole running board."""

from __future__ import annotations

import json
import os
import pty
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from backend.embedded.process import free_port
from tests.board import ROOT, Board
from tests.worker.terminal import Run, note, refused, runner, said, surroundings

TEA = b"# Green tea\n\nGreen tea is brewed at seventy degrees, so that the tannins of its leaves stay where they are.\n"


@pytest.fixture
def syncboard(board: Board, tmp_path: Path) -> Run:
    """Runs a command against the session's board."""
    return runner(board, tmp_path)


@contextmanager
def paused(board: Board, queue: str = "uploads") -> Iterator[None]:
    with board.client() as client:
        client.post(f"/admin/queues/{queue}/pause").raise_for_status()
        try:
            yield
        finally:
            client.post(f"/admin/queues/{queue}/resume").raise_for_status()


def test_an_added_file_is_waited_for_and_found_again(syncboard: Run, tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_bytes(TEA)
    [added] = said(syncboard("add", tmp_path / "tea.md", "--wait", "--json"))["items"]
    assert added["state"] == "SUCCESS"
    assert added["result"]["filename"] == "tea.md"
    assert said(syncboard("status", added["job_id"], "--json"))["meta"]["percent"] == 100
    found = said(syncboard("search", "tannins of leaves", "--json"))["items"]
    assert found[0]["document_id"] == added["document_id"]
    assert added["document_id"] in [item["id"] for item in said(syncboard("documents", "--json"))["items"]]
    assert added["result"]["cluster_id"] in [item["id"] for item in said(syncboard("clusters", "--json"))["items"]]
    [again] = said(syncboard("add", tmp_path / "tea.md", "--json"))["items"]
    assert again["duplicate_of"] == added["document_id"]


def test_a_folder_is_added_without_its_hidden_files(syncboard: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    (folder / "deep" / ".git").mkdir(parents=True)
    note(folder, "one.txt", "The first of two notes.")
    note(folder / "deep", "two.txt", "The second of two notes.")
    note(folder / "deep" / ".git", "config.txt", "Nobody wants this.")
    note(folder, ".hidden.txt", "Nor this.")
    added = said(syncboard("add", folder, "--json"))
    assert sorted(item["file"] for item in added["items"]) == ["one.txt", "two.txt"]


def test_standard_input_is_added_under_the_name_it_is_given(syncboard: Run) -> None:
    piped = syncboard(
        "add", "-", "--name", "piped.md", "--wait", "--json", stdin=b"# Piped\n\nThis came through a pipe."
    )
    assert said(piped)["items"][0]["result"]["filename"] == "piped.md"


def test_a_refused_file_says_why_and_leaves_its_own_exit_code(syncboard: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    error = refused(syncboard("add", tmp_path / "empty.txt", "--json"), 6)
    assert error["code"] == "empty_file"
    plain = syncboard("add", tmp_path / "empty.txt")
    assert plain.stderr.startswith("Error: ")
    assert "Traceback" not in plain.stderr


def test_one_refused_file_does_not_stop_the_others(syncboard: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    good = note(tmp_path, "good.txt", "A note that is fine.")
    items = said(syncboard("add", tmp_path / "empty.txt", good, "--json"), 1)["items"]
    assert items[0]["error"]["code"] == "empty_file"
    assert items[1]["job_id"]


def test_what_is_not_there_is_refused_before_anything_is_sent(syncboard: Run, board: Board, tmp_path: Path) -> None:
    before = board.sql("SELECT count(*) FROM documents")
    good = note(tmp_path, "early.txt", "This must not be sent.")
    assert refused(syncboard("add", good, tmp_path / "nowhere.txt", "--json"), 6)["code"] == "no_such_file"
    assert board.sql("SELECT count(*) FROM documents") == before


@pytest.mark.parametrize(
    ("arguments", "env", "code"),
    [
        (("jobs",), {"SYNCBOARD_URL": f"http://127.0.0.1:{free_port()}"}, 3),
        (("jobs",), {"SYNCBOARD_TOKEN": ""}, 4),
        (("jobs",), {"SYNCBOARD_TOKEN": "sbs_wrong"}, 4),
        (("status", "00000000-0000-7000-8000-000000000000"), {}, 5),
        (("status", "not-an-id"), {}, 5),
        (("jobs", "--state", "SLEEPING"), {}, 6),
    ],
)
def test_every_refusal_has_its_exit_code(
    syncboard: Run, arguments: tuple[str, ...], env: dict[str, str], code: int
) -> None:
    assert refused(syncboard(*arguments, "--json", **env), code)["code"]
    plain = syncboard(*arguments, **env)
    assert plain.returncode == code
    assert plain.stderr.startswith("Error: ")


def test_the_installed_command_works_from_any_folder_doctor_too(board: Board, tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("syncboard"), "doctor", "--json"],
        cwd=tmp_path, env=surroundings(board, tmp_path), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    findings = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert findings["sandbox"]["level"] != "problem", findings["sandbox"]


def test_wrong_usage_leaves_with_two(syncboard: Run) -> None:
    assert syncboard("cancel").returncode == 2
    assert syncboard("jobs", "--limit", "0").returncode == 2
    assert syncboard("no-such-command").returncode == 2


def test_a_login_is_remembered_for_its_user_alone(syncboard: Run, board: Board, tmp_path: Path) -> None:
    nobody = {"SYNCBOARD_TOKEN": "", "SYNCBOARD_URL": ""}
    signed_in = syncboard(
        "login", "ada", "--url", board.url, "--password-stdin", stdin=b"correct horse battery\n", **nobody
    )
    assert signed_in.returncode == 0, signed_in.stderr
    saved = tmp_path / "config" / "syncboard" / "credentials.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert saved.parent.stat().st_mode & 0o777 == 0o700
    me = said(syncboard("user", "me", "--json", **nobody))
    assert (me["username"], me["url"]) == ("ada", board.url)
    assert syncboard("logout", **nobody).returncode == 0
    assert refused(syncboard("user", "me", "--json", **nobody), 4)["code"] == "not_authenticated"


def test_a_wrong_password_is_refused_without_a_terminal_too(syncboard: Run) -> None:
    wrong = syncboard("login", "ada", "--password-stdin", "--json", stdin=b"wrong\n", SYNCBOARD_TOKEN="")
    assert refused(wrong, 4)["code"] == "wrong_credentials"
    assert refused(syncboard("login", "--json", SYNCBOARD_TOKEN=""), 6)["code"] == "no_terminal"


def test_an_invited_person_gets_an_account(syncboard: Run) -> None:
    code = said(syncboard("user", "invite", "--json"))["code"]
    add = ("user", "add", "grace", "--password-stdin", "--json")
    secret = b"another long pass phrase\n"
    assert refused(syncboard(*add, stdin=secret, SYNCBOARD_TOKEN=""), 4)["code"] == "invitation_required"
    made = said(syncboard(*add, "--invitation", code, stdin=secret, SYNCBOARD_TOKEN=""))
    assert (made["username"], made["role"]) == ("grace", "member")
    assert {row["username"] for row in said(syncboard("user", "list", "--json"))["items"]} >= {"ada", "grace"}


def test_a_key_works_until_it_is_revoked(syncboard: Run) -> None:
    made = said(syncboard("key", "create", "script", "--scope", "read", "--json"))
    assert said(syncboard("jobs", "--json", SYNCBOARD_TOKEN=made["key"]))["items"] is not None
    assert "script" in syncboard("key", "list").stdout
    assert syncboard("key", "revoke", str(made["id"])).returncode == 0
    assert refused(syncboard("jobs", "--json", SYNCBOARD_TOKEN=made["key"]), 4)["code"] == "not_authenticated"


def test_a_waiting_job_is_cancelled_and_retried_as_a_new_one(syncboard: Run, board: Board, tmp_path: Path) -> None:
    with paused(board):
        job = said(syncboard("add", note(tmp_path, "held.txt", "Held back."), "--json"))["items"][0]["job_id"]
        waiting = syncboard("status", job, "--wait", "--timeout", "1", "--json")
        assert refused(waiting, 8)["code"] == "gave_up_waiting"
        assert "the queue is paused" in syncboard("status", job).stdout
        assert job in syncboard("jobs", "--state", "PENDING", "--queue", "uploads").stdout
        assert said(syncboard("cancel", job, "--json"))["done"] == [job]
        assert said(syncboard("status", job, "--wait", "--json"), 1)["state"] == "REVOKED"
        [again] = said(syncboard("retry", job, "--json"))["done"]
        assert again != job
    assert said(syncboard("status", again, "--wait", "--json"))["state"] == "SUCCESS"
    assert refused(syncboard("retry", again, "--json"), 6)["code"] == "not_failed"


def test_everything_that_waits_is_cancelled_at_once(syncboard: Run, board: Board, tmp_path: Path) -> None:
    with paused(board):
        files = [note(tmp_path, f"{n}.txt", "Many are held back.") for n in range(3)]
        jobs = {item["job_id"] for item in said(syncboard("add", *files, "--json"))["items"]}
        assert set(said(syncboard("cancel", "--all", "--json"))["done"]) >= jobs
        assert said(syncboard("jobs", "--state", "waiting", "--json"))["total"] == 0


def test_the_monitor_shows_what_it_is_asked_for(syncboard: Run, board: Board, tmp_path: Path) -> None:
    with paused(board):
        syncboard("add", note(tmp_path, "seen.txt", "Seen in the monitor."))
        facts = said(syncboard("monitor", "--stats", "--json"))
        assert set(facts) == {"stats"}
        uploads = next(queue for queue in facts["stats"]["items"] if queue["name"] == "uploads")
        assert uploads["paused"]
        assert uploads["waiting"] >= 1
    assert set(said(syncboard("monitor", "--json"))) == {"active", "stats", "scheduled"}
    assert "uploads\tyes" in syncboard("monitor", "--stats").stdout


def test_without_a_terminal_nothing_is_coloured_or_drawn(syncboard: Run, tmp_path: Path) -> None:
    steered = tmp_path / "red\x1b[31m.txt"
    steered.write_text("A file name that would like to paint the terminal.")
    done = syncboard("add", steered, "--wait", FORCE_COLOR="", TERM="xterm-256color")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_on_a_terminal_progress_is_drawn_and_no_color_is_heeded(board: Board, tmp_path: Path) -> None:
    shown = {}
    for colour in ("", "1"):
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "add", note(tmp_path, f"drawn{colour}.txt", "Drawn."), "--wait"],
            cwd=ROOT, stdin=follower, stdout=follower, stderr=follower,
            env={**board.env, "SYNCBOARD_URL": board.url, "SYNCBOARD_TOKEN": board.token, "TERM": "xterm-256color",
                 "NO_COLOR": colour, "HOME": str(tmp_path)},
        )  # fmt: skip
        os.close(follower)
        shown[colour] = everything_from(leader)
        assert process.wait(60) == 0, shown[colour][-2000:]
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
    assert "Jobs" in shown[""]
    assert coloured.search(shown[""])
    assert not coloured.search(shown["1"])


def everything_from(terminal: int) -> str:
    """What a process writes on a terminal, until it ends."""
    written = b""
    while True:
        try:
            written += os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side is closed
            os.close(terminal)
            return written.decode(errors="replace")


@contextmanager
def line_that_breaks_once(board: Board) -> Iterator[str]:
    """A way to the board that lets the first upload through and cuts the line before its answer comes back."""
    target = urlsplit(board.url)
    listener = socket.create_server(("127.0.0.1", 0))
    cut = threading.Event()

    def serve(near: socket.socket) -> None:
        with near, socket.create_connection((target.hostname, target.port)) as far:
            request = near.recv(1 << 20)
            while b"\r\n\r\n" not in request:
                request += near.recv(1 << 20)
            if b"POST /upload_file" in request:
                length = int(request.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                while len(request.split(b"\r\n\r\n", 1)[1]) < length:
                    request += near.recv(1 << 20)
            far.sendall(request.replace(b"connection: keep-alive", b"connection: close"))
            answer = b"".join(iter(lambda: far.recv(1 << 16), b""))
            if b"POST /upload_file" in request and not cut.is_set():
                cut.set()
                return
            near.sendall(
                answer.replace(b"HTTP/1.1 202 Accepted\r\n", b"HTTP/1.1 202 Accepted\r\nconnection: close\r\n")
            )

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(near,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    assert cut.is_set()


def test_a_line_that_breaks_before_the_answer_makes_no_second_job(syncboard: Run, board: Board, tmp_path: Path) -> None:
    jobs = "SELECT count(*) FROM jobs WHERE kind = 'process_file_upload'"
    before = board.sql(jobs)[0][0]
    with line_that_breaks_once(board) as url:
        [item] = said(
            syncboard("add", note(tmp_path, "once.txt", "Sent twice, kept once."), "--json", SYNCBOARD_URL=url)
        )["items"]
    assert item["job_id"]
    assert "duplicate_of" not in item or item["duplicate_of"] is None
    assert board.sql(jobs)[0][0] == before + 1
