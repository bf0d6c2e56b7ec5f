"""Real files of every kind through HTTP: each reaches its cluster or a clear refusal, and is accepted at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.board import ROOT, Board

CORPUS = Path(os.environ.get("CORPUS", ROOT.parent / "shared" / "corpus")) / "documents"
EVERY = 6
"""One file in six is read in the tests; CORPUS_EVERY=1 reads them all."""

REFUSALS = {
    "corrupt",
    "encrypted",
    "no_text",
    "unsupported_type",
    "empty_file",
    "timed_out",
    "out_of_memory",
    "crashed",
    "too_large",
}


def sources() -> list[Path]:
    """The input files of the corpus, in a fixed order that mixes the kinds."""
    files = [path for path in sorted(CORPUS.rglob("*")) if path.is_file() and "groundtruth" not in path.parts]
    return files[:: int(os.environ.get("CORPUS_EVERY", EVERY))]


def test_real_files_reach_a_cluster_or_a_clear_refusal(board: Board, tmp_path: Path) -> None:
    files = sources() or own_files(tmp_path)
    slowest, accepted, refused = 0.0, {}, {}
    with board.client() as client:
        for path in files:
            content = path.read_bytes()
            started = time.monotonic()
            answer = client.post("/upload_file", files={"file": (path.name, content)})
            slowest = max(slowest, time.monotonic() - started)
            if answer.status_code == 202:
                accepted[answer.json()["job_id"]] = path
            else:
                refused[path] = answer.json()["error"]
    assert slowest < 10, "an upload must be answered at once, whatever the file"
    ended = {job_id: board.finished(job_id, within=600) for job_id in accepted}
    for job_id, status in ended.items():
        path = accepted[job_id]
        if status["state"] == "SUCCESS":
            result = status["result"]
            assert result["doc_id"], path
            assert result["cluster_id"] is not None or result["concepts"] == [], path
        else:
            refused[path] = status["error"]
    for path, error in refused.items():
        assert error["code"] in REFUSALS, f"{path.name}: {error}"
        assert error["message"], path
        assert error["hint"], f"{path.name}: {error}"
    succeeded = sum(status["state"] == "SUCCESS" for status in ended.values())
    print(f"{len(files)} files: {succeeded} on the board, {len(refused)} refused, slowest answer {slowest:.2f} s")
    for path, error in sorted(refused.items()):
        print(f"  {path.name}: {error['code']}: {error['message']}")
    assert succeeded >= len(files) * 0.8


def own_files(folder: Path) -> list[Path]:
    """A few files of our own, for a machine without the corpus."""
    contents = {
        "note.md": "# Bees\n\nHoney bees dance to tell each other where the flowers are.\n",
        "page.html": "<html><title>Wool</title><body><h1>Wool</h1><p>Sheep are shorn once a year.</p></body></html>",
        "code.py": "def total(values):\n    '''The sum of numbers.'''\n    return sum(values)\n",
        "table.csv": "city,people\nOslo,709000\nBergen,291000\nTrondheim,212000\n",
        "mail.eml": "From: ada@example.org\nSubject: Looms\n\nThe Jacquard loom weaves patterns from punched cards.\n",
    }
    for name, content in contents.items():
        (folder / name).write_text(content)
    return [folder / name for name in contents]
