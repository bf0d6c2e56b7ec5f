"""One run in the sandbox: what goes to the child, and what is taken back from it."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from backend.domain.errors import Unreadable
from backend.providers import endings, handed_out, scratch
from backend.providers.zygote_process import ZygoteProcess


@dataclass(frozen=True)
class Order:
    """The arguments of `Sandbox.run`, with the limits of its sandbox."""

    request: dict[str, Any]
    files: Mapping[str, Path]
    into: Path | None
    limits: dict[str, int]
    out_files: int

    @contextmanager
    def begun(self, zygote: ZygoteProcess, number: int) -> Iterator[tuple[FileIO, Path]]:
        """Hand it to the zygote; gives the pipe of the result and the scratch folder, which goes with the block."""
        folder = Path(tempfile.mkdtemp(dir=zygote.folder))
        read_end, write_end = os.pipe()
        message = {
            "run": number,
            "request": self.request,
            "limits": self.limits,
            "folder": str(folder),
            "files": list(self.files),
            "makes_files": self.into is not None,
        }
        with os.fdopen(read_end, "rb", buffering=0) as pipe, ExitStack() as sent:
            try:
                sent.callback(os.close, write_end)
                descriptors = [write_end]
                for path in self.files.values():
                    descriptors.append(_opened(path))
                    sent.callback(os.close, descriptors[-1])
                zygote.run(message, descriptors)
                sent.close()
                yield pipe, folder
            finally:
                scratch.remove(folder)

    def ended(self, data: bytes, ended: dict[str, Any], folder: Path) -> dict[str, Any] | Unreadable:
        """What the target returned, once its files are in their place; or why there is nothing."""
        try:
            value = endings.value(data, ended, self.limits["memory"])
            if self.into is not None:
                handed_out.take(folder / "out", self.into, files=self.out_files, bytes_=self.limits["file"])
        except Unreadable as error:
            return error
        return value


def _opened(path: Path) -> int:
    """For reading only, and nothing that could make an opener wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(f"not a plain file: {path}")
    return descriptor
