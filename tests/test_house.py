"""The house rules that a reader would otherwise have to keep in mind."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
EMPTY_NAMES = {"utils", "helpers", "common", "misc"}
EMPTY_FOLDERS = EMPTY_NAMES | {"services", "managers", "models", "schemas"}
# spelled apart so that this file does not find itself
UNFINISHED = re.compile(
    "|".join([r"\bTO" + "DO", r"\bFIX" + "ME", r"\bXX" + r"X\b", r"\bHA" + r"CK\b", "raise NotImplemented" + "Error"])
)
PRETENDED = re.compile(
    "|".join(["Magic" + "Mock", "mock" + r"\.patch", r"mark\.sk" + "ip", r"\bx" + "fail", r"pytest\.sk" + r"ip\("])
)
PRIVATE_PLACES = re.compile("|".join([r"(?<![\w.])/wo" + r"rk/", r"\.libr" + "ary", "/tm" + r"p/team", "/tm" + "p/v/"]))
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u26ff\ufe0f]")
BANNER = re.compile(r"^\s*(#|//).*[-=*~─═]{8,}")


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in listing.stdout.splitlines() if (path := ROOT / name).is_file()]


FILES = tracked()
PYTHON = [path for path in FILES if path.suffix == ".py"]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PYTHON}
WRITTEN = {
    ".py",
    ".ts",
    ".tsx",
    ".css",
    ".md",
    ".toml",
    ".sh",
    ".ps1",
    ".yml",
    ".yaml",
    ".sql",
    ".mako",
    ".html",
    ".conf",
    ".service",
    ".in",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_test(path: Path) -> bool:
    return name_of(path).startswith("tests/")


def lines(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name_of(path)}:{number} {line.strip()[:100]}")
    return found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    wrong = []
    for path in FILES:
        generated = "src/client/" in name_of(path) or path.name.endswith(".d.ts") or path.name == "package-lock.json"
        if path.suffix in {".py", ".ts", ".tsx", ".css"} and not generated:
            count = path.read_text(encoding="utf-8").count("\n")
            if count > (400 if is_test(path) else 250):
                wrong.append(f"{name_of(path)} has {count} lines")
    assert not wrong, "\n".join(wrong)


def test_no_function_is_longer_than_a_screen() -> None:
    wrong = []
    for path in PYTHON:
        for node in functions(path):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > (80 if is_test(path) else 40):
                wrong.append(f"{name_of(path)}:{node.lineno} {node.name} has {size} lines")
    assert not wrong, "\n".join(wrong)


def test_every_name_says_what_is_inside() -> None:
    wrong = []
    for path in FILES:
        *folders, name = path.relative_to(ROOT).with_suffix("").parts
        if name in EMPTY_NAMES or EMPTY_FOLDERS & set(folders):
            wrong.append(name_of(path))
    assert not wrong, wrong


def test_nothing_is_left_unfinished() -> None:
    found = lines(UNFINISHED, [path for path in FILES if path.suffix in WRITTEN])
    assert not found, "\n".join(found)


def test_nothing_is_mocked_and_no_test_is_left_out() -> None:
    found = lines(PRETENDED, PYTHON)
    assert not found, "\n".join(found)


def test_no_error_is_swallowed_in_silence() -> None:
    wrong = []
    for path in PYTHON:
        for node in ast.walk(TREES[path]):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            if broad and all(isinstance(step, ast.Pass) for step in node.body):
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert not wrong, wrong


def test_every_module_says_what_it_is_for() -> None:
    wrong = [name_of(path) for path in PYTHON if TREES[path].body and not ast.get_docstring(TREES[path])]
    assert not wrong, wrong


def test_every_module_reads_its_annotations_late() -> None:
    wrong = []
    for path in PYTHON:
        code = [
            node
            for node in TREES[path].body
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ]
        if code and not (isinstance(code[0], ast.ImportFrom) and code[0].module == "__future__"):
            wrong.append(name_of(path))
    assert not wrong, wrong


def test_the_name_of_a_test_is_a_sentence() -> None:
    wrong = []
    for path in PYTHON:
        if is_test(path):
            wrong += [
                f"{name_of(path)}:{node.lineno} {node.name}"
                for node in functions(path)
                if node.name.startswith("test") and len(node.name.split("_")) < 4
            ]
    assert not wrong, "\n".join(wrong)


def test_every_test_can_fail() -> None:
    wrong = []
    for path in PYTHON:
        if is_test(path) and path.name.startswith("test_"):
            wrong += [
                f"{name_of(path)}:{node.lineno} {node.name}"
                for node in functions(path)
                if node.name.startswith("test_")
                and not re.search(r"\bassert\b|raises\(|expect\(|check_|assert_", ast.unparse(node))
            ]
    assert not wrong, "\n".join(wrong)


def test_the_tree_holds_no_large_file() -> None:
    wrong = [f"{name_of(path)} {path.stat().st_size // 1000} kB" for path in FILES if path.stat().st_size > 1_000_000]
    assert not wrong, wrong


def test_nothing_names_the_place_it_was_written_at() -> None:
    found = lines(
        PRIVATE_PLACES, [path for path in FILES if path.suffix in WRITTEN or path.name in {"Makefile", "run"}]
    )
    assert not found, "\n".join(found)


def test_the_code_has_no_banners_and_no_emoji() -> None:
    written = [path for path in FILES if path.suffix in WRITTEN - {".sql", ".md"}]
    found = lines(BANNER, written) + lines(
        EMOJI, [path for path in FILES if path.suffix in WRITTEN and not is_test(path)]
    )
    assert not found, "\n".join(found)


def test_the_readme_and_the_pipeline_name_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pipeline = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme
    assert "make test" in pipeline
    assert "make check" in pipeline
