"""Prints the OpenAPI document of the server, without the words that change no type: `python document.py`.

`frontend/tools/openapi/generate` makes `src/client/schema.d.ts` of it; a test compares the two.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from backend.jobs.services import Services  # noqa: E402 - the path must be known first
from backend.main import create_app  # noqa: E402
from backend.settings import Settings  # noqa: E402

WORDS = frozenset({"description", "summary", "title", "examples", "example", "info", "tags"})


def document() -> dict[str, Any]:
    """The document; nothing is opened for it, so no database is needed."""
    parts = dict.fromkeys({part.name for part in fields(Services)} - {"settings"}, cast("Any", None))
    app = create_app(Services(settings=Settings(redis_url="redis://127.0.0.1"), **parts))
    return {"info": {"title": "SyncBoard", "version": "0"}, **_typed(app.openapi())}


def fingerprint() -> str:
    """What the generated file says it was made of."""
    return hashlib.sha256(json.dumps(document(), sort_keys=True).encode()).hexdigest()


def _typed(value: Any, *, names: bool = False) -> Any:
    """`value` without words; under `properties` and the like every key is a name and stays."""
    if isinstance(value, list):
        return [_typed(one) for one in value]
    if not isinstance(value, dict):
        return value
    inside = {"properties", "schemas", "paths", "responses"}
    return {
        key: _typed(one, names=key in inside)
        for key, one in value.items()
        if names or key not in WORDS or (key == "description" and not isinstance(one, str))
    }


if __name__ == "__main__":
    print(fingerprint() if "--fingerprint" in sys.argv else json.dumps(document()))
