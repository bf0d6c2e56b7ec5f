"""The page: the built files of `frontend/dist` under /app, and `/` leading there."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from backend.api import errors

DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist"
PRECOMPRESSED = (("br", ".br"), ("gzip", ".gz"))
NOT_BUILT = "The page is not built: run `make web`."

router = APIRouter(include_in_schema=False)


@router.get("/")
def front_door() -> RedirectResponse:
    """The board is at /app/."""
    return RedirectResponse("/app/")


@router.get("/app")
@router.get("/app/{path:path}")
def page(request: Request, path: str = "") -> Response:
    """A built file, or the page itself for every address the page makes up on its own."""
    dist: Path = request.app.state.dist
    if not (dist / "index.html").is_file():
        return PlainTextResponse(NOT_BUILT, 503)
    wanted = (dist / path).resolve()
    if wanted.is_file() and wanted.is_relative_to(dist.resolve()):
        return _file(request, wanted)
    if "." in path.rpartition("/")[2] or path.startswith("assets/"):
        return errors.response_of(errors.NO_SUCH_THING, request.scope["request_id"])
    return _file(request, dist / "index.html")


def _file(request: Request, path: Path) -> FileResponse:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # names under assets/ carry a hash of their content: such a file never changes
    hashed = path.parent.name == "assets"
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache",
        "Vary": "Accept-Encoding",
    }
    accepted = {word.split(";")[0].strip() for word in request.headers.get("accept-encoding", "").split(",")}
    for coding, suffix in PRECOMPRESSED:
        smaller = path.with_name(path.name + suffix)
        if coding in accepted and smaller.is_file():
            return FileResponse(smaller, media_type=media_type, headers=headers | {"Content-Encoding": coding})
    return FileResponse(path, media_type=media_type, headers=headers)
