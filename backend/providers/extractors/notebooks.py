"""Jupyter notebooks: the cells in order, code in fences that name its language, and what the code printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from backend.domain.text import Piece
from backend.providers.extractors import encodings, refusals
from backend.providers.extractors.draft import Draft, Source


def read(source: Source) -> Draft:
    """The notebook as one piece. Raises Unreadable `corrupt`."""
    text, _ = encodings.decode(source.path.read_bytes())
    try:
        notebook = json.loads(text)
        language = str(notebook.get("metadata", {}).get("language_info", {}).get("name", ""))
        blocks = [block for cell in notebook["cells"] for block in _cell(cell, language)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise refusals.corrupt("notebook") from error
    title = next((line.lstrip("# ").strip() for line in "\n".join(blocks).split("\n") if line.startswith("# ")), None)
    return Draft(pieces=[Piece("\n\n".join(blocks))], title=title, metadata={"code_language": language or None})


def _cell(cell: dict[str, Any], language: str) -> Iterator[str]:
    text = _joined(cell.get("source", "")).strip("\n")
    if cell.get("cell_type") != "code":
        yield text
        return
    if text:
        yield f"```{language}\n{text}\n```"
    for output in cell.get("outputs", []):
        said = _joined(output.get("text") or output.get("data", {}).get("text/plain", "")).strip("\n")
        if said:
            yield said


def _joined(lines: Any) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines)
