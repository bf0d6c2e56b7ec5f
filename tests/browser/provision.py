"""Brings the browser tests' Chromium: `python tests/browser/provision.py`. Quick when there is one already."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import chromium

if __name__ == "__main__":
    try:
        found = chromium.provide()
    except RuntimeError as error:
        sys.exit(f"browser: {error}")
    sys.stdout.write(f"browser: {found.path}\n")
