"""`search`, `suggest` and `documents`: what is on the board."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from backend.commands import client, output

Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]
Cluster = Annotated[int | None, typer.Option(help="Only in this cluster.")]


def search(
    query: Annotated[str, typer.Argument(help='Words, "phrases", -without, or a question.')],
    cluster: Cluster = None,
    subcluster: Annotated[int | None, typer.Option(help="Only in this sub-topic.")] = None,
    concept: Annotated[int | None, typer.Option(help="Only what shows this concept.")] = None,
    tag: Annotated[int | None, typer.Option(help="Only with this tag.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="pdf, office, web, …")] = None,
    language: Annotated[str | None, typer.Option(help="en, de, …")] = None,
    source: Annotated[str | None, typer.Option(help="A site such as example.org, else file, text, image.")] = None,
    since: Annotated[str | None, typer.Option(help="Added on this day or later: 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Added before this day.")] = None,
    limit: Limit = 10,
    as_json: output.AsJson = False,
) -> None:
    """Search all documents by words and by meaning."""
    filters = {
        "cluster": cluster,
        "subcluster": subcluster,
        "concept": concept,
        "tag": tag,
        "type": type_,
        "language": language,
        "source": source,
        "since": since,
        "until": until,
    }
    found = client.signed_in().get("/search", q=f"{query} ", limit=limit, **filters)
    if as_json:
        output.print_json(found)
    else:
        _print_found(found)


def _print_found(found: dict[str, Any]) -> None:
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


def suggest(
    beginning: Annotated[str, typer.Argument(help="The beginning of a name or a word.")],
    limit: Limit = 10,
    as_json: output.AsJson = False,
) -> None:
    """List names and words of the board that begin so."""
    found = client.signed_in().get("/search/suggest", q=beginning, limit=limit)
    if as_json:
        output.print_json(found)
        return
    rows = [(item["kind"].replace("_", " "), item["id"], item["text"], item["detail"]) for item in found["items"]]
    output.print_table(("kind", "id", "text", "about"), rows)


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
