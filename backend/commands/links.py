"""Addresses for `add`: one by itself, many in batches, with a verdict for each line."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from backend.commands import client
from backend.commands.sending import Journey, post
from backend.domain import errors

MOST_AT_ONCE = 1000


def listed(name: str) -> list[str]:
    """The addresses in a file, or in standard input for `-`: one in each line; blank ones and comments are left out.

    Raises InvalidInput.
    """
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise errors.InvalidInput(f"{name} cannot be read: {error.strerror}.", code="unreadable_file") from error
    except UnicodeDecodeError as error:
        raise errors.InvalidInput(f"{name} is not a list of addresses.", code="unreadable_file") from error
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def send(board: client.Board, urls: Sequence[str]) -> list[dict[str, Any]]:
    """What became of each address, in order. Raises the server's refusals of a whole list."""
    parts = (urls[at : at + MOST_AT_ONCE] for at in range(0, len(urls), MOST_AT_ONCE))
    return [record for part in parts for record in _batch(board, part)]


def send_one(board: client.Board, url: str) -> dict[str, Any]:
    """What became of an address that somebody waits for. Raises the server's refusals."""
    return {"url": url, **post(board, "/upload_url", {"url": url}, Journey())}


def _batch(board: client.Board, urls: Sequence[str]) -> Iterator[dict[str, Any]]:
    answer = post(board, "/upload_batch_urls", {"urls": list(urls)}, Journey())
    taken, refused = defaultdict(list), {}
    for line in answer["jobs"]:
        taken[line["url"]].append(line)
    for line in answer["errors"]:
        refused[line["url"]] = {"code": line["code"], "message": line["message"], "hint": "", "retryable": False}
    for url in urls:
        if error := refused.get(url):
            yield {"url": url, "error": error}
            continue
        line = taken[url].pop(0)
        known = None if line["verdict"] == "new" else line["document_id"]
        yield {**{name: line[name] for name in ("url", "job_id", "document_id", "verdict")}, "duplicate_of": known}
