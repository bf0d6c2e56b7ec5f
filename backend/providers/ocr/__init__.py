"""Words of pages that are pictures. `OcrReader` fulfils `PageReader`; the engines are in the files beside this one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from backend.domain.ports import Cancelled
from backend.domain.sources import ReadPage, Word
from backend.providers.ocr import by_tesseract
from backend.providers.sandbox import Sandbox

_REVISION = 1
"""To be raised when our own part of reading gives other words for the same page."""


class OcrReader:
    """Reads pages in a sandbox. Cheap to make, starts its zygote at first use, safe to inherit across a fork."""

    def __init__(self, timeout_seconds: float, memory_bytes: int, languages: str) -> None:
        """`languages` are as tesseract names them, "eng+deu"; those it has no data for are left out with a warning."""
        self._tesseract = by_tesseract.installed(languages)
        self.version = f"rapidocr-{version('rapidocr')}/{self._tesseract or 'alone'}/{_REVISION}"
        self.lacking = self._tesseract.missing if self._tesseract else tuple(languages.split("+"))
        self._sandbox = Sandbox(
            f"{__name__}.reading:read",
            timeout_seconds=timeout_seconds,
            memory_bytes=memory_bytes,
            programs=self._tesseract is not None,
            readable=self._tesseract.places if self._tesseract else (),
        )

    def read(self, path: Path, *, media_type: str, page: int, password: str | None, cancelled: Cancelled) -> ReadPage:
        """The words of one page, from 1, of a picture or a PDF. No word at all is no error.

        Raises Unreadable; Unavailable when no reading process can be started, or the weights are missing.
        """
        tesseract = self._tesseract.as_json() if self._tesseract else None
        request = {"media_type": media_type, "page": page, "password": password, "tesseract": tesseract}
        value = self._sandbox.run(request, cancelled=cancelled, files={"path": path})
        words = tuple(Word(**word | {"box": tuple(word["box"])}) for word in value.pop("words"))
        return ReadPage(words=words, **value)

    def close(self) -> None:
        """End the reading process."""
        self._sandbox.close()
