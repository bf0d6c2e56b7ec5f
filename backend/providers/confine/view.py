"""What of the machine a child may see: the interpreter, the libraries, our code, and one folder to write in."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

_SYSTEM = (
    "/usr",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",  # where Debian links libraries such as BLAS
    "/etc/fonts",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/papersize",
    "/var/cache/fontconfig",
    "/sys/devices/system/cpu",  # how many cores there are, for the libraries that compute
    "/sys/devices/system/node",
)
_OFTEN_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@dataclass(frozen=True)
class View:
    """`readable` and `scratch` are absolute and free of links; `links` is (where, to what)."""

    readable: tuple[Path, ...]
    links: tuple[tuple[str, str], ...]
    scratch: Path

    def as_json(self) -> dict[str, Any]:
        return {"readable": [*map(str, self.readable)], "links": self.links, "scratch": str(self.scratch)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        links = tuple((where, to) for where, to in value["links"])
        return cls(tuple(map(Path, value["readable"])), links, Path(value["scratch"]))


def of(target: str, also: Sequence[Path], scratch: Path) -> View:
    """The view of a zygote for `target` ("module:function"), which may read `also`, too."""
    links = [(name, str(Path(name).readlink())) for name in _OFTEN_LINKS if Path(name).is_symlink()]
    plain = [Path(name) for name in _OFTEN_LINKS if not Path(name).is_symlink()]
    wanted = [*map(Path, _SYSTEM), *plain, *_python(), *_package(target), *_package(__name__), *also]
    return View(_outermost(wanted), tuple(links), scratch)


def python() -> str:
    """The interpreter without the links that lead to it, which the view may not have."""
    return str(Path(sys.executable).resolve())


def import_path() -> str:
    """PYTHONPATH for a child: where this process imports from, and our own code, which may be found by a hook only."""
    ours = str(Path(__file__).resolve().parents[3])
    return os.pathsep.join(dict.fromkeys([*filter(None, sys.path), ours]))


def _python() -> list[Path]:
    """The installation, the virtual environment, and other places packages come from.

    Not the folder of an environment as a whole: somebody makes it in the project folder itself, beside the data.
    """
    prefixes = [
        Path(prefix) / part
        for prefix in {sys.base_prefix, sys.base_exec_prefix, sys.prefix}
        for part in ("bin", "lib", "lib64", "share", "pyvenv.cfg")
    ]
    libraries = [Path(entry) for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
    return [*prefixes, *libraries, Path(python())]


def _package(module: str) -> list[Path]:
    """Where the code of the top package lies; never the folder around it, where the data may be."""
    spec = importlib.util.find_spec(module.split(":", 1)[0].split(".", 1)[0])
    if spec is None:
        return []
    return [Path(place) for place in spec.submodule_search_locations or [spec.origin or ""]]


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Those that exist, resolved, without any that lies within another."""
    found = sorted({path.resolve() for path in paths if path.exists()}, key=lambda path: len(path.parts))
    kept: list[Path] = []
    for path in found:
        if path != Path("/") and not any(path.is_relative_to(outer) for outer in kept):
            kept.append(path)
    return tuple(kept)
