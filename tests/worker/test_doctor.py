"""`syncboard doctor` finds what is wrong, whether the server runs or not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backend.commands.checks import Finding, weak_settings
from backend.commands.doctor import examine
from backend.embedded.postgres import Postgres
from backend.embedded.process import free_port
from backend.providers import models
from backend.providers.blobs import FolderBlobs
from backend.settings import Settings
from tests.board import ROOT, Board
from tests.worker.kin import POSSIBLE


def doctor(settings: Settings, **changed: Any) -> dict[str, list[Finding]]:
    """The findings that are not fine, by the part they are about."""
    found: dict[str, list[Finding]] = {}
    for finding in examine(settings.model_copy(update=changed)):
        if finding.level != "ok":
            found.setdefault(finding.check, []).append(finding)
    return found


def process(env: dict[str, str]) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the findings of the command itself."""
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "doctor", "--json"],
        cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)["findings"]


def execute(settings: Settings, *statements: str) -> None:
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("SELECT set_config('syncboard.principal', '*', true)")
        for statement in statements:
            connection.execute(statement)


OWNER = "INSERT INTO users (username, password_hash, role) VALUES ('ada', 'x', 'owner')"
JOB = """INSERT INTO jobs (id, owner_id, kind, step, queue, max_attempts, state, ring_at, lease_until)
         SELECT gen_random_uuid(), id, 'process_file_upload', 'extract', 'uploads', 3, {} FROM users"""
DOCUMENT = """INSERT INTO documents (owner_id, kind, title, filename, blob_sha256, size_bytes)
              SELECT id, 'file', 'Tea', 'tea.md', repeat('0', 64), 3 FROM users"""
SERVING = "INSERT INTO embedding_models (model, state) VALUES ('older/3/1', 'serving')"
VECTOR = "INSERT INTO document_vectors SELECT id, 'older/3/1', owner_id, '[1,0,0]' FROM documents"


def test_how_closed_reading_is_was_tried(settings: Settings) -> None:
    findings = [finding for finding in examine(settings) if finding.check == "sandbox"]
    assert [finding.level for finding in findings] == ["ok" if POSSIBLE[0] != "limits" else "warning"]
    assert POSSIBLE[0] in findings[0].message


def test_a_language_that_scans_cannot_be_read_in_is_named_with_what_to_do(settings: Settings) -> None:
    [known] = [finding for finding in examine(settings) if finding.check == "ocr"]
    assert (known.level, "apt-get" in known.do) == ("ok", shutil.which("tesseract") is None), known
    [unknown] = [
        finding for finding in examine(settings.model_copy(update={"ocr_languages": "xyz"})) if finding.check == "ocr"
    ]
    assert "tesseract-ocr" in unknown.do
    assert (unknown.level == "warning") == ("xyz" in unknown.message) == (shutil.which("tesseract") is not None)


def test_weights_that_are_nowhere_and_a_folder_that_is_not_there_are_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor(settings, watch_dir=tmp_path).keys() & {"models", "watched folder"} == set()
    monkeypatch.setattr(models, "REGISTRY", (replace(models.MINILM_MODEL, package="no_such_package"),))
    found = doctor(settings, watch_dir=tmp_path / "nowhere")
    assert "models fetch" in found["models"][0].do
    assert found["watched folder"][0].level == "warning"


def test_a_running_board_is_healthy(board: Board) -> None:
    code, findings = process(board.env)
    assert code == 0
    assert "problem" not in {finding["level"] for finding in findings}, findings


def test_a_problem_is_told_by_the_exit_code(settings: Settings) -> None:
    env = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "DATA_DIR": str(settings.data_dir)}
    code, findings = process(env)
    assert code == 1
    assert "problem" in {finding["level"] for finding in findings}


def test_a_queue_that_nobody_reads_is_named_with_what_to_do(settings: Settings) -> None:
    found = doctor(settings)
    assert set(found) == {"queue uploads", "queue analysis", "queue low_priority"}, found
    assert "--queues=uploads" in found["queue uploads"][0].do


def test_a_paused_queue_is_a_warning(settings: Settings) -> None:
    execute(settings, "UPDATE queues SET paused = true")
    assert doctor(settings)["queue analysis"][0].level == "warning"


def test_a_database_that_is_away_is_the_only_finding(settings: Settings) -> None:
    assert set(doctor(settings, database_url=f"postgresql://x:y@127.0.0.1:{free_port()}/z")) == {"database"}


def test_a_database_without_migrations_is_a_problem(settings: Settings) -> None:
    execute(settings, "UPDATE alembic_version SET version_num = '0000'")
    [old] = doctor(settings)["database"]
    assert "0000" in old.message
    assert "alembic upgrade head" in old.do
    execute(settings, "DROP TABLE alembic_version")
    assert doctor(settings)["database"][0].level == "problem"


def test_a_role_that_steps_around_the_walls_is_a_warning(settings: Settings, postgres: Postgres) -> None:
    name = settings.database_url.rsplit("/", 1)[1]
    above = postgres.superuser_url.rsplit("/", 1)[0] + f"/{name}"
    assert [finding.level for finding in doctor(settings, database_url=above)["database"]] == ["warning"]


def test_a_broker_that_is_away_is_a_problem(settings: Settings) -> None:
    assert doctor(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")["broker"][0].level == "problem"


def test_jobs_that_nobody_rings_for_are_found(settings: Settings) -> None:
    execute(settings, OWNER, JOB.format("'PENDING', now() - interval '1 hour', NULL::timestamptz"))
    assert doctor(settings)["doorbells"][0].message.startswith("1 jobs on uploads")


def test_leases_that_nobody_takes_back_are_found(settings: Settings) -> None:
    execute(settings, OWNER, JOB.format("'PROCESSING', now(), now() - interval '1 hour'"))
    assert doctor(settings)["leases"][0].level == "problem"


def test_lost_originals_are_a_problem_and_orphans_are_not(settings: Settings) -> None:
    with FolderBlobs(settings.blob_dir).writer() as blob:
        blob.write(b"nobody's")
        blob.commit()
    assert [finding.level for finding in doctor(settings)["storage"]] == ["warning"]
    execute(settings, OWNER, DOCUMENT)
    assert [finding.level for finding in doctor(settings)["storage"]] == ["problem", "warning"]


def test_doctor_leaves_nothing_behind_in_the_storage(settings: Settings) -> None:
    assert "storage" not in doctor(settings)
    assert [path for path in settings.blob_dir.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "weak",
    [
        {"registration": "open"},
        {"host": "192.0.2.1"},
        {"redis_url": "redis://broker.example:6379/0"},
        {"database_url": "postgresql://syncboard:syncboard@db.example/syncboard"},
        {"environment": "production"},
    ],
    ids=str,
)
def test_a_weak_setting_is_a_warning(settings: Settings, weak: dict[str, str]) -> None:
    assert [finding.level for finding in weak_settings(settings)] == ["ok"]
    assert [finding.level for finding in weak_settings(settings.model_copy(update=weak))] == ["warning"]


def test_too_little_room_is_a_problem(settings: Settings) -> None:
    assert doctor(settings, disk_floor_bytes=10**18)["storage"][0].level == "problem"


def test_a_board_answered_by_a_model_that_is_gone_is_found(settings: Settings) -> None:
    execute(settings, OWNER, DOCUMENT, VECTOR, SERVING)
    (found,) = doctor(settings)["embedding"]
    assert (found.level, "older/3/1" in found.message) == ("warning", True)
