"""`/docs`: every route with its types, made from the OpenAPI document; without scripts, and without the internet."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; --line: #ddd6c8; --quiet: #555b61; --accent: #0f6466; }
@media (prefers-color-scheme: dark) { :root { --line: #32383c; --quiet: #a9afb2; --accent: #63b7b1; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; }
summary { cursor: pointer; padding: .3rem 0; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding-left: 1rem; border-left: 2px solid var(--line); }
summary b { color: var(--accent); display: inline-block; min-width: 4.5rem; }
summary span, small { color: var(--quiet); }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
DEEPEST = 4
"""Levels of a type that are written out; most end before."""

router = APIRouter()


@router.get("/docs", include_in_schema=False)
def reference(request: Request) -> HTMLResponse:
    """The page; its policy allows nothing but its own style."""
    return HTMLResponse(page(request.app.openapi()), headers={"Content-Security-Policy": POLICY})


def page(document: dict[str, Any]) -> str:
    """The OpenAPI document as HTML, its routes grouped by tag in the order they are listed."""
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            tag = (route.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_route(document, method.upper(), path, route))
    body = "".join(f"<h2>{escape(tag.capitalize())}</h2>{''.join(routes)}" for tag, routes in groups.items())
    title = f"{document['info']['title']} {document['info']['version']}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}: the API</title><style>{STYLE}</style><h1>{escape(title)}</h1>"
        f"<p>{escape(document['info'].get('description', ''))}</p>"
        f'<p>For programs: <a href="/openapi.json">/openapi.json</a>. The page: <a href="/app/">/app/</a>.</p>{body}'
    )


def _route(document: dict[str, Any], method: str, path: str, route: dict[str, Any]) -> str:
    said = str(route.get("description") or route.get("summary") or "")
    first, _, rest = said.partition("\n")
    parts = [f"<p>{escape(rest.strip())}</p>" if rest.strip() else "", _parameters(document, route)]
    for media, content in route.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<small>Body, {escape(media)}</small>{_shape(document, content)}")
    for status, answer in route["responses"].items():
        if status.startswith("4") or "$ref" in answer:
            continue
        content = answer.get("content", {}).get("application/json", {})
        parts.append(
            f"<small>{escape(status)} {escape(answer.get('description', ''))}</small>{_shape(document, content)}"
        )
    line = f"<b>{method}</b> <code>{escape(path)}</code> <span>{escape(first)}</span>"
    return f"<details><summary>{line}</summary>{''.join(parts)}</details>"


def _parameters(document: dict[str, Any], route: dict[str, Any]) -> str:
    rows = [
        f"{given['name']} ({given['in']}{'' if given.get('required') else ', optional'}): "
        f"{_type(document, given.get('schema', {}), DEEPEST)} {given.get('description', '')}"
        for given in route.get("parameters", [])
    ]
    return f"<small>Parameters</small><pre>{escape(chr(10).join(rows))}</pre>" if rows else ""


def _shape(document: dict[str, Any], content: dict[str, Any]) -> str:
    schema = content.get("schema")
    return f"<pre>{escape(_type(document, schema, 0))}</pre>" if schema else ""


def _type(document: dict[str, Any], schema: dict[str, Any], depth: int) -> str:
    """A JSON schema in words: `integer`, `string or null`, `list of …`, or its fields one below the other."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_type(document, choice, depth) for choice in choices)
    if "enum" in schema or "const" in schema:
        return " | ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    if "items" in schema:
        return "list of " + _type(document, schema["items"], depth)
    fields = schema.get("properties")
    if not fields or depth >= DEEPEST:
        return str(schema.get("title") if fields else schema.get("format") or schema.get("type") or "anything")
    indent = "  " * (depth + 1)
    lines = [f"{indent}{name}: {_type(document, field, depth + 1)}" for name, field in fields.items()]
    return "object\n" + "\n".join(lines)
