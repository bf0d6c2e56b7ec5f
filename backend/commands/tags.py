"""`tags` and `tag`: what documents are marked with."""

from __future__ import annotations

from typing import Annotated

import typer

from backend.commands import client, output
from backend.domain.errors import InvalidInput


def tags(
    query: Annotated[str | None, typer.Option("-q", "--query", help="Part of a name.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: output.AsJson = False,
) -> None:
    """List tags with how many documents have them."""
    found = client.signed_in().items("/tags", limit=limit, q=query)
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("id", "documents", "name", "colour", "rule"),
        [
            (item["id"], item["document_count"], item["name"], item["colour"], "yes" if item["rule"] else "")
            for item in found["items"]
        ],
    )


def tag(
    document_ids: Annotated[list[int], typer.Argument(help="Ids of documents.", metavar="DOCUMENT…")],
    add: Annotated[list[str] | None, typer.Option(help="A tag to give to all of them; may be repeated.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="A tag to take off; may be repeated.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Give tags to documents, and take others off them."""
    if not add and not remove:
        raise InvalidInput("Nothing was asked for.", hint="Name a tag with --add or --remove.")
    body = {"document_ids": document_ids, "add": add or [], "remove": remove or []}
    done = client.signed_in().post("/documents/tags", body)
    if as_json:
        output.print_json(done)
        return
    rows = [(item["document_id"], ", ".join(shown["name"] for shown in item["tags"])) for item in done["items"]]
    output.print_table(("document", "tags"), rows)
