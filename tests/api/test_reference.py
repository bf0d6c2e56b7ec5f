"""The page at `/docs`."""

from __future__ import annotations

import base64
import hashlib
import re

from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.api import reference


def test_every_route_is_on_the_page(anyone: TestClient, app: FastAPI) -> None:
    answer = anyone.get("/docs")
    assert answer.status_code == 200
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            assert f"<b>{method.upper()}</b> <code>{path}</code>" in answer.text


def test_the_page_needs_nothing_from_elsewhere(anyone: TestClient) -> None:
    answer = anyone.get("/docs")
    assert not re.findall(r"https?://|<script|style=|onclick", answer.text)
    style = answer.text.split("<style>")[1].split("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{allowed}'" in answer.headers["content-security-policy"]


def test_what_routes_say_cannot_become_markup() -> None:
    route = {"summary": "<b>bold</b>", "responses": {"200": {"description": "<i>"}}}
    document = {"info": {"title": "<t>", "version": "1"}, "paths": {"/<x>": {"get": route}}}
    assert not re.findall(r"<(b>bold|i>|t>|x>)", reference.page(document))


def test_types_are_written_out(anyone: TestClient) -> None:
    text = anyone.get("/docs").text
    assert "waiting_reason: behind_others | no_worker | backing_off | broker_unreachable | paused or null" in text
    assert "state: PENDING | PROCESSING | RETRY | SUCCESS | FAILURE | REVOKED" in text
