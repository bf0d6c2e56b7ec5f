"""The HTTP application: `uvicorn backend.main:app`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from anyio import to_thread
from fastapi import FastAPI

from backend.api import ROUTERS, errors, page
from backend.api.edge import Edge
from backend.api.rates import Rates
from backend.jobs.services import Services

DESCRIPTION = (
    "Files, links and texts in; concepts, clusters and answers out. Errors carry a code, a sentence and a hint."
)


class Background(Protocol):
    """Something that runs beside the application, as long as it does."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


def create_app(services: Services, *, background: Sequence[Background] = (), dist: Path = page.DIST) -> FastAPI:
    """The application on these services; `dist` is the folder of the built page."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        for runs in background:
            runs.start()
        yield
        for runs in background:
            await to_thread.run_sync(runs.stop)
        services.database.close()

    app = FastAPI(
        title="SyncBoard", version="3.0.0", description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.services = services
    app.state.rates = Rates(services.settings)
    app.state.dist = dist
    errors.install(app)
    for router in (*ROUTERS, page.router):
        app.include_router(router, responses=errors.DOCUMENTED)
    app.add_middleware(Edge)
    return app


def __getattr__(name: str) -> Any:
    """`app`, built when a server asks for it: importing this module opens no connection."""
    if name != "app":
        raise AttributeError(name)
    from backend import celery_app, logs, settings, wiring  # noqa: PLC0415 - only a server needs the outside world

    config = settings.load()
    logs.configure(config.log_level, config.log_format)
    dispatcher = celery_app.dispatcher()
    services = wiring.build(config, database=wiring.database(config), ring=dispatcher.ring)
    globals()["app"] = built = create_app(services, background=[dispatcher])
    return built
