"""What is there is written down: every setting, route, kind of job, command and environment variable."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest
import typer
from fastapi.routing import APIRoute

from backend import api, cli
from backend.api.errors import status_of
from backend.commands import exits
from backend.domain import errors
from backend.jobs import kinds
from backend.jobs.job import QUEUES
from backend.jobs.states import FINISHED, OPEN
from backend.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def routes() -> set[str]:
    """Every public route as `METHOD /path`."""
    return {
        f"{method} {route.path}"
        for router in api.ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods
    }


def commands() -> set[str]:
    """Every command as a person types it."""
    top = typer.main.get_command(cli.app)
    found = set()
    for name, command in top.commands.items():
        below = getattr(command, "commands", None)
        found |= {f"{name} {inner}" for inner in below} if below else {name}
    return found


def test_every_setting_is_in_the_operations_page() -> None:
    written = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", read("operations.md")))
    missing = {name.upper() for name in Settings.model_fields} - written
    assert not missing


def test_every_setting_in_the_committed_env_file_exists() -> None:
    named = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env").read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named <= {name.upper() for name in Settings.model_fields}


def test_every_route_is_in_the_api_page_with_an_example() -> None:
    page = read("api.md")
    missing = {route for route in routes() if f"`{route}`" not in page}
    assert not missing
    shown = set(re.findall(r"```http\n(\w+ /[^\s?]*)", page))
    assert not routes() - shown


def test_every_example_in_the_api_page_is_of_a_route_that_exists() -> None:
    assert set(re.findall(r"```http\n(\w+ /[^\s?]*)", read("api.md"))) <= routes()


@pytest.mark.parametrize("job", kinds.ALL, ids=lambda job: job.kind)
def test_every_kind_of_job_is_in_the_jobs_page(job: kinds.Job) -> None:
    assert f"`{job.kind}`" in read("jobs.md")


def test_every_state_and_queue_is_in_the_jobs_page() -> None:
    page = read("jobs.md")
    assert [word for word in (*OPEN, *FINISHED, *QUEUES) if word not in page] == []


def test_every_command_is_in_the_page_of_commands() -> None:
    written = set(re.findall(r"`syncboard ([a-z]+(?: [a-z]+)?)", read("cli.md")))
    assert not commands() - written


def test_every_command_that_is_written_down_exists() -> None:
    known = commands() | {command.split()[0] for command in commands()}
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    written = {
        (page.name, command)
        for page in pages
        for command in re.findall(r"(?:^|[`|(]|&& |\n)syncboard ([a-z]+)", page.read_text(encoding="utf-8"))
    }
    assert written
    assert {(page, command) for page, command in written if command not in known} == set()


def test_every_option_that_the_page_of_commands_names_exists() -> None:
    options: set[str] = {"--json", "--help"}
    stack: list[click.Command] = [typer.main.get_command(cli.app)]
    while stack:
        command = stack.pop()
        options |= {option for parameter in command.params for option in parameter.opts}
        stack += getattr(command, "commands", {}).values()
    assert set(re.findall(r"(--[a-z][a-z-]*)", read("cli.md"))) <= options


def test_every_exit_code_is_in_the_page_of_commands() -> None:
    codes = {value for name, value in vars(exits).items() if name.isupper()}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", read("cli.md"), re.MULTILINE)} == codes


def error_codes() -> dict[str, set[int]]:
    """Every code an error of the house is raised with, and the statuses it has over HTTP."""
    found: dict[str, set[int]] = {}
    classes = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    for kind in classes.values():
        if issubclass(kind, errors.BoardError):
            found[kind.default_code] = {status_of(kind("."))}
    folders = ("api", "domain", "jobs", "providers", "store")
    for path in (path for folder in folders for path in (ROOT / "backend" / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for keyword in node.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and name in classes:
                    code = str(keyword.value.value)
                    found.setdefault(code, set()).add(status_of(classes[name](".", code=code)))
    return found


def test_every_error_code_is_in_its_page_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|", read("errors.md"), re.MULTILINE)
    written = {code: {int(status) for status in statuses.split(",")} for code, statuses in rows}
    assert len(rows) == len(written)
    codes = error_codes()
    assert set(codes) - set(written) == set(), "not in docs/errors.md"
    wrong = {code: (written[code], codes[code]) for code in codes if not written[code] & codes[code]}
    wrong.pop("method_not_allowed")  # the framework's own answer, in our form
    assert not wrong
    assert set(written) - set(codes) <= {"worker_died"}, "in docs/errors.md and nowhere else"


def test_every_decision_is_numbered_and_fits_a_screen() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.name for page in pages if len(page.read_text(encoding="utf-8").splitlines()) > 50] == []


def test_every_link_in_the_pages_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in [ROOT / "README.md", *DOCS.rglob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken
