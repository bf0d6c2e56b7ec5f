"""Every setting of SyncBoard, read from the environment, then `.env`, then what `make run` wrote into the data folder.

`syncboard up` starts an embedded PostgreSQL and Valkey when none are named and leaves their addresses in
`DATA_DIR/embedded.env`, so that `celery -A backend.celery_app …` in another terminal finds the same board.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import DotEnvSettingsSource

MB = 1024 * 1024
GB = 1024 * MB


class Settings(BaseSettings):
    """The settings; `docs/operations.md` says what each is for (a test holds it to that)."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    flower_port: int = Field(default=5555, ge=1, le=65535)
    log_level: str = "INFO"
    log_format: Literal["console", "json"] = "console"

    database_url: str = ""
    redis_url: str = ""
    celery_broker_url: str = ""
    celery_result_backend: str = ""
    storage_url: str = ""

    registration: Literal["invite", "open"] = "invite"
    token_ttl_hours: int = Field(default=24 * 30, ge=1)

    rate_limit_sign_in: str = "30/minute"
    rate_limit_writes: str = "1200/minute"
    rate_limit_reads: str = "60000/minute"

    max_upload_bytes: int = Field(default=4 * GB, ge=1)
    max_json_upload_bytes: int = Field(default=64 * MB, ge=1)
    disk_floor_bytes: int = Field(default=512 * MB, ge=0)
    quota_bytes: int = Field(default=500 * GB, ge=0)
    quota_open_jobs: int = Field(default=10_000, ge=1)
    quota_open_uploads: int = Field(default=100, ge=1)
    watch_dir: Path | None = None
    watch_poll: bool = False
    upload_expiry_hours: int = Field(default=24 * 7, ge=1)

    lease_seconds: float = Field(default=30.0, gt=0)
    heartbeat_seconds: float = Field(default=7.0, gt=0)
    max_attempts: int = Field(default=3, ge=1)
    doorbells_per_queue: int = Field(default=64, ge=1)
    canary_seconds: float = Field(default=15.0, gt=0)
    worker_concurrency: int = Field(default=2, ge=1)

    extract_timeout_seconds: float = Field(default=300.0, gt=0)
    extract_memory_bytes: int = Field(default=2 * GB, ge=64 * MB)

    ocr_languages: str = Field(default="eng", pattern=r"^[A-Za-z0-9_/-]+(\+[A-Za-z0-9_/-]+)*$")

    allow_private_addresses: bool = False
    fetch_timeout_seconds: float = Field(default=600.0, gt=0, le=3000)
    fetch_max_bytes: int = Field(default=GB, ge=1)
    fetch_delay_seconds: float = Field(default=1.0, ge=0, le=60)
    fetch_robots: Literal["obey", "ignore"] = "obey"
    fetch_user_agent: str = Field(
        default="SyncBoard/3.0 (a knowledge board; fetches what its people ask for)", pattern=r"^[\x20-\x7e]{1,200}$"
    )
    fetch_resolve: str = ""
    fetch_ca_file: Path | None = None
    youtube_languages: str = Field(default="", pattern=r"^[A-Za-z0-9, -]{0,200}$")

    models_dir: Path | None = None
    embedding_url: str = ""
    embedding_model: str = ""
    embedding_key: str = ""
    embedding_dimension: int = Field(default=384, ge=8)
    embedding_threads: int = Field(default=1, ge=1)
    embedding_previous_url: str = ""
    embedding_previous_model: str = ""
    embedding_previous_key: str = ""
    embedding_previous_dimension: int = Field(default=384, ge=8)

    llm_base_url: str = ""
    llm_model: str = ""
    llm_api_key: str = ""
    llm_timeout_seconds: float = Field(default=120.0, gt=0, le=1800)
    llm_max_tokens: int = Field(default=1200, ge=16)
    llm_max_chars: int = Field(default=60_000, ge=1000)
    llm_retries: int = Field(default=2, ge=0, le=10)

    speech_engine: Literal["faster-whisper", "openai-whisper"] = "faster-whisper"
    speech_language: str = Field(default="", pattern=r"^([a-z]{2,3})?$")
    speech_part_seconds: float = Field(default=300.0, ge=2, le=1200)
    speech_threads: int = Field(default=0, ge=0)
    speech_url: str = ""
    speech_model: str = "whisper-1"
    speech_key: str = ""

    @model_validator(mode="after")
    def _one_heartbeat_may_be_late(self) -> Self:
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError(
                "HEARTBEAT_SECONDS must be at most half of LEASE_SECONDS, or a healthy job loses its lease"
            )
        return self

    @property
    def broker_url(self) -> str:
        return self.celery_broker_url or self.redis_url

    @property
    def result_backend(self) -> str:
        return self.celery_result_backend or self.redis_url

    @property
    def blob_dir(self) -> Path:
        """Where original files are kept while storage is a local folder."""
        return Path(self.storage_url.removeprefix("file://")) if self.storage_url else self.data_dir / "blobs"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        embedded = Path(os.environ.get("DATA_DIR") or "data") / "embedded.env"
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            DotEnvSettingsSource(settings_cls, env_file=embedded),
            file_secret_settings,
        )


@lru_cache(maxsize=1)
def load() -> Settings:
    """The settings of this process, read once."""
    return Settings()
