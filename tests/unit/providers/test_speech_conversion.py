"""The weights of CTranslate2's file under the names of the original Whisper, held to CTranslate2's own results.

The forward pass here is that of openai/whisper's `model.py`, in numpy: what it gives with the converted weights must be
what CTranslate2 gives with its own. PyTorch is needed only to run the original itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray
from scipy.special import erf, softmax

from backend.domain.errors import Unavailable
from backend.providers import models
from backend.providers.speech import conversion, weights
from tests import sounds

Array = NDArray[Any]
State = dict[str, Array]
START, FIRST_LANGUAGE, LANGUAGES = 50258, 50259, 99


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return weights.prepared(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def arrays(folder: Path) -> State:
    return conversion.read(folder / "model.bin")


@pytest.fixture(scope="module")
def state(arrays: State) -> State:
    return conversion.state(arrays)


def test_the_dimensions_are_those_of_the_base_model(arrays: State) -> None:
    side = {"ctx": 1500, "state": 512, "head": 8, "layer": 6}
    expected = {f"n_audio_{name}": value for name, value in side.items()}
    expected |= {f"n_text_{name}": value for name, value in (side | {"ctx": 448}).items()}
    assert conversion.dimensions(arrays) == expected | {"n_mels": 80, "n_vocab": 51865}


def test_the_names_are_those_of_the_original_all_of_them(state: State) -> None:
    def attention(name: str) -> list[str]:
        kinds = ["query.weight", "query.bias", "key.weight", "value.weight", "value.bias", "out.weight", "out.bias"]
        return [*(f"{name}.{kind}" for kind in kinds), f"{name}_ln.weight", f"{name}_ln.bias"]

    rest = [f"{name}.{kind}" for name in ("mlp.0", "mlp.2", "mlp_ln") for kind in ("weight", "bias")]
    expected = {"encoder.positional_embedding", "decoder.positional_embedding", "decoder.token_embedding.weight"}
    for name in ("encoder.conv1", "encoder.conv2", "encoder.ln_post", "decoder.ln"):
        expected |= {f"{name}.weight", f"{name}.bias"}
    for number in range(6):
        expected |= {f"encoder.blocks.{number}.{name}" for name in [*attention("attn"), *rest]}
        both = [*attention("attn"), *attention("cross_attn"), *rest]
        expected |= {f"decoder.blocks.{number}.{name}" for name in both}
    assert set(state) == expected
    assert {array.dtype for array in state.values()} == {np.dtype(np.float32)}


def norm(x: Array, state: State, name: str) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return centred / spread * state[f"{name}.weight"] + state[f"{name}.bias"]


def linear(x: Array, state: State, name: str) -> Array:
    return x @ state[f"{name}.weight"].T + state.get(f"{name}.bias", np.float32(0))


def gelu(x: Array) -> Array:
    return x * 0.5 * (1 + erf(x / np.sqrt(2).astype(np.float32)))


def attention(x: Array, other: Array, state: State, name: str) -> Array:
    def heads(values: Array) -> Array:
        return values.reshape(len(values), 8, 64).transpose(1, 0, 2)

    query, key, value = (
        heads(linear(values, state, f"{name}.{kind}"))
        for kind, values in (("query", x), ("key", other), ("value", other))
    )
    chances = softmax(query @ key.transpose(0, 2, 1) / 8, axis=-1)
    return linear((chances @ value).transpose(1, 0, 2).reshape(len(x), 512), state, f"{name}.out")


def convolved(x: Array, state: State, name: str, stride: int) -> Array:
    """`x` is (channels, time)."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1))), 3, axis=1)[:, ::stride]
    return gelu(
        np.einsum("ctk,ock->ot", windows, state[f"{name}.weight"], optimize=True) + state[f"{name}.bias"][:, None]
    )


def encoded(features: Array, state: State) -> Array:
    x = convolved(convolved(features, state, "encoder.conv1", 1), state, "encoder.conv2", 2).T
    x = x + state["encoder.positional_embedding"]
    for number in range(6):
        name = f"encoder.blocks.{number}"
        normed = norm(x, state, f"{name}.attn_ln")
        x = x + attention(normed, normed, state, f"{name}.attn")
        x = x + linear(gelu(linear(norm(x, state, f"{name}.mlp_ln"), state, f"{name}.mlp.0")), state, f"{name}.mlp.2")
    return norm(x, state, "encoder.ln_post")


def first_logits(heard: Array, state: State) -> Array:
    """Of the token after the one that starts a transcript: the language."""
    x = state["decoder.token_embedding.weight"][[START]] + state["decoder.positional_embedding"][:1]
    for number in range(6):
        name = f"decoder.blocks.{number}"
        normed = norm(x, state, f"{name}.attn_ln")
        x = x + attention(normed, normed, state, f"{name}.attn")
        x = x + attention(norm(x, state, f"{name}.cross_attn_ln"), heard, state, f"{name}.cross_attn")
        x = x + linear(gelu(linear(norm(x, state, f"{name}.mlp_ln"), state, f"{name}.mlp.0")), state, f"{name}.mlp.2")
    return (norm(x, state, "decoder.ln") @ state["decoder.token_embedding.weight"].T)[0]


def test_the_original_network_with_the_converted_weights_hears_what_ctranslate2_hears(
    folder: Path, state: State
) -> None:
    sound = sounds.spoken("leopard/test_fr.wav").astype(np.float32) / 32768
    features = FeatureExtractor()(np.pad(sound, (0, 480_000 - len(sound))))[:, :3000].astype(np.float32)
    model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="float32", intra_threads=1)
    given = ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None]))
    theirs = np.array(model.encode(given, to_cpu=True))[0]
    ours = encoded(features, state)
    assert np.abs(ours - theirs).max() < 2e-2 * np.abs(theirs).max()
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.9999
    chances = softmax(first_logits(ours, state)[FIRST_LANGUAGE : FIRST_LANGUAGE + LANGUAGES])
    named = dict(model.detect_language(ctranslate2.StorageView.from_array(theirs[None]))[0])
    assert named["<|fr|>"] > 0.8
    assert max(chances) == pytest.approx(named["<|fr|>"], abs=1e-2)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"\x07\0\0\0\x0cWhisperSpec\0"[:4] + b"\x0c\0WhisperSpec\0" + bytes(8))
    with pytest.raises(Unavailable) as refused:
        conversion.read(path)
    assert refused.value.code == "model_changed"
    assert models.WHISPER_MODEL.licence == "MIT"
