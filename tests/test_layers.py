"""Who may import whom. Read from the source by AST, so an import inside a function counts as well."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
BACKEND = ROOT / "backend"

MAY_IMPORT = {
    "settings": set(),
    "logs": {"settings"},
    "domain": {"domain"},
    "store": {"store", "domain"},
    "providers": {"providers", "domain", "settings", "logs"},
    "jobs": {"jobs", "store", "domain", "settings", "logs"},
    "api": {"api", "jobs", "store", "domain", "settings", "logs"},
    "commands": {"commands", "domain", "settings"},
    "embedded": {"embedded", "domain", "store", "settings", "logs"},
    "wiring": {"providers", "jobs", "store", "domain", "settings", "logs"},
    "celery_app": {"wiring", "jobs", "store", "domain", "settings", "logs"},
    "main": {"api", "wiring", "jobs", "store", "domain", "settings", "logs"},
    "cli": {"commands", "embedded", "wiring", "domain", "settings", "logs"},
}
"""For each layer (or file directly under backend) the parts of the house it may import."""

ALSO_MAY_IMPORT = {
    # doctor has to work when the server does not: it asks the database and the storage itself
    "backend.commands.doctor": {"wiring"},
    "backend.commands.checks": {"store", "jobs"},
    # the weights are a matter of this machine, not of the server
    "backend.commands.models": {"providers"},
    # the one list of queues: what is started consumes what is routed
    "backend.embedded.programs": {"jobs"},
    # the web process rings through Celery
    "backend.main": {"celery_app"},
}

ONLY_IN = {
    "fastapi": ("backend.api", "backend.main"),
    "starlette": ("backend.api", "backend.main"),
    "uvicorn": ("backend.embedded", "backend.main", "backend.cli"),
    "sqlalchemy": ("backend.store",),
    "alembic": ("backend.store", "backend.embedded"),
    "psycopg": ("backend.store", "backend.embedded"),
    "pgvector": ("backend.store",),
    "celery": ("backend.celery_app",),
    "kombu": ("backend.celery_app",),
    "billiard": ("backend.celery_app",),
    "redis": ("backend.celery_app", "backend.wiring", "backend.embedded", "backend.commands.checks"),
    "kreuzberg": ("backend.providers",),
    "msoffcrypto": ("backend.providers.extractors",),
    "olefile": ("backend.providers",),
    "cryptography": ("backend.providers.unpacking",),
    "zstandard": ("backend.providers.unpacking",),
    "lxml": ("backend.providers.extractors",),
    "rapidocr": ("backend.providers.ocr",),
    "pytesseract": ("backend.providers.ocr",),
    "cv2": ("backend.providers.ocr",),
    "pypdfium2": ("backend.providers",),
    "PIL": ("backend.providers",),
    "trafilatura": ("backend.providers.extractors",),
    "yt_dlp": ("backend.providers",),
    "onnxruntime": ("backend.providers",),
    "tokenizers": ("backend.providers",),
    "httpx": ("backend.providers", "backend.commands"),
    "httpcore": ("backend.providers.fetch",),
    "certifi": ("backend.providers.fetch",),
    "typer": ("backend.cli", "backend.commands"),
    "rich": ("backend.cli", "backend.commands", "backend.embedded"),
    "circus": ("backend.embedded",),
}
"""Libraries that only some places may know."""

SESSION_AS_A_TYPE = {"sqlalchemy.orm.Session"}

DOMAIN_LIBRARIES = {"sknetwork", "idna", "numpy", "rapidfuzz", "scipy", "sklearn", "pydantic"}
WORLDLY_MODULES = {
    "asyncio", "fcntl", "ftplib", "getpass", "http", "io", "logging", "multiprocessing", "os", "platform", "random",
    "secrets", "selectors", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib.request",
}  # fmt: skip
WORLDLY_CALLS = {"open", "print", "input", "now", "utcnow", "today", "read_text", "read_bytes", "write_text", "stat"}


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(BACKEND.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()


def imported(tree: ast.Module) -> Iterator[str]:
    """Every imported thing, in full: `from a import b` is `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(place + ".") for place in places)


def layer_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def module_of(thing: str) -> str | None:
    """The module of ours that an imported name lives in: `backend.store.jobs.JobRow` is in `backend.store.jobs`."""
    while thing:
        if thing in MODULES:
            return thing
        thing = thing.rpartition(".")[0]
    return None


def test_every_part_of_the_house_is_in_the_layer_table() -> None:
    layers = {layer_of(module) for module in MODULES} - {""}
    assert layers <= set(MAY_IMPORT), f"not in the table: {sorted(layers - set(MAY_IMPORT))}"


def test_a_layer_imports_only_what_it_may() -> None:
    wrong = []
    for module, tree in MODULES.items():
        if not (layer := layer_of(module)):
            continue
        allowed = MAY_IMPORT[layer] | ALSO_MAY_IMPORT.get(module, set())
        for thing in imported(tree):
            target = layer_of(thing) if thing.startswith("backend.") else None
            if target and target != layer and target not in allowed:
                wrong.append(f"{module} imports {thing}")
    assert not wrong, "\n".join(wrong)


def test_a_library_is_known_only_where_it_belongs() -> None:
    wrong = []
    for module, tree in MODULES.items():
        for thing in imported(tree):
            places = ONLY_IN.get(thing.split(".")[0])
            if places is None or within(module, places):
                continue
            if thing in SESSION_AS_A_TYPE and layer_of(module) in {"api", "jobs"}:
                continue
            wrong.append(f"{module} imports {thing}")
    assert not wrong, "\n".join(wrong)


def test_a_session_is_only_a_type_outside_the_store() -> None:
    wrong = [
        f"{module}:{node.lineno} makes a Session; ask Database.session for one"
        for module, tree in MODULES.items()
        if layer_of(module) in {"api", "jobs"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Session"
    ]
    assert not wrong, "\n".join(wrong)


def test_the_domain_is_pure() -> None:
    wrong = []
    for module, tree in MODULES.items():
        if layer_of(module) != "domain":
            continue
        for thing in imported(tree):
            root = thing.split(".")[0]
            if root != "backend" and root not in DOMAIN_LIBRARIES and root not in sys.stdlib_module_names:
                wrong.append(f"{module} imports {thing}, a library the domain does not have")
            if any(within(thing, (worldly,)) for worldly in WORLDLY_MODULES):
                wrong.append(f"{module} imports {thing}: no input, output, clock or chance in the domain")
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in WORLDLY_CALLS:
                    wrong.append(f"{module}:{node.lineno} calls {called}()")
    assert not wrong, "\n".join(wrong)


def test_imports_are_written_in_full() -> None:
    relative = [
        f"{module}:{node.lineno}"
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    starred = [
        f"{module}:{node.lineno}"
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert not relative, relative
    assert not starred, starred


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {
        module: {target for thing in imported(tree) if (target := module_of(thing)) and target != module}
        for module, tree in MODULES.items()
    }
    state: dict[str, str] = {}
    circle: list[str] = []

    def visit(module: str, path: list[str]) -> None:
        state[module] = "open"
        for target in sorted(graph[module]):
            if state.get(target) == "open" and not circle:
                circle.extend([*path[path.index(target) :], target])
            elif target not in state:
                visit(target, [*path, target])
        state[module] = "done"

    for module in graph:
        if module not in state:
            visit(module, [module])
    assert not circle, " → ".join(circle)


def test_the_embedded_servers_are_started_from_the_command_line_only() -> None:
    wrong = [
        f"{module} imports {thing}"
        for module, tree in MODULES.items()
        for thing in imported(tree)
        if within(thing, ("backend.embedded",)) and layer_of(module) not in {"embedded", "cli"}
    ]
    assert not wrong, "\n".join(wrong)


def test_a_process_starts_without_what_only_some_jobs_need() -> None:
    """Each process of a board would load it for nothing: time at every start, memory as long as it runs."""
    late = ["yt_dlp", "kreuzberg", "trafilatura", "onnxruntime", "rapidocr", "ctranslate2", "faster_whisper", "whisper"]
    code = f"import sys, backend.main, backend.celery_app; print([name for name in {late} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
