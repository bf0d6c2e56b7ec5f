"""The sandbox contains what a parser may do, says how it ended, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import billiard
import psutil
import pytest

from backend.domain.errors import Unreadable
from backend.providers import sandbox as sandbox_module
from backend.providers.sandbox import Sandbox
from tests.worker.kin import CLOSED, PATIENCE, POSSIBLE, child_of, descendant, gone, until, zygote_of

TARGET = "tests.worker.parsers:parse"
MEMORY = 1024**3


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(TARGET, timeout_seconds=30, memory_bytes=MEMORY)
    yield made
    made.close()


def never() -> bool:
    return False


def code_of(sandbox: Sandbox, cancelled: Callable[[], bool] = never, **request: object) -> str:
    with pytest.raises(Unreadable) as caught:
        sandbox.run(request, cancelled=cancelled)
    assert caught.value.message
    return caught.value.code


def works(sandbox: Sandbox) -> bool:
    return sandbox.run({"do": "echo", "word": "ü"}, cancelled=never) == {"word": "ü"}


@pytest.fixture
def own_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary folder that no other test of the machine, now at work, looks into or sweeps."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def scratch_folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("syncboard-scratch-*"))


def test_the_result_comes_back_as_it_was(sandbox: Sandbox) -> None:
    assert works(sandbox)


def test_a_result_larger_than_a_pipe_comes_back_whole(sandbox: Sandbox) -> None:
    size = 5_000_000
    assert len(sandbox.run({"do": "long", "size": size}, cancelled=never)["text"]) == size


def test_a_refusal_keeps_its_code_sentence_and_hint(sandbox: Sandbox) -> None:
    with pytest.raises(Unreadable) as caught:
        sandbox.run({"do": "refuse"}, cancelled=never)
    assert caught.value.as_json() == {
        "code": "encrypted",
        "message": "It has a lock.",
        "hint": "Open it.",
        "retryable": False,
    }


def test_an_unexpected_error_is_logged_without_the_words_of_the_document(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert code_of(sandbox, do="bug") == "crashed"
    assert "KeyError" in caplog.text
    assert "parsers.py" in caplog.text
    assert "secret" not in caplog.text


def test_an_endless_loop_is_timed_out() -> None:
    sandbox = Sandbox(TARGET, timeout_seconds=1, memory_bytes=MEMORY)
    assert code_of(sandbox, do="loop") == "timed_out"
    assert works(sandbox)
    sandbox.close()


def test_processor_time_is_limited_even_when_nobody_watches_the_clock(sandbox: Sandbox) -> None:
    sandbox._limits["cpu"] = 1
    assert code_of(sandbox, do="loop") == "timed_out"


@pytest.mark.parametrize("do", ["eat", "eat like rust"])
def test_too_much_memory_is_out_of_memory(sandbox: Sandbox, do: str) -> None:
    assert code_of(sandbox, do=do) == "out_of_memory"
    assert works(sandbox)


def test_a_segmentation_fault_is_crashed(sandbox: Sandbox) -> None:
    assert code_of(sandbox, do="segfault") == "crashed"
    assert works(sandbox)


def test_a_result_that_is_too_long_is_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "_MAX_RESULT_BYTES", 1_000_000)
    assert code_of(sandbox, do="long", size=50_000_000) == "too_large"
    assert works(sandbox)


@pytest.mark.parametrize("level", POSSIBLE)
def test_cancelling_kills_the_parser_at_once(level: str) -> None:
    sandbox = Sandbox(TARGET, timeout_seconds=60, memory_bytes=MEMORY, level=level)
    seen: list[psutil.Process] = []

    def cancelled() -> bool:
        seen.extend(filter(None, [child_of(sandbox)]))
        return bool(seen)

    assert code_of(sandbox, cancelled, do="sleep") == "cancelled"
    assert gone(seen[0])
    assert works(sandbox)
    sandbox.close()


@pytest.mark.parametrize("level", POSSIBLE)
def test_a_process_the_parser_left_running_is_killed(level: str) -> None:
    sandbox = Sandbox(TARGET, timeout_seconds=60, memory_bytes=MEMORY, programs=True, level=level)
    sandbox.run({"do": "stray", "own_session": False}, cancelled=never)
    assert zygote_of(sandbox).children(recursive=True) == []
    assert works(sandbox)
    sandbox.close()


def test_an_idle_zygote_that_was_killed_is_replaced(sandbox: Sandbox) -> None:
    assert works(sandbox)
    zygote_of(sandbox).kill()
    assert works(sandbox)


@pytest.mark.parametrize("level", POSSIBLE)
def test_a_zygote_killed_in_the_middle_takes_its_child_along_and_the_parse_is_done_again(
    tmp_path: Path, level: str
) -> None:
    sandbox = Sandbox(TARGET, timeout_seconds=60, memory_bytes=MEMORY, level=level)
    (mark := tmp_path / "mark").touch()
    killed: list[psutil.Process] = []

    def kill_the_zygote() -> None:
        assert until(lambda: child_of(sandbox))
        killed.extend(filter(None, [child_of(sandbox)]))
        mark.write_text("again")
        zygote_of(sandbox).kill()

    killer = threading.Thread(target=kill_the_zygote)
    killer.start()
    assert sandbox.run({"do": "stick once"}, cancelled=never, files={"mark": mark}) == {"again": True}
    killer.join()
    assert gone(killed[0])
    sandbox.close()


@pytest.mark.parametrize("level", POSSIBLE)
def test_a_zygote_that_does_not_answer_is_dropped(level: str) -> None:
    sandbox = Sandbox(TARGET, timeout_seconds=60, memory_bytes=MEMORY, level=level)
    frozen: list[psutil.Process] = []

    def freeze() -> bool:
        if not frozen and (child := child_of(sandbox)):
            frozen.extend([child, zygote_of(sandbox)])
            frozen[1].suspend()
        return bool(frozen)

    assert code_of(sandbox, freeze, do="sleep") == "cancelled"
    assert gone(frozen[0])
    assert gone(frozen[1])
    assert works(sandbox)
    sandbox.close()


@pytest.mark.parametrize("level", POSSIBLE)
def test_a_frozen_child_is_killed_when_its_time_is_up(level: str) -> None:
    sandbox = Sandbox(TARGET, timeout_seconds=2, memory_bytes=MEMORY, level=level)
    frozen: list[psutil.Process] = []

    def freeze() -> bool:
        if not frozen and (child := child_of(sandbox)):
            frozen.append(child)
            child.suspend()
        return False

    assert code_of(sandbox, freeze, do="sleep") == "timed_out"
    assert gone(frozen[0])
    assert works(sandbox)
    sandbox.close()


@pytest.mark.parametrize("level", POSSIBLE)
def test_everything_dies_with_a_worker_that_is_killed(level: str) -> None:
    code = (
        "import sys; from backend.providers.sandbox import Sandbox\n"
        f"Sandbox('{TARGET}', timeout_seconds=600, memory_bytes={MEMORY}, level='{level}')"
        ".run({'do': 'sleep'}, cancelled=lambda: False)"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": "."})
    generations = 3 if level in CLOSED else 2
    assert until(lambda: descendant(psutil.Process(worker.pid), generations))
    child = descendant(psutil.Process(worker.pid), generations)
    assert child is not None
    assert until(lambda: "syncboard-scratch" in child.cwd())
    between = child.parents()[: generations - 1]
    folder = Path(child.cwd())
    worker.kill()
    worker.wait()
    assert all(map(gone, [child, *between]))
    assert until(lambda: not folder.exists())


def test_the_parser_sees_no_secret_no_file_and_no_terminal(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:secret@nowhere/db")
    monkeypatch.setenv("REDIS_PASSWORD", "secret")
    seen = sandbox.run({"do": "surroundings"}, cancelled=never)
    assert "secret" not in str(seen["environment"])
    assert "DATABASE_URL" not in seen["environment"]
    assert [name for name in seen["open_files"] if not name.startswith(("/dev/null", "pipe:", "/proc/"))] == [
        seen["folder"] + ".err"
    ] * 2
    assert seen["no_new_privs"] == "1"
    assert seen["leads_its_session"]
    assert seen["stdin"] == ""
    assert not Path(seen["folder"]).exists()


def test_scratch_files_are_limited_and_removed(sandbox: Sandbox) -> None:
    sandbox._limits["file"] = 4 * 1024 * 1024
    result = sandbox.run({"do": "write", "size": 64 * 1024 * 1024}, cancelled=never)
    assert result["stopped"]
    assert not Path(result["folder"]).exists()


@pytest.mark.usefixtures("own_scratch")
def test_a_scratch_folder_whose_owner_was_killed_is_swept_by_the_next(sandbox: Sandbox) -> None:
    before = scratch_folders()
    assert works(sandbox)
    left = scratch_folders() - before
    zygote_of(sandbox).kill()
    assert works(sandbox)
    assert left
    assert not left & scratch_folders()


@pytest.mark.usefixtures("own_scratch")
def test_fifty_parses_leave_nothing_behind() -> None:
    me = psutil.Process()
    others = me.children()  # the servers and boards of other tests
    sandbox = Sandbox(TARGET, timeout_seconds=1, memory_bytes=MEMORY)
    assert works(sandbox)
    (outer,) = [child for child in me.children() if child not in others]
    zygote = zygote_of(sandbox)
    files, folders = me.num_fds(), scratch_folders()
    contents = [sorted(folder.iterdir()) for folder in sorted(folders)]
    for number in range(50):
        if number % 10 == 5:
            code_of(sandbox, do="segfault")
        elif number % 10 == 7:
            code_of(sandbox, do="eat")
        else:
            assert works(sandbox)
    assert [child for child in me.children() if child not in others] == [outer]
    assert zygote.children() == []
    assert me.num_fds() == files
    assert scratch_folders() == folders
    assert [sorted(folder.iterdir()) for folder in sorted(folders)] == contents
    sandbox.close()
    assert until(lambda: not zygote.is_running())


def test_two_threads_take_turns(sandbox: Sandbox) -> None:
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(works(sandbox))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 4


def test_a_forked_process_starts_a_zygote_of_its_own(sandbox: Sandbox) -> None:
    assert works(sandbox)
    mine = sandbox._zygote
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if works(sandbox) and sandbox._zygote is not mine else 1
            sandbox.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert works(sandbox)
    assert sandbox._zygote is mine


def _in_a_pool_process(answers: object) -> None:
    sandbox = Sandbox(TARGET, timeout_seconds=30, memory_bytes=MEMORY)
    answers.put(works(sandbox))  # type: ignore[attr-defined]
    sandbox.close()


def test_it_works_in_a_daemonic_process_of_billiard() -> None:
    context = billiard.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=_in_a_pool_process, args=(answers,), daemon=True)
    process.start()
    assert answers.get(timeout=PATIENCE) is True
    process.join(PATIENCE)
