"""What pictures look like, so that the same picture is known again after it was saved anew, scaled or cropped a little.

Works on a small grey square that the sandbox made of the picture; nothing here decodes a file. First hash: the signs
of the low frequencies of a cosine transform against their median (pHash, Zauner 2010, in the size of PDQ); its bits
choose the buckets. Second: the grey values themselves and their edges, laid over each other in several crops.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from backend.domain.shingles import Keys

VERSION = 1
SIDE = 64
"""Pixels of the grey square, in each direction."""
LEAST_CONTRAST = 4.0
"""Grey levels, as standard deviation: a blank page looks like every other."""
KEYS, BITS_OF_A_KEY = 16, 16
CROPS = (1.0, 0.94, 0.88)
"""Parts of the picture, about its middle, that are looked up as well: one that was cropped meets its original there."""
SAME_GREY, SAME_EDGES = 0.9, 0.88
"""Correlations from which two pictures are one; edges are what two pages of one form do not have in common."""
PLAIN, FAR = 0.98, 0.4
"""Correlations of the grey values above and below which no crop has to be tried."""

_COARSE = SIDE // 2
_STEP, _STEPS = 0.02, 6
_TRIED = 2
_EDGE = 2.0

Square = NDArray[np.uint8]
Values = NDArray[np.float32]
Window = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """`grey` is SIDE by SIDE; `keys` are the buckets, none for a picture without contrast."""

    grey: Square
    keys: Keys
    digest: int


def look(grey: Square) -> Look:
    """The look of a picture, from its grey square."""
    keys = np.zeros(0, np.int64)
    if float(grey.std()) >= LEAST_CONTRAST:
        values = grey.astype(np.float32)
        keys = np.unique(np.concatenate([_keys(_bits(_middle(values, part))) for part in CROPS]))
    digest = int.from_bytes(blake2b(grey.tobytes(), digest_size=8).digest(), "little", signed=True)
    return Look(grey, keys, digest)


def likeness(a: Square, b: Square) -> tuple[float, float]:
    """Correlations of the grey values and of the edges of two squares, whichever may be a crop of the other."""
    one, other = a.astype(np.float32), b.astype(np.float32)
    plain = _correlations(one, other)
    if plain[0] >= PLAIN and plain[1] >= SAME_EDGES:
        return plain
    if plain[0] < FAR:
        return plain
    return max(plain, _best(one, other), _best(other, one), key=lambda found: found[1])


def is_same(found: tuple[float, float]) -> bool:
    """Whether two pictures of this likeness are one."""
    return found[0] >= SAME_GREY and found[1] >= SAME_EDGES


def _best(whole: Values, part: Values) -> tuple[float, float]:
    """How `part` correlates with the crop of `whole` that is most like it.

    All crops are tried in half the size: the rows of each window, then the columns of each window, at once.
    """
    windows = np.stack([_weights(_COARSE, *window) for window in _WINDOWS])
    coarse = (windows @ _halved(whole))[:, None] @ windows.transpose(0, 2, 1)[None]
    flat = coarse.reshape(len(_WINDOWS) ** 2, -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    alike = (flat @ _normed(_halved(part))) / np.maximum(np.linalg.norm(flat, axis=1), 1e-6)
    found = []
    for number in np.argsort(-alike)[:_TRIED].tolist():
        down, across = divmod(number, len(_WINDOWS))
        found.append(_correlations(_finer(whole, part, _WINDOWS[down], _WINDOWS[across]), part))
    return max(found, key=lambda pair: pair[1])


def _finer(whole: Values, part: Values, down: Window, across: Window) -> Values:
    """The crop near this one that is most like `part`: its edges are moved by less than a step, one pair at a time."""
    wanted = _normed(part)
    for step in (_STEP / 2, _STEP / 4):
        columns = whole @ _weights(SIDE, *across).T
        down = max(_near(down, step), key=lambda window: float(_normed(_weights(SIDE, *window) @ columns) @ wanted))
        rows = _weights(SIDE, *down) @ whole
        across = max(_near(across, step), key=lambda window: float(_normed(rows @ _weights(SIDE, *window).T) @ wanted))
    return np.asarray(_weights(SIDE, *down) @ whole @ _weights(SIDE, *across).T, dtype=np.float32)


def _near(window: Window, step: float) -> list[Window]:
    """Windows whose ends are moved by a step, or not, within the picture."""
    low, high = window
    moves = (-step, 0.0, step)
    return [(max(round(low + a, 3), 0.0), min(round(high + b, 3), 1.0)) for a in moves for b in moves]


def _correlations(a: Values, b: Values) -> tuple[float, float]:
    edges = [values - gaussian_filter(values, _EDGE) for values in (a, b)]
    return float(_normed(a) @ _normed(b)), float(_normed(edges[0]) @ _normed(edges[1]))


def _halved(values: Values) -> Values:
    return np.asarray(values.reshape(_COARSE, 2, _COARSE, 2).mean(axis=(1, 3)), dtype=np.float32)


def _normed(values: NDArray[np.floating]) -> Values:
    flat = values.ravel() - values.mean()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6), dtype=np.float32)


def _middle(values: Values, part: float) -> Values:
    if part == 1.0:
        return values
    weights = _weights(SIDE, (1 - part) / 2, (1 + part) / 2)
    return np.asarray(weights @ values @ weights.T, dtype=np.float32)


@cache
def _weights(side: int, low: float, high: float) -> Values:
    """The matrix that stretches the part of `side` values between `low` and `high` (0 to 1) to all of them."""
    at = np.clip(side * low + (np.arange(side) + 0.5) * (high - low) - 0.5, 0, side - 1)
    before = np.floor(at).astype(int)
    weights = np.zeros((side, side), np.float32)
    np.add.at(weights, (np.arange(side), before), 1 - (at - before))
    np.add.at(weights, (np.arange(side), np.minimum(before + 1, side - 1)), at - before)
    return weights


def _bits(values: Values) -> NDArray[np.uint8]:
    low = dctn(values, norm="ortho")[1:17, 1:17]
    return np.asarray(low > np.median(low), dtype=np.uint8).ravel()


def _keys(bits: NDArray[np.uint8]) -> Keys:
    weights = np.int64(1) << np.arange(BITS_OF_A_KEY, dtype=np.int64)
    chosen = bits[_CHOSEN].astype(np.int64) @ weights
    return np.asarray(chosen + (np.arange(KEYS, dtype=np.int64) << BITS_OF_A_KEY), dtype=np.int64)


def _choose() -> NDArray[np.int64]:
    """Which bits make each key: of the lower half of the frequencies, which change least; fixed by their seeds."""
    down, across = np.divmod(np.arange(256), 16)
    low = np.argsort(down + across, kind="stable")[:128]
    return np.stack([np.random.default_rng(seed).choice(low, BITS_OF_A_KEY, replace=False) for seed in range(KEYS)])


_CHOSEN = _choose()
_WINDOWS = tuple((first * _STEP, 1 - last * _STEP) for first in range(_STEPS + 1) for last in range(_STEPS + 1 - first))
