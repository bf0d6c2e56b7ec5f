"""The commands of the old set-up guide work as it says, against a running board."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from backend.embedded.process import free_port
from tests.board import ROOT, Board, eventually
from tests.worker.test_ingest import note


def celery(board: Board, *arguments: str, timeout: float = 60) -> str:
    """What `celery -A backend.celery_app …` prints."""
    command = [sys.executable, "-m", "celery", "-A", "backend.celery_app", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=board.env, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_status_names_every_worker(board: Board) -> None:
    out = celery(board, "status", "--timeout", "5")
    assert "3 nodes online" in out


def test_inspect_registered_shows_the_names_of_the_guide(board: Board) -> None:
    out = celery(board, "inspect", "registered", "--timeout", "5")
    for name in (
        "process_file_upload",
        "process_url_upload",
        "process_image_upload",
        "find_duplicates_background",
        "generate_build_suggestions",
    ):
        assert f"backend.tasks.{name}" in out


@pytest.mark.parametrize("what", ["active", "stats"])
def test_inspect_answers_for_every_worker(board: Board, what: str) -> None:
    assert "3 nodes online" in celery(board, "inspect", what, "--timeout", "5")


def test_result_shows_what_the_status_shows(board: Board) -> None:
    accepted = board.upload("result.md", note("celery result"))
    board.finished(accepted["job_id"])
    out = eventually(lambda: _result(board, accepted["job_id"]), within=30, every=1)
    assert f"'doc_id': {accepted['document_id']}" in out


def _result(board: Board, job_id: str) -> str | None:
    out = celery(board, "result", job_id)
    return out if "doc_id" in out else None


def test_events_are_sent(board: Board) -> None:
    board.start("events", [sys.executable, "-m", "celery", "-A", "backend.celery_app", "events", "--dump"])
    assert eventually(lambda: " heartbeat: " in board.log("events"), within=60, why=board.log("events"))
    board.kill("events")


def test_flower_shows_the_workers(board: Board) -> None:
    port = free_port()
    board.start(
        "flower",
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "backend.celery_app",
            "flower",
            f"--port={port}",
            "--address=127.0.0.1",
            "--basic-auth=ada:secret",
        ],
    )

    def workers() -> str | None:
        try:
            page = httpx.get(f"http://127.0.0.1:{port}/workers?json=1", auth=("ada", "secret"), timeout=10)
        except httpx.HTTPError:
            return None
        return page.text if "uploads@" in page.text else None

    assert eventually(workers, within=60, every=1, why=board.log("flower"))
    assert httpx.get(f"http://127.0.0.1:{port}/workers", timeout=10).status_code == 401


def test_one_worker_may_read_every_queue_and_scale_itself(board: Board) -> None:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "backend.celery_app",
        "worker",
        "-n",
        "all@%h",
        "--queues=uploads,analysis,low_priority",
        "--autoscale=3,1",
    ]
    board.start("all", command)
    out = eventually(lambda: _online(board, 4), within=60, every=1, why=board.log("all"))
    assert "all@" in out
    board.kill("all")


def _online(board: Board, count: int) -> str | None:
    out = celery(board, "status", "--timeout", "5")
    return out if f"{count} nodes online" in out else None


def test_the_worker_logs_the_lines_of_the_guide(board: Board) -> None:
    accepted = board.upload("lines.md", note("the log"))
    done = board.finished(accepted["job_id"])
    task = f"Task backend.tasks.process_file_upload[{accepted['job_id']}]"
    assert f"{task} - PROCESSING: Extracting text..." in board.log("uploads")
    cluster = done["result"]["cluster_id"]
    expected = f"{task} - SUCCESS: doc_id={accepted['document_id']}, cluster_id={cluster}"
    eventually(lambda: expected in board.log("analysis"), within=10)
