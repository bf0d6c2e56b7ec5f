"""Reads a Whisper model of CTranslate2 and names its weights as the original implementation does.

CTranslate2's file (version 6, its `python/ctranslate2/specs/model_spec.py`) is a list of named arrays; its converter
fused the query, key and value of self attention into one matrix, and the key and value of cross attention. Undoing that
gives the weights of openai/whisper's `model.py` again: one model, and one set of bytes to verify, for two engines.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import Unavailable

Array = NDArray[Any]

_VERSION, _SPEC = 6, "WhisperSpec"
_TYPES = {0: np.float32, 2: np.int16, 4: np.float16}
"""Of the types that CTranslate2 knows, those that our weights have: 1 is int8, 3 int32, 5 bfloat16."""


def read(path: Path) -> dict[str, Array]:
    """The arrays of the file by name. Raises Unavailable `model_changed` when it is something else."""
    with path.open("rb") as file:
        version, spec, _revision, count = _number(file, "I"), _name(file), _number(file, "I"), _number(file, "I")
        if (version, spec) != (_VERSION, _SPEC):
            raise _unknown(f"{spec} of version {version}")
        return dict(_array(file) for _ in range(count))


def dimensions(arrays: dict[str, Array]) -> dict[str, int]:
    """The arguments of openai/whisper's `ModelDimensions`."""
    found: dict[str, int] = {"n_mels": arrays["encoder/conv1/weight"].shape[1]}
    for side, word in (("encoder", "audio"), ("decoder", "text")):
        context, state = arrays[f"{side}/position_encodings/encodings"].shape
        layers = sum(name.startswith(f"{side}/layer_") and name.endswith("/ffn/linear_0/bias") for name in arrays)
        heads = int(arrays[f"{side}/num_heads"])
        found |= {
            f"n_{word}_ctx": context,
            f"n_{word}_state": state,
            f"n_{word}_head": heads,
            f"n_{word}_layer": layers,
        }
    return found | {"n_vocab": arrays["decoder/embeddings/weight"].shape[0]}


def state(arrays: dict[str, Array]) -> dict[str, Array]:
    """The weights by the names of openai/whisper's `state_dict`, in float32."""
    sizes = dimensions(arrays)
    named = {
        "encoder.positional_embedding": arrays["encoder/position_encodings/encodings"],
        "decoder.positional_embedding": arrays["decoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": arrays["decoder/embeddings/weight"],
    }
    for conv in ("conv1", "conv2"):
        named |= {f"encoder.{conv}.{kind}": arrays[f"encoder/{conv}/{kind}"] for kind in ("weight", "bias")}
    named |= _norm(arrays, "encoder/layer_norm", "encoder.ln_post") | _norm(arrays, "decoder/layer_norm", "decoder.ln")
    for side, layers in (("encoder", sizes["n_audio_layer"]), ("decoder", sizes["n_text_layer"])):
        for number in range(layers):
            named |= _layer(arrays, f"{side}/layer_{number}", f"{side}.blocks.{number}", crossed=side == "decoder")
    return {name: np.asarray(array, dtype=np.float32) for name, array in named.items()}


def _layer(arrays: dict[str, Array], source: str, target: str, *, crossed: bool) -> dict[str, Array]:
    own = f"{source}/self_attention"
    found = _attention(
        arrays, f"{target}.attn", fused=[(f"{own}/linear_0", ("query", "key", "value"))], out=f"{own}/linear_1"
    )
    found |= _norm(arrays, f"{own}/layer_norm", f"{target}.attn_ln")
    if crossed:
        other = f"{source}/attention"
        fused = [(f"{other}/linear_0", ("query",)), (f"{other}/linear_1", ("key", "value"))]
        found |= _attention(arrays, f"{target}.cross_attn", fused=fused, out=f"{other}/linear_2")
        found |= _norm(arrays, f"{other}/layer_norm", f"{target}.cross_attn_ln")
    found |= _linear(arrays, f"{source}/ffn/linear_0", f"{target}.mlp.0")
    found |= _linear(arrays, f"{source}/ffn/linear_1", f"{target}.mlp.2")
    return found | _norm(arrays, f"{source}/ffn/layer_norm", f"{target}.mlp_ln")


def _attention(
    arrays: dict[str, Array], target: str, *, fused: list[tuple[str, tuple[str, ...]]], out: str
) -> dict[str, Array]:
    found = _linear(arrays, out, f"{target}.out")
    for source, names in fused:
        for kind in ("weight", "bias"):
            pieces = np.split(arrays[f"{source}/{kind}"], len(names))
            found |= {f"{target}.{name}.{kind}": piece for name, piece in zip(names, pieces, strict=True)}
    del found[f"{target}.key.bias"]  # Whisper's keys have none: the converter filled in zeros
    return found


def _linear(arrays: dict[str, Array], source: str, target: str) -> dict[str, Array]:
    return {f"{target}.{kind}": arrays[f"{source}/{kind}"] for kind in ("weight", "bias")}


def _norm(arrays: dict[str, Array], source: str, target: str) -> dict[str, Array]:
    return {f"{target}.weight": arrays[f"{source}/gamma"], f"{target}.bias": arrays[f"{source}/beta"]}


def _array(file: BinaryIO) -> tuple[str, Array]:
    name, rank = _name(file), _number(file, "B")
    shape = tuple(_number(file, "I") for _ in range(rank))
    type_, size = _number(file, "B"), _number(file, "I")
    data = file.read(size)
    if type_ in _TYPES:
        return name, np.frombuffer(data, _TYPES[type_]).reshape(shape)
    if not rank:  # a switch
        return name, np.frombuffer(data, np.int8).reshape(shape)
    raise _unknown(f"weights of type {type_}")


def _name(file: BinaryIO) -> str:
    return file.read(_number(file, "H"))[:-1].decode()


def _number(file: BinaryIO, kind: str) -> int:
    number: int = struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0]
    return number


def _unknown(what: str) -> Unavailable:
    return Unavailable(
        f"The speech model is {what}, which cannot be converted.",
        code="model_changed",
        hint="Choose SPEECH_ENGINE=faster-whisper, which reads it as it is.",
        retryable=False,
    )
