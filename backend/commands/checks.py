"""What `doctor` examines. Each check looks at one part of the board and yields findings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

import redis

from backend.commands import output
from backend.jobs.job import QUEUES
from backend.jobs.services import Services
from backend.settings import Settings
from backend.store import doctor as queries
from backend.store import embedding_models, queues, reembedding
from backend.store.database import EVERYONE, Database

PATIENCE_SECONDS = 30.0
"""A dispatcher looks every second: what is this late has none."""
GUESSED_PASSWORDS = {"", "syncboard", "postgres", "password", "secret", "changeme", "admin"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what to do about it."""

    level: Literal["ok", "warning", "problem"]
    check: str
    message: str
    do: str = ""


def weak_settings(settings: Settings) -> Iterator[Finding]:
    """Settings that are fine on one's own desk and nowhere else."""
    count = 0
    for weak, message, do in (
        (
            settings.registration == "open",
            "Anyone who reaches the board may make an account.",
            "Set REGISTRATION=invite.",
        ),
        (
            settings.environment == "development" and not _loopback(settings.host),
            f"The board listens on {settings.host} in development mode.",
            "Set ENVIRONMENT=production and put a proxy with TLS before it.",
        ),
        (
            _weak_url(settings.database_url),
            "The database has a password that is easily guessed.",
            "Change it, and DATABASE_URL.",
        ),
        (
            _weak_url(settings.broker_url),
            "The broker has no password, or one that is easily guessed.",
            "Set one, and REDIS_URL.",
        ),
        (
            settings.environment == "production" and settings.log_format != "json",
            "Logs are written for people.",
            "Set LOG_FORMAT=json.",
        ),
    ):
        if weak:
            count += 1
            yield Finding("warning", "settings", message, do)
    if not count:
        yield Finding("ok", "settings", f"Nothing weak for {settings.environment}.")


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker answers, and keeps what it is given."""
    if not settings.broker_url:
        yield Finding("problem", "broker", "No broker is named and nothing embedded runs.", "Start with `make run`.")
        return
    with redis.Redis.from_url(settings.broker_url, socket_connect_timeout=2, socket_timeout=2) as client:
        try:
            client.ping()
        except redis.RedisError as error:
            yield Finding(
                "problem", "broker", f"It does not answer: {error}.", "Jobs are kept, but wait until it is back."
            )
            return
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
    if policy not in ("noeviction", None):
        yield Finding(
            "warning", "broker", f"It forgets when memory is short ({policy}).", "Set maxmemory-policy noeviction."
        )
    else:
        yield Finding("ok", "broker", "It answers, and forgets nothing on its own.")


def migrated(database: Database) -> Iterator[Finding]:
    """Whether the database is at the revision this code was written for, and its walls stand for our role."""
    with database.session(EVERYONE) as session:
        at, above = queries.revision(session), queries.above_the_walls(session)
    newest = queries.newest_revision()
    if above:
        message = "The role of DATABASE_URL is a superuser or has BYPASSRLS: row-level security does not hold it."
        yield Finding("warning", "database", message, "Let the board use a role that only owns its database.")
    if at == newest:
        yield Finding("ok", "database", f"It answers and is migrated to {at}.")
    else:
        message = f"It is at revision {at or 'none'}, this code needs {newest}."
        yield Finding("problem", "database", message, "Run `alembic upgrade head`.")


def consumed(database: Database) -> Iterator[Finding]:
    """Whether a canary went through a worker child of every queue lately."""
    with database.session(EVERYONE) as session:
        health = queues.health(session)
    for name in QUEUES:
        queue = health[name]
        waiting = f"{queue.waiting} waiting, {queue.running} running"
        if queue.paused:
            yield Finding(
                "warning", f"queue {name}", f"Paused, {waiting}.", f"Resume it: POST /admin/queues/{name}/resume."
            )
        elif queue.alive():
            yield Finding("ok", f"queue {name}", f"A worker answers, {waiting}.")
        else:
            ago = "never" if queue.canary_age is None else f"last {queue.canary_age:.0f} s ago"
            yield Finding(
                "problem",
                f"queue {name}",
                f"No worker answers ({ago}), {waiting}.",
                f"Start one: celery -A backend.celery_app worker --queues={name}",
            )


def moving(database: Database, settings: Settings) -> Iterator[Finding]:
    """Whether waiting jobs are rung for, and what dead workers held is taken back."""
    with database.session(EVERYONE) as session:
        unrung = queries.unrung(session, older=PATIENCE_SECONDS, window=settings.doorbells_per_queue)
        stale = queries.stale_leases(session, older=PATIENCE_SECONDS)
    for queue, count in unrung.items():
        yield Finding(
            "problem", "doorbells", f"{count} jobs on {queue} wait and nobody rings for them.", "Start the API or beat."
        )
    if stale:
        yield Finding(
            "problem", "leases", f"{stale} leases ran out and nobody takes them back.", "Start the API or beat."
        )
    if not unrung and not stale:
        yield Finding("ok", "doorbells", "Waiting jobs are rung for, and no lease is stale.")


def storage(services: Services) -> Iterator[Finding]:
    """Whether originals can be written, are all there, and belong to a document."""
    blobs, settings = services.blobs, services.settings
    with blobs.writer() as draft:
        draft.write(b"doctor was here")  # never committed: gone with the block
    free = blobs.free_bytes()
    if free is not None and free < settings.disk_floor_bytes:
        yield Finding(
            "problem",
            "storage",
            f"{output.human_bytes(free)} are free, uploads stop below {output.human_bytes(settings.disk_floor_bytes)}.",
            "Free some space.",
        )
    with services.database.session(EVERYONE) as session:
        needed = queries.originals(session)
    # listed afterwards: a document made in between has its original already, so none is missing by mistake
    kept = set(blobs.all())
    if missing := len(needed - kept):
        yield Finding(
            "problem", "storage", f"{missing} documents have lost their original.", "Restore the files from a backup."
        )
    if orphans := len(kept - needed):
        yield Finding(
            "warning",
            "storage",
            f"{orphans} originals belong to no document.",
            "Harmless; the clean-up may remove them.",
        )
    if not missing:
        room = "" if free is None else f", {output.human_bytes(free)} free"
        yield Finding("ok", "storage", f"It can be written{room}, and all {len(needed)} originals are there.")


def one_model(services: Services) -> Iterator[Finding]:
    """Whether the board is answered by the model that is set: vectors of two models never meet."""
    wanted = services.embedder.model
    with services.database.session(EVERYONE) as session:
        serving = embedding_models.serving(session) or wanted
        complete = embedding_models.complete(session)
        missing = 0 if serving == wanted and complete else reembedding.lacking(session, wanted)
    if serving == wanted and complete:
        yield Finding("ok", "embedding", f"The board is answered by {wanted}.")
    elif serving in services.embedders:
        message = f"The board is answered by {serving} until {wanted} has embedded {missing} more passages."
        yield Finding(
            "warning", "embedding", message, "A job of the queue low_priority does it; nothing is to be done."
        )
    else:
        yield Finding(
            "warning",
            "embedding",
            f"The vectors are of {serving}, which is not set up here: {missing} passages are found by words only.",
            "Wait for the job that embeds them anew, or name the old model in EMBEDDING_PREVIOUS_URL.",
        )


def walls(services: Services) -> Iterator[Finding]:
    """How closed the reading of files is, proven by a child that tries to break out."""
    found = services.walls.examine()
    if found.open:
        reasons = "; ".join(f"{level}: {reason.rstrip('.')}" for level, reason in found.why_not.items())
        yield Finding(
            "warning",
            "sandbox",
            f"Files are read at the level {found.level}: a hostile one could reach {', '.join(found.open)}.",
            f"Run `apt-get install bubblewrap`, or let this user make namespaces ({reasons or 'nothing stronger'}).",
        )
    else:
        yield Finding("ok", "sandbox", f"Files are read at the level {found.level}; a child that tried got nowhere.")


def scans(services: Services) -> Iterator[Finding]:
    """Whether the engine for print is there, with data for the languages that are set."""
    install = "Install it: apt-get install --no-install-recommends"
    lacking = services.pages.lacking
    if not shutil.which("tesseract"):
        message = "Scans are read by rapidocr alone; tesseract is better at print, in columns above all."
        yield Finding("ok", "ocr", message, f"{install} tesseract-ocr tesseract-ocr-osd")
    elif lacking:
        packages = " ".join(f"tesseract-ocr-{name.lower().replace('_', '-')}" for name in lacking)
        message = f"tesseract has no data for {', '.join(lacking)}, which OCR_LANGUAGES names."
        yield Finding("warning", "ocr", message, f"{install} {packages}")
    else:
        yield Finding("ok", "ocr", "Scans are read by tesseract and rapidocr.")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _weak_url(url: str) -> bool:
    parts = urlsplit(url)
    return bool(url) and not _loopback(parts.hostname or "localhost") and (parts.password or "") in GUESSED_PASSWORDS
