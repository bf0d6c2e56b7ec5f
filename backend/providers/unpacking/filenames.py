"""Names in archives: text to show, in whatever encoding they were written."""

from __future__ import annotations

import re

_DRIVE = re.compile(r"^[A-Za-z]:")
_LONGEST = 400


def shown(raw: bytes) -> str:
    """The name as text: UTF-8 where it is that, else as a Western or Japanese program wrote it."""
    for encoding in ("utf-8", "cp932", "cp437"):
        try:
            return tidy(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return tidy(raw.decode("utf-8", errors="replace"))


def tidy(name: str) -> str:
    """One line without a drive, a root, or steps upwards; it is shown, and never used as a path."""
    clean = "".join(c if c.isprintable() else "\ufffd" for c in _DRIVE.sub("", name.replace("\\", "/")))
    parts = [part.strip() for part in clean.split("/")]
    return "/".join(part for part in parts if part not in {"", ".", ".."})[-_LONGEST:] or "unnamed"
