"""`login`, `logout`, `user` and `key`: who you are to the board."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from backend.commands import client, credentials, output
from backend.domain import errors

user = typer.Typer(no_args_is_help=True, help="Accounts: add, list, show yourself, invite.")
key = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke.")

PasswordFromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Url = Annotated[str | None, typer.Option(help="The board's address; remembered.", metavar="URL")]


def login(
    username: Annotated[str | None, typer.Argument(help="Your user name.")] = None,
    url: Url = None,
    password_stdin: PasswordFromInput = False,
    as_json: output.AsJson = False,
) -> None:
    """Sign in and remember it. The token is kept in your config folder, readable by you only."""
    address = (url or credentials.address()).rstrip("/")
    board = client.Board(address, None)
    if board.get("/setup").get("needs_owner"):
        raise errors.Conflict(
            f"The board at {address} has no account yet.",
            code="needs_owner",
            hint="Make the first one, the owner's, with `syncboard user add NAME`.",
        )
    name = username or _prompt("User name")
    _sign_in(board, name, _password(from_input=password_stdin, confirm=False))
    if as_json:
        output.print_json({"url": address, "username": name})
    else:
        output.say(f"Signed in at {address} as {name}.")


def logout(as_json: output.AsJson = False) -> None:
    """Revoke the token of this login and forget it."""
    board = client.signed_in()
    try:
        board.post("/token/revoke")
    except errors.NotAuthenticated:
        output.note("The token was no longer valid.")
    credentials.forget(board.address)
    if as_json:
        output.print_json({"url": board.address})
    else:
        output.say(f"Signed out at {board.address}.")


@user.command("add")
def user_add(
    username: Annotated[str, typer.Argument(help="The new user name.")],
    invitation: Annotated[str | None, typer.Option(help="The code of an invitation.")] = None,
    url: Url = None,
    password_stdin: PasswordFromInput = False,
    as_json: output.AsJson = False,
) -> None:
    """Make an account. The first one on a board is its owner, and is signed in at once."""
    address = (url or credentials.address()).rstrip("/")
    board = client.Board(address, credentials.token(address))
    first = bool(board.get("/setup").get("needs_owner"))
    password = _password(from_input=password_stdin, confirm=True)
    body = {"username": username, "password": password}
    made = board.post("/users", {**body, "invitation": invitation} if invitation else body)
    if first:
        _sign_in(board, username, password)
    if as_json:
        output.print_json(made)
    else:
        output.say(f"{made['username']} is {made['role']}" + (f", signed in at {address}." if first else "."))


@user.command("list")
def user_list(as_json: output.AsJson = False) -> None:
    """List the accounts of the board (owner only)."""
    found = client.signed_in().items("/users", limit=1000)
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("id", "name", "role", "created"),
        [(row["id"], row["username"], row["role"], row.get("created_at")) for row in found["items"]],
    )


@user.command("me")
def user_me(as_json: output.AsJson = False) -> None:
    """Show who you are signed in as."""
    board = client.signed_in()
    me = board.get("/users/me")
    if as_json:
        output.print_json({**me, "url": board.address})
    else:
        output.say(f"{me['username']} ({me['role']}) at {board.address}")


@user.command("invite")
def user_invite(as_json: output.AsJson = False) -> None:
    """Make an invitation (owner only); its code is shown once."""
    made = client.signed_in().post("/invitations", {})
    if as_json:
        output.print_json(made)
        return
    output.say(made["code"])
    output.note("Shown once. They use it with: syncboard user add NAME --invitation CODE")


@key.command("create")
def key_create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, upload or admin; may be repeated. Default: read and upload.")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Make an API key; it is shown once."""
    made = client.signed_in().post("/api-keys", {"name": name, "scopes": scope or ["read", "upload"]})
    if as_json:
        output.print_json(made)
        return
    output.say(made["key"])
    output.note("Shown once. Use it as SYNCBOARD_TOKEN, or as `Authorization: Bearer …`.")


@key.command("list")
def key_list(as_json: output.AsJson = False) -> None:
    """List your API keys."""
    found = client.signed_in().items("/api-keys", limit=1000)
    if as_json:
        output.print_json(found)
        return
    columns = ("id", "name", "begins with", "scopes", "created", "last used")
    output.print_table(
        columns,
        [
            (
                row["id"],
                row["name"],
                row.get("prefix"),
                ", ".join(row["scopes"]),
                row["created_at"],
                row.get("last_used_at"),
            )
            for row in found["items"]
        ],
    )


@key.command("revoke")
def key_revoke(key_id: Annotated[int, typer.Argument(metavar="ID")], as_json: output.AsJson = False) -> None:
    """Revoke an API key: it stops working at once."""
    client.signed_in().delete(f"/api-keys/{key_id}")
    if as_json:
        output.print_json({"id": key_id})
    else:
        output.say(f"Key {key_id} is revoked.")


def _sign_in(board: client.Board, username: str, password: str) -> None:
    answer = board.post("/token", {"username": username, "password": password})
    credentials.save(board.address, answer["access_token"])


def _prompt(what: str, *, hidden: bool = False, confirm: bool = False) -> str:
    if not sys.stdin.isatty():
        raise errors.InvalidInput(
            f"{what} is missing, and there is no terminal to ask on.",
            code="no_terminal",
            hint="Give the user name as an argument and the password with --password-stdin or SYNCBOARD_PASSWORD.",
        )
    return str(typer.prompt(what, hide_input=hidden, confirmation_prompt=confirm, err=True))


def _password(*, from_input: bool, confirm: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return os.environ.get("SYNCBOARD_PASSWORD") or _prompt("Password", hidden=True, confirm=confirm)
