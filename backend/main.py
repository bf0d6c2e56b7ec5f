"""The HTTP application: `uvicorn backend.main:app`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from backend.api import ROUTERS, errors, page
from backend.api.edge import Edge
from backend.api.rates import Rates
from backend.jobs.services import Services

DESCRIPTION = (
    "Files, links and texts in; concepts, clusters and answers out. Errors carry a code, a sentence and a hint."
)


def create_app(services: Services, *, dist: Path = page.DIST) -> FastAPI:
    """The application on these services; `dist` is the folder of the built page."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        services.database.close()

    app = FastAPI(
        title="SyncBoard", version="3.0.0", description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.services = services
    app.state.rates = Rates(services.settings)
    app.state.dist = dist
    errors.install(app)
    for router in (*ROUTERS, page.router):
        app.include_router(router)
    app.add_middleware(Edge)
    return app


def __getattr__(name: str) -> Any:
    """`app`, built when a server asks for it: importing this module opens no connection."""
    if name != "app":
        raise AttributeError(name)
    from backend import settings, wiring  # noqa: PLC0415 - only a server needs the outside world

    built = create_app(wiring.build(settings.load()))
    globals()["app"] = built
    return built
