"""Builds the outside world, once per process: the only place that chooses which provider fulfils which port."""

from __future__ import annotations

import os

from backend.domain.ports import Embedder
from backend.domain.sound import Transcriber
from backend.domain.writing import Writer
from backend.jobs import kinds  # noqa: F401 - whoever is wired knows every kind of job
from backend.jobs.services import Ring, Services
from backend.providers.blobs import FolderBlobs
from backend.providers.embedding import PackagedEmbedder, RemoteEmbedder
from backend.providers.examiner import Examiner
from backend.providers.extractors import Reader
from backend.providers.fetch.fetcher import GuardedFetcher
from backend.providers.fetch.guard import Guard, sent_elsewhere
from backend.providers.fetch.network import Network
from backend.providers.fetch.watch import Limits
from backend.providers.media import SandboxedDecoder
from backend.providers.ocr import OcrReader
from backend.providers.rendering import PageRenderer
from backend.providers.speech.local import LocalTranscriber
from backend.providers.speech.remote import RemoteTranscriber
from backend.providers.unpacking import ArchiveUnpacker
from backend.providers.writing import ChatWriter
from backend.providers.youtube import YouTube
from backend.settings import Settings
from backend.store import tables  # noqa: F401 - a table that another names must be known to every process
from backend.store.database import Database


def database(settings: Settings, *, pool_size: int = 10) -> Database:
    """The connections of one process. Raises ValueError when no database is named."""
    if not settings.database_url:
        raise ValueError("DATABASE_URL is not set and nothing embedded runs: start the board with `make run`.")
    return Database(settings.database_url, pool_size=pool_size)


def build(settings: Settings, *, database: Database, ring: Ring) -> Services:
    """The services of one process. Nothing heavy is loaded here: models and readers start when first used."""
    wanted = embedder(settings)
    return Services(
        settings=settings,
        database=database,
        blobs=FolderBlobs(settings.blob_dir),
        extractor=Reader(settings.extract_timeout_seconds, settings.extract_memory_bytes),
        embedder=wanted,
        embedders={known.model: known for known in (*formerly(settings), wanted)},
        unpacker=ArchiveUnpacker(
            settings.extract_timeout_seconds, settings.extract_memory_bytes, settings.max_upload_bytes
        ),
        renderer=PageRenderer(settings.extract_memory_bytes),
        pages=OcrReader(settings.extract_timeout_seconds, settings.extract_memory_bytes, settings.ocr_languages),
        fetcher=GuardedFetcher(
            network(settings),
            Limits(total=settings.fetch_timeout_seconds, most_bytes=settings.fetch_max_bytes),
            agent=settings.fetch_user_agent,
            robots=settings.fetch_robots == "obey",
        ),
        videos=YouTube(
            network(settings),
            settings.data_dir / "tmp",
            total_seconds=settings.fetch_timeout_seconds,
            most_bytes=settings.fetch_max_bytes,
        ),
        decoder=SandboxedDecoder(settings.extract_timeout_seconds, settings.extract_memory_bytes),
        transcriber=transcriber(settings),
        walls=Examiner(settings.data_dir),
        ring=ring,
        writer=writer(settings),
    )


def network(settings: Settings) -> Network:
    """The one way out to addresses that people name. Raises ValueError for a FETCH_RESOLVE that cannot be read."""
    guard = Guard(settings.allow_private_addresses, sent_elsewhere(settings.fetch_resolve))
    return Network(guard, settings.fetch_ca_file)


def embedder(settings: Settings) -> Embedder:
    """The packaged model, or the service that EMBEDDING_URL names."""
    if settings.embedding_url:
        return RemoteEmbedder(
            settings.embedding_url, settings.embedding_model, settings.embedding_key, settings.embedding_dimension
        )
    return PackagedEmbedder(settings.embedding_threads)


def formerly(settings: Settings) -> list[Embedder]:
    """Other models that can still be run here: a board may be answered by one of them until all is embedded anew."""
    known: list[Embedder] = [PackagedEmbedder(settings.embedding_threads)]
    if settings.embedding_previous_url:
        known.append(
            RemoteEmbedder(
                settings.embedding_previous_url,
                settings.embedding_previous_model,
                settings.embedding_previous_key,
                settings.embedding_previous_dimension,
            )
        )
    return known


def transcriber(settings: Settings) -> Transcriber:
    """Whisper on this machine, or the service that SPEECH_URL names."""
    if settings.speech_url:
        return RemoteTranscriber(settings.speech_url, settings.speech_model, settings.speech_key)
    cores = max(1, (os.cpu_count() or 1) // settings.worker_concurrency)
    return LocalTranscriber(settings.speech_engine, settings.data_dir / "models", settings.speech_threads or cores)


def writer(settings: Settings) -> Writer | None:
    """The language model that LLM_BASE_URL names, or none."""
    if not settings.llm_base_url:
        return None
    return ChatWriter(
        settings.llm_base_url,
        settings.llm_model,
        settings.llm_api_key,
        timeout_seconds=settings.llm_timeout_seconds,
        max_tokens=settings.llm_max_tokens,
        most_chars=settings.llm_max_chars,
        retries=settings.llm_retries,
    )
