"""The explicit lists: every kind of job, every queue and every router is in its list, and what is listed is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from fastapi import APIRouter

from backend import api, celery_app, main
from backend.embedded.programs import programs
from backend.jobs import kinds
from backend.jobs.job import QUEUES, Job
from backend.settings import Settings

ROOT = Path(__file__).parents[1]
KINDS = ROOT / "backend" / "jobs" / "kinds"
PRODUCTION = (
    ROOT / "docker-compose.yml",
    ROOT / "deploy" / "supervisor",
    ROOT / "deploy" / "scripts" / "start_workers.sh",
    ROOT / "deploy" / "scripts" / "start_workers.ps1",
)
"""Other ways to start workers; each is held to the list of queues as soon as it is there."""


def assigned(path: Path) -> set[str]:
    """The names a file assigns at its top level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def queues_of(text: str) -> set[str]:
    """The queues that worker commands in a text consume."""
    named = re.findall(r"(?:--queues[= ]|-Q ?)([\w,]+)", text)
    return {queue for group in named for queue in group.split(",")}


@pytest.mark.parametrize("job", kinds.ALL, ids=lambda job: job.kind)
def test_a_kind_of_job_has_a_file_of_its_name(job: Job) -> None:
    assert "JOB" in assigned(KINDS / f"{job.kind}.py")


def test_every_file_with_a_kind_of_job_is_in_the_list() -> None:
    written = {path.stem for path in KINDS.glob("*.py") if "JOB" in assigned(path)}
    assert written == {job.kind for job in kinds.ALL}
    assert {kind: job for kind, job in kinds.BY_NAME.items() if kind in written} == {job.kind: job for job in kinds.ALL}


@pytest.mark.parametrize("job", kinds.ALL, ids=lambda job: job.kind)
def test_every_step_goes_through_a_known_queue(job: Job) -> None:
    assert job.steps
    assert {step.queue for step in job.steps} <= set(QUEUES)
    assert len({step.name for step in job.steps}) == len(job.steps)


@pytest.mark.parametrize("job", kinds.ALL, ids=lambda job: job.kind)
def test_the_percent_of_a_job_rises_from_stage_to_stage(job: Job) -> None:
    percents = [stage.percent for step in job.steps for stage in step.stages]
    assert percents == sorted(percents), "stages of which a job goes through one may begin at the same"
    assert all(0 < percent < 100 for percent in percents)


@pytest.mark.parametrize("job", kinds.ALL, ids=lambda job: job.kind)
def test_every_kind_of_job_is_a_celery_task(job: Job) -> None:
    assert f"backend.tasks.{job.kind}" in celery_app.app.tasks


def test_the_task_names_that_operators_know_are_registered() -> None:
    known = {
        "backend.tasks.process_file_upload",
        "backend.tasks.process_url_upload",
        "backend.tasks.process_image_upload",
        "backend.tasks.find_duplicates_background",
        "backend.tasks.generate_build_suggestions",
    }
    assert known <= set(celery_app.app.tasks)


def test_a_scheduled_task_exists_and_names_a_known_queue() -> None:
    for entry in celery_app.app.conf.beat_schedule.values():
        assert entry["task"] in celery_app.app.tasks
        assert entry.get("options", {}).get("queue", QUEUES[0]) in QUEUES


def test_the_default_run_consumes_every_queue(tmp_path: Path) -> None:
    commands = " ".join(" ".join(program.command) for program in programs(Settings(data_dir=tmp_path)))
    assert queues_of(commands) == set(QUEUES)


def test_every_way_of_running_it_consumes_every_queue() -> None:
    consumed = {}
    for path in (path for path in PRODUCTION if path.exists()):
        files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
        consumed[path.name] = queues_of("\n".join(file.read_text(encoding="utf-8") for file in files))
    assert all(queues == set(QUEUES) for queues in consumed.values()), consumed


def test_the_worker_unit_of_systemd_is_started_for_every_queue() -> None:
    units = ROOT / "deploy" / "systemd"
    started = {
        name
        for file in units.rglob("*")
        if file.is_file()
        for name in re.findall(r"syncboard-worker@(\w+)", file.read_text())
    }
    assert not units.exists() or started >= set(QUEUES)


def test_every_router_is_in_the_explicit_list() -> None:
    listed = {id(router) for router in (*api.ROUTERS, main.page.router)}
    written = {path.stem for path in (ROOT / "backend" / "api").glob("*.py") if "router" in assigned(path)}
    assert len(listed) == len(written) == len(api.ROUTERS) + 1
    assert all(isinstance(router, APIRouter) for router in api.ROUTERS)
