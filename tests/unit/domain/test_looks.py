"""Knowing a picture again by a small grey square of it."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain import looks
from backend.domain.looks import SIDE, Square


def scene(seed: int) -> Square:
    """A soft picture that is like no other."""
    low = np.random.default_rng(seed).normal(size=(9, 9))
    at = np.linspace(0, 8, SIDE)
    rows = np.stack([np.interp(at, np.arange(9), row) for row in low])
    whole = np.stack([np.interp(at, np.arange(9), column) for column in rows.T], axis=1)
    scaled = (whole - whole.min()) / (whole.max() - whole.min())
    return np.asarray(40 + 175 * scaled, dtype=np.uint8)


def noisy(square: Square, amount: float) -> Square:
    noise = np.random.default_rng(0).normal(0, amount, square.shape)
    return np.asarray(np.clip(square + noise, 0, 255), dtype=np.uint8)


def test_a_picture_saved_anew_meets_itself_and_is_the_same() -> None:
    one, other = looks.look(scene(1)), looks.look(noisy(scene(1), 2))
    assert len(np.intersect1d(one.keys, other.keys)) > 5
    assert looks.is_same(looks.likeness(one.grey, other.grey))
    assert one.digest != other.digest


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_picture_is_not_the_same(seed: int) -> None:
    assert not looks.is_same(looks.likeness(scene(1), scene(seed)))


def test_a_picture_cut_at_its_sides_is_laid_over_its_original() -> None:
    whole = scene(3)
    cut = looks._weights(SIDE, 0.03, 0.985)
    part = np.asarray(cut @ whole @ looks._weights(SIDE, 0.01, 1.0).T, dtype=np.uint8)
    assert looks.is_same(looks.likeness(whole, part))
    assert looks.likeness(whole, part) == pytest.approx(looks.likeness(part, whole), abs=1e-6)


def test_a_blank_page_meets_nobody() -> None:
    assert len(looks.look(np.full((SIDE, SIDE), 250, np.uint8)).keys) == 0


def test_two_pages_of_one_form_differ_in_their_edges() -> None:
    page = np.full((SIDE, SIDE), 235, np.uint8)
    page[:, :8] = page[:, -8:] = 60
    first, second = page.copy(), page.copy()
    rng = np.random.default_rng(5)
    for lines in (first, second):
        lines[8:-4:3, 12:52] = np.where(rng.random((len(lines[8:-4:3]), 40)) < 0.5, 120, 235)
    found = looks.likeness(first, second)
    assert found[0] > found[1]
    assert not looks.is_same(found)
