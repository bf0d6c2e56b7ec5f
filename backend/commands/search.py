"""`search` and `documents`: what is on the board."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from backend.commands import client, output

Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]
Cluster = Annotated[int | None, typer.Option(help="Only in this cluster.")]


def search(
    query: Annotated[str, typer.Argument(help="Words, or a question.")],
    cluster: Cluster = None,
    limit: Limit = 10,
    as_json: output.AsJson = False,
) -> None:
    """Search all documents by words and by meaning."""
    found = client.signed_in().get("/search", q=query, cluster=cluster, limit=limit)
    if as_json:
        output.print_json(found)
        return
    if not output.out.is_terminal:
        rows = [(item["document_id"], item["title"], _place(item), item["snippet"]) for item in found["items"]]
        output.print_table(("document", "title", "place", "snippet"), rows)
        return
    for item in found["items"]:
        output.out.print(
            Text.assemble(
                (output.clean(item["title"]), "bold"), f"  {_place(item)}  ", (f"document {item['document_id']}", "dim")
            )
        )
        output.out.print(_highlighted(item), soft_wrap=False)
        output.out.print()
    if not found["items"]:
        output.note("Nothing on the board matches.")


def documents(
    query: Annotated[str | None, typer.Option("-q", "--query", help="Part of a title or file name.")] = None,
    cluster: Cluster = None,
    status: Annotated[str | None, typer.Option(help="completed, error, queued, …")] = None,
    limit: Limit = 25,
    as_json: output.AsJson = False,
) -> None:
    """List documents, the newest first."""
    found = client.signed_in().items("/documents", limit=limit, q=query, cluster=cluster, status=status)
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("id", "status", "size", "title", "cluster"),
        [
            (item["id"], item["status"], output.human_bytes(item["size_bytes"]), item["title"], item["cluster_name"])
            for item in found["items"]
        ],
    )


def clusters(limit: Limit = 25, as_json: output.AsJson = False) -> None:
    """List clusters with their concepts."""
    found = client.signed_in().items("/clusters", limit=limit)
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("id", "documents", "name", "concepts"),
        [
            (
                item["id"],
                item["document_count"],
                item["name"],
                ", ".join(concept["name"] for concept in item["concepts"]),
            )
            for item in found["items"]
        ],
    )


def _place(item: dict[str, Any]) -> str:
    """Where in the document, in words: the place is a small object such as {"page": 3}."""
    place = item.get("place") or {}
    return ", ".join(f"{name} {value}" for name, value in place.items()) if isinstance(place, dict) else str(place)


def _highlighted(item: dict[str, Any]) -> Text:
    text = Text(output.clean(item["snippet"]))
    for start, end in item.get("highlights") or []:
        text.stylize("bold yellow", start, end)
    return text
