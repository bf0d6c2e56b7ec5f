"""The board's API with one route more, by which clients of the tests make probes: `uvicorn tests.faults.probe_api:app`.

With `DIE_INSTEAD_OF_RINGING=1` the process kills itself at the moment a route has committed and wants to ring.
"""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tests import probes

probes.install()

from backend.api.deps import ServicesDep, UploadAccess  # noqa: E402 - the probes must be known before
from backend.api.idempotency import Answer, OnceDep  # noqa: E402
from backend.jobs.enqueue import enqueue  # noqa: E402
from backend.main import app  # noqa: E402


class Wanted(BaseModel):
    """Which probe, and what it shall do."""

    kind: str = "probe"
    input: dict[str, Any] = {}
    max_attempts: int = 20


@app.post("/probes")
def make_probe(services: ServicesDep, principal: UploadAccess, once: OnceDep, wanted: Wanted) -> JSONResponse:
    """Make a probe as every other write makes its job: key, row and answer in one commit, then ring."""

    def make() -> Answer:
        row = enqueue(
            session,
            kind=wanted.kind,
            owner_id=principal.user_id,
            input=wanted.input,
            max_attempts=wanted.max_attempts,
        )
        return Answer({"job_id": row.id}, 202)

    with services.database.session(principal.user_id) as session:
        answer = once(session, make)
    services.ring("uploads")
    return answer


def die(_queue: str) -> None:
    """Between COMMIT and publish."""
    os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("DIE_INSTEAD_OF_RINGING"):
    app.state.services = replace(app.state.services, ring=die)
