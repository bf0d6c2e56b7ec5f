"""Programs of the system are brought only where that asks nobody for a password, once, and never have to be there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = (Path(__file__).parents[2] / "deploy/scripts/set-up.sh").read_text(encoding="utf-8")
WANTED = "tesseract-ocr tesseract-ocr-osd bubblewrap"


def bring(folder: Path, *, user: int = 0, fails: bool = False, there: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """What that part of the script says on a machine where `there` are, and what was asked of apt-get."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    asked = folder / "asked"
    for name in ("cat", "sh"):
        (programs / name).unlink(missing_ok=True)
        (programs / name).symlink_to(shutil.which(name) or name)
    scripts = {
        "id": f"echo {user}",
        "apt-get": f'echo "$*" >>{asked}; test "$1" != install || exit {int(fails)}',
        **dict.fromkeys(there, ":"),
    }
    for name, script in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    part = re.search(r"^bring_programs\(\) \{$.*?^\}$", SCRIPT, re.MULTILINE | re.DOTALL)
    assert part is not None
    text = f"set -eu\nvenv={folder}\nsay() {{ printf '%s\\n' \"$*\"; }}\n{part[0]}\nbring_programs\nsay went on\n"
    ended = subprocess.run(
        ["/bin/sh", "-c", text], env={"PATH": str(programs)}, capture_output=True, text=True, check=True
    )
    assert ended.stdout.endswith("went on\n")
    return ended.stdout, asked.read_text().splitlines() if asked.exists() else []


def test_the_superuser_gets_them_once(tmp_path: Path) -> None:
    bring(tmp_path)
    _, asked = bring(tmp_path)
    assert asked == ["update -q -o Acquire::http::Timeout=20", f"install -y -q --no-install-recommends {WANTED}"]


def test_what_is_there_is_not_brought(tmp_path: Path) -> None:
    assert bring(tmp_path, there=("tesseract", "bwrap"))[1] == []


def test_an_ordinary_user_is_not_asked(tmp_path: Path) -> None:
    assert bring(tmp_path, user=1000) == ("went on\n", [])


@pytest.mark.parametrize("there", [(), ("bwrap",)])
def test_a_failure_is_said_and_stops_nothing(tmp_path: Path, there: tuple[str, ...]) -> None:
    assert "the board does without" in bring(tmp_path, fails=True, there=there)[0]
