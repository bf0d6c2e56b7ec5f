"""`syncboard duplicates`: looking for duplicates, comparing two, merging them, and having them back."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from backend.commands import client, exits, follow, output
from backend.commands.progress import Jobs

duplicates = typer.Typer(no_args_is_help=True, help="Documents that are there twice, or nearly.")

DocumentId = Annotated[int, typer.Argument(min=1, help="The id of a document.")]
DocumentIds = Annotated[list[int], typer.Argument(min=1, metavar="DOCUMENT...", help="Ids of documents.")]
MergeId = Annotated[int, typer.Argument(min=1, metavar="MERGE", help="The number of a merge.")]
Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]

SIGNS = {"same": " ", "changed": "~", "only_a": "-", "only_b": "+"}


@duplicates.command()
def scan(
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended; the exit code tells how.")] = False,
    threshold: Annotated[float | None, typer.Option(min=0.1, max=1, help="The least likeness to look for.")] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="exact, near, containment, semantic or image; repeatable.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(min=0, help="Give up waiting after so many seconds.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Look through the whole board for duplicates."""
    board = client.signed_in()
    wish = {name: value for name, value in (("threshold", threshold), ("layers", layer)) if value}
    started = board.post("/duplicates/scan", wish)
    if not wait:
        if as_json:
            output.print_json(started)
        else:
            output.say(started["job_id"])
            output.note(f"{started['message']}; follow it with `syncboard status {started['job_id']} --wait`.")
        return
    job = started["job_id"]
    with Jobs({job: "duplicates"}, quiet=as_json) as seen:
        ended = follow.follow(board, [job], seen, timeout)[job]
    if as_json:
        output.print_json(ended)
    elif ended["state"] == "SUCCESS":
        output.say(_found(board.get("/duplicates", limit=1)["total"]))
    else:
        output.note(follow.describe(ended), "red")
    if ended["state"] != "SUCCESS":
        raise typer.Exit(exits.NOT_ALL_WELL)


def _found(groups: int) -> str:
    return f"{groups} group{'' if groups == 1 else 's'} of duplicates; `syncboard duplicates list` shows them"


@duplicates.command("list")
def list_groups(
    layer: Annotated[str | None, typer.Option(help="exact, near, containment, semantic or image.")] = None,
    document: Annotated[int | None, typer.Option(min=1, help="Only groups with this document.")] = None,
    min_likeness: Annotated[float | None, typer.Option(min=0, max=1, help="Only groups at least so alike.")] = None,
    limit: Limit = 25,
    as_json: output.AsJson = False,
) -> None:
    """List groups of duplicates; the first document of each is the one to keep."""
    found = client.signed_in().items(
        "/duplicates", limit=limit, layer=layer, document=document, min_likeness=min_likeness
    )
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("documents", "layer", "likeness", "titles", "what differs"),
        [
            (
                " ".join(str(one["document_id"]) for one in _keep_first(group)),
                group["layer"],
                f"{group['likeness']:.2f}",
                " | ".join(one["title"] for one in _keep_first(group)),
                group["what_differs"],
            )
            for group in found["items"]
        ],
    )
    if found.get("last_scan") is None:
        output.note("Nobody has looked for duplicates yet: `syncboard duplicates scan --wait`.")


def _keep_first(group: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(group["documents"], key=lambda one: bool(one["document_id"] != group["primary_id"]))


@duplicates.command()
def show(
    a: DocumentId,
    b: DocumentId,
    everything: Annotated[bool, typer.Option("--all", help="What is the same, too.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Show where two documents differ, with the differing words marked."""
    found = client.signed_in().get(f"/duplicates/{a}/{b}")
    if as_json:
        output.print_json(found)
        return
    for sign, side in (("-", found["a"]), ("+", found["b"])):
        output.say(f"{sign} {side['document_id']}  {side['title']}", "bold")
    if found["shared_a"] is not None:
        output.note(f"{found['shared_a']:.0%} of the first is in the second, {found['shared_b']:.0%} the other way")
    for row in found["rows"]:
        if everything or row["kind"] != "same":
            _print_row(row)
    if found["truncated"]:
        output.note("There is more than can be shown here.")


def _print_row(row: dict[str, Any]) -> None:
    output.out.print()
    if row["kind"] == "same":
        output.out.print(_marked(" ", row["a"], [], ""))
        return
    for sign, side, marks, style in (("-", "a", "marks_a", "red"), ("+", "b", "marks_b", "green")):
        if row[side] is not None:
            whole = [[0, len(row[side]["text"])]] if row["kind"] != "changed" else row[marks]
            output.out.print(_marked(sign, row[side], whole, style))


def _marked(sign: str, side: dict[str, Any], marks: list[list[int]], style: str) -> Text:
    """A side of a row on one line; in a pipe, where there is no colour, the sign has to do."""
    place = ", ".join(f"{name} {value}" for name, value in (side["place"] or {}).items())
    text = Text(output.clean(side["text"]))
    for start, end in marks:
        text.stylize(f"bold {style}", start, end)
    return Text.assemble(f"{sign} ", text, (f"  ({place})" if place else "", "dim"))


@duplicates.command()
def merge(keep: DocumentId, delete: DocumentIds, as_json: output.AsJson = False) -> None:
    """Make documents one: KEEP stays and takes over the tags, notes, concepts and addresses of the others."""
    found = client.signed_in().post("/duplicates/merge", {"keep_doc_id": keep, "delete_doc_ids": delete})
    if as_json:
        output.print_json(found)
        return
    brought = ", ".join(f"{number} {what}" for what, number in found["moved"].items() if number)
    output.say(f"Merge {found['merge_id']}: document {keep} has it all now" + (f" ({brought})" if brought else ""))
    output.note(f"`syncboard duplicates undo {found['merge_id']}` takes it back until {found['undo_until'][:10]}.")


@duplicates.command()
def merges(limit: Limit = 25, as_json: output.AsJson = False) -> None:
    """List what was merged, the newest first."""
    found = client.signed_in().items("/duplicates/merges", limit=limit)
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("merge", "at", "kept", "title", "merged", "undo"),
        [
            (
                one["merge_id"],
                one["at"][:16].replace("T", " "),
                one["keep_doc_id"],
                one["keep_title"],
                " ".join(map(str, one["deleted_doc_ids"])),
                "undone" if one["undone_at"] else f"until {one['undo_until'][:10]}" if one["can_undo"] else "no more",
            )
            for one in found["items"]
        ],
    )


@duplicates.command()
def undo(merge_id: MergeId, as_json: output.AsJson = False) -> None:
    """Take a merge back: its documents return as they were."""
    found = client.signed_in().post(f"/duplicates/merges/{merge_id}/undo")
    if as_json:
        output.print_json(found)
    else:
        output.say(f"Back on the board: {', '.join(map(str, found['restored_doc_ids']))}")


@duplicates.command()
def dismiss(
    documents: Annotated[list[int], typer.Argument(min=1, metavar="A B...", help="Two documents or more.")],
    undo: Annotated[bool, typer.Option("--undo", help="Forget it again.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Say that no two of these are duplicates: no scan shows them together again."""
    path = "/duplicates/dismissals/undo" if undo else "/duplicates/dismiss"
    found = client.signed_in().post(path, {"document_ids": documents})
    if as_json:
        output.print_json(found)
    else:
        pairs = found["pairs"]
        output.say(f"{pairs} pair{'' if pairs == 1 else 's'} {'forgotten' if undo else 'remembered as different'}")
