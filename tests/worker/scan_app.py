"""The board's Celery application with a reader of pages that tests can trouble: `celery -A tests.worker.scan_app`.

It answers at once with words it makes up, so that what is seen is the machinery around it. A file in `DATA_DIR/trouble`
named after a page says what happens to whoever reads it: `slow`, `broken`, `deadly`; `reads` notes every reading.
To be named to a worker and never imported: it changes the services of its whole process.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from backend import wiring
from backend.domain.errors import Unreadable
from backend.domain.ports import Cancelled
from backend.domain.sources import ReadPage, Word
from backend.jobs.services import Services
from tests.scans import NUMBERS


class TroubledReader:
    """A `PageReader` on a folder that says what goes wrong."""

    version, lacking = "troubled/1", ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: Path, *, media_type: str, page: int, password: str | None, cancelled: Cancelled) -> ReadPage:
        """Words that name the page."""
        note(self._folder, page)
        while (self._folder / f"{page}.slow").exists():
            if cancelled():
                raise Unreadable("Reading was stopped.", code="cancelled")
            time.sleep(0.05)
        if (self._folder / f"{page}.deadly").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        if (self._folder / f"{page}.broken").exists():
            raise Unreadable("This picture is damaged.", code="corrupt", hint="Scan it again.")
        said = f"Lighthouse keeper number {NUMBERS[page]} climbs the stairs".split()
        words = tuple(Word(word, (0.1 * at, 0.1, 0.1 * at + 0.09, 0.2), 0, 0, 0.9) for at, word in enumerate(said))
        return ReadPage(620, 320, "troubled", 0.9, words)


def note(folder: Path, page: int) -> None:
    """One line for a reading; short enough that the lines of several processes do not mix."""
    with (folder / "reads").open("a") as reads:
        reads.write(f"{page}\n")


build = wiring.build


def troubled(*args: Any, **named: Any) -> Services:
    """The services, with that reader."""
    made = build(*args, **named)
    folder = made.settings.data_dir / "trouble"
    folder.mkdir(exist_ok=True)
    return replace(made, pages=TroubledReader(folder))


wiring.build = troubled

from backend.celery_app import app  # noqa: E402 - after the services were changed

__all__ = ["app"]
