"""The folder and the ports that a board takes."""

from __future__ import annotations

from pathlib import Path

from backend.domain.errors import Conflict, Unavailable
from backend.embedded import process
from backend.settings import Settings


def make(folder: Path) -> None:
    """The data folder, for its owner alone. Raises Unavailable where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "run").mkdir(exist_ok=True)
        process.write_private(folder / "run" / "written", "")
    except OSError as error:
        raise Unavailable(
            f"The data folder {folder} cannot be used: {error.strerror}.",
            hint="Name another one with DATA_DIR. One that root has made stays root's.",
            retryable=False,
        ) from error


def with_ports(settings: Settings) -> Settings:
    """Settings whose ports are free. Raises Conflict (port_busy) for one somebody has chosen."""
    if not process.port_is_free(settings.port, settings.host):
        raise Conflict(
            f"Port {settings.port} on {settings.host} is in use by another program.",
            code="port_busy",
            hint=f"Choose another one: `make run PORT={settings.port + 1}`.",
        )
    if process.port_is_free(settings.flower_port):
        return settings
    if "flower_port" in settings.model_fields_set:
        raise Conflict(
            f"Port {settings.flower_port}, chosen for Flower by FLOWER_PORT, is in use by another program.",
            code="port_busy",
            hint="Set FLOWER_PORT to another one, or leave it unset.",
        )
    return settings.model_copy(update={"flower_port": process.free_port()})
