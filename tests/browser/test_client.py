"""The page's client is the one of the server's OpenAPI document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_client_of_the_page_is_made_of_the_server_s_openapi_document() -> None:
    tool = ROOT / "frontend" / "tools" / "openapi" / "document.py"
    answer = subprocess.run([sys.executable, tool, "--fingerprint"], capture_output=True, text=True, check=True)
    first_line = (ROOT / "frontend/src/client/schema.d.ts").read_text().partition("\n")[0]
    assert first_line == f"// OpenAPI {answer.stdout.strip()}", "run frontend/tools/openapi/generate"
