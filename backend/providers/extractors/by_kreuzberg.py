"""Formats that kreuzberg reads well: it gives Markdown, of which the words and the headings are kept."""

from __future__ import annotations

import re
from typing import Any

import kreuzberg

from backend.domain.text import Piece
from backend.providers.extractors import refusals
from backend.providers.extractors.draft import Draft, Source

_PASSWORD_WORDS = ("password", "encrypted")
_KEPT_METADATA = (
    "authors",
    "subject",
    "description",
    "keywords",
    "created_at",
    "modified_at",
    "page_count",
    "slide_count",
    "sheet_count",
)

_MASTER = re.compile(r"Click to edit Master \w+ styles?\s+(?:\w+ level\s+)*")
_FIELD_CODE = re.compile(r"\b(?:SEQ \w+ \\\* \w+|PAGEREF \S+(?: \\h)?|HYPERLINK (?:\\l )?\"[^\"\n]*\") ?")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_MADE_BY = re.compile(r"^Microsoft \w+ - ")
_NO_TITLE = re.compile(r"^(?:untitled.*|(?:powerpoint )?presentation\d*|document\d*|slide ?1|.*\.indd)$", re.IGNORECASE)
_ASIDE = 0xF0000
_SET_ASIDE = re.compile(f"[{chr(_ASIDE)}-{chr(_ASIDE + 127)}]")
_IMAGE = re.compile(r"!\[([^\]\[\n]*)\]\((?:[^()\n]|\([^()\n]*\))*+\)")
_LINK = re.compile(r"(?<!!)\[([^\]\[\n]*)\]\((?:[^()\n]|\([^()\n]*\))*+\)")
_EMPHASIS = re.compile(r"(?<!\*)(\*{1,3})(?=[^\s*])([^*\n]+?)(?<=[^\s*])\1(?!\*)")
_FENCE = re.compile(r"(^```.*?^```[^\S\n]*$)", re.DOTALL | re.MULTILINE)


def read(source: Source) -> Draft:
    """The file as one piece, with headings. Raises Unreadable `encrypted`, `corrupt`."""
    result = extract(source)
    return _draft(result, unmark(result.content))


def read_plain(source: Source) -> Draft:
    """The file as one piece, for formats whose paragraphs kreuzberg runs together in Markdown. Raises as `read`."""
    result = extract(source, output_format="plain")
    return _draft(result, _FIELD_CODE.sub("", _MASTER.sub("", result.content)))


def _draft(result: kreuzberg.ExtractionResult, text: str) -> Draft:
    return Draft(pieces=[Piece(text)], title=title_of(result.metadata), metadata=kept(result.metadata))


def extract(source: Source, *, output_format: str = "markdown", **options: Any) -> kreuzberg.ExtractionResult:
    """kreuzberg's own result. Raises Unreadable `encrypted`, `corrupt`."""
    config = kreuzberg.ExtractionConfig(
        use_cache=False,
        output_format=output_format,
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
        **options,
    )
    try:
        return kreuzberg.extract_file_sync(str(source.path), mime_type=source.media_type, config=config)
    except (kreuzberg.KreuzbergError, OSError, RuntimeError) as error:
        if any(word in str(error).lower() for word in _PASSWORD_WORDS):
            raise (refusals.wrong_password() if source.password else refusals.encrypted()) from error
        raise refusals.corrupt() from error


def unmark(markdown: str) -> str:
    """Markdown without escapes, emphasis, link targets and pictures; headings, lists, tables and code stay."""
    return "".join(part if part.startswith("```") else _unmark_prose(part) for part in _FENCE.split(markdown))


def _unmark_prose(text: str) -> str:
    # Escaped marks stand for themselves: they are set aside as private characters until the real ones are gone.
    text = _ESCAPE.sub(lambda match: chr(_ASIDE + ord(match[1])), text)
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _IMAGE.sub(r"\1", text)))
    return _SET_ASIDE.sub(lambda match: chr(ord(match[0]) - _ASIDE), text)


def title_of(metadata: Any) -> str | None:
    """The title the author gave; what programs put there by themselves is none."""
    title = metadata.get("title")
    if not isinstance(title, str):
        return None
    return _NO_TITLE.sub("", _MADE_BY.sub("", " ".join(title.split()))) or None


def kept(metadata: Any) -> dict[str, Any]:
    """What the file says of itself that a person may ask for."""
    return {name: metadata[name] for name in _KEPT_METADATA if metadata.get(name)}
