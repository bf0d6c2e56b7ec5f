"""The JavaScript of the setup guide runs unchanged against a whole board."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.board import Board

HERE = Path(__file__).parent
CODE = HERE / "seed_client.js"
SEEDS = HERE.parents[2] / "shared" / "seeds"
HEADING = "### Upload File with Background Processing"

NOTE = """# Tides

The tide is the rise and fall of the sea caused by the gravity of the moon and the sun. At spring tide the sun and
the moon pull together; at neap tide they pull across each other. Harbours keep tide tables, and tidal power plants
turn the current of the tide into electricity.
"""


def node() -> str:
    """A Node: the one of this machine, or the one that came with the development requirements."""
    beside_python = Path(sys.executable).with_name("node")
    return shutil.which("node") or str(beside_python)


def run(board: Board, path: Path, encoding: str) -> list[dict[str, object]]:
    command = [node(), str(HERE / "seed_page.mjs"), str(CODE), board.url, board.token, str(path), encoding]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


def test_our_copy_of_the_guides_code_is_verbatim() -> None:
    for guide in SEEDS.glob("002*.txt"):
        code = (
            guide.read_text(encoding="utf-8").partition(HEADING)[2].partition("```javascript\n")[2].partition("```")[0]
        )
        assert code == CODE.read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["as-base64", "as-data-url"])
def test_the_guides_functions_upload_a_file_and_follow_it_to_its_cluster(
    board: Board, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / f"tides-{encoding}.md"
    path.write_text(NOTE + encoding)
    shown = run(board, path, encoding)
    assert shown[0] == {"status": 202, "address": "/upload_file"}
    (toast,) = [line["toast"] for line in shown if "toast" in line]
    document_id, cluster_id = board.sql("SELECT id, cluster_id FROM documents WHERE filename = %s", path.name)[0]
    assert toast == f"Uploaded! Doc {document_id} → Cluster {cluster_id}"
    assert cluster_id is not None
    assert shown[-1] == {"refreshed": True}


def test_the_guides_functions_show_progress_on_the_way(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "almanac.md"
    days = (
        f"## Day {n}\n\nOn day {n} the tide rose {n % 7 + 3} metres in harbour {n % 11}. {NOTE}" for n in range(120)
    )
    path.write_text("\n\n".join(days))
    shown = [line for line in run(board, path, "as-base64") if "progress" in line]
    assert shown, "a minute of work was never seen under way"
    assert all(isinstance(line["progress"], str) and line["progress"] for line in shown)
    percents = [float(line["percent"]) for line in shown]  # type: ignore[arg-type]
    assert percents == sorted(percents)
    assert 0 < percents[-1] < 100


def test_the_guides_functions_show_why_an_upload_failed(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\nthis is not a PDF at all\n%%EOF")
    shown = run(board, path, "as-base64")
    (toast,) = [line for line in shown if "toast" in line]
    assert toast["kind"] == "error"
    assert str(toast["toast"]).startswith("Upload failed: ")
    assert "undefined" not in str(toast["toast"])
