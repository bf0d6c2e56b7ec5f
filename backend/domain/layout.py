"""The map of a board: topics as discs side by side, sub-topics as discs within them, documents within those.

Deterministic, and steady: what had a place before starts there, and what is turned or mirrored is turned back. All
numbers are parts of a square of side 1. Near things are near because centres come from the first two principal
components (classical scaling) and the inside of a disc from the first two of its members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Places = NDArray[np.float64]

COVERED = 0.4
"""Part of the square that discs of topics cover: enough white between them to see them apart."""
COVERED_WITHIN = 0.6
"""Part of a topic's disc that the discs of its sub-topics cover."""
FEWEST = 3
"""Smaller clusters are put into the gaps: there may be thousands of them."""
SMALLEST_RADIUS = 0.004
ROUNDS = 300
MOST_APART = 300
"""More discs than this are pushed apart in fewer rounds: each is a comparison of all with all."""
SPRING = 0.02
"""How strongly a disc is drawn back to where it started, against discs that push it away."""
BLOCK = 1_000
COMPONENTS = 32
"""Dimensions that vectors are brought down to before anything is laid out."""


@dataclass(frozen=True)
class Layout:
    """`places` has a row (x, y) for each document, `centres` the middle of each cluster by key."""

    places: Places
    centres: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class _Ring:
    """The room that discs have: the unit square (`radius` None), or a circle around the origin."""

    radius: float | None

    def hold(self, centres: Places, radii: Places) -> Places:
        if self.radius is None:
            return np.clip(centres, radii[:, None], 1 - radii[:, None])
        reach = np.maximum(self.radius - radii, 0.0)
        norms = np.maximum(np.linalg.norm(centres, axis=1), 1e-12)
        return np.asarray(centres * np.minimum(1.0, reach / norms)[:, None])


def lay_out(
    vectors: Vectors,
    topics: Sequence[int],
    subtopics: Sequence[int | None],
    former: Places,
    former_centres: Mapping[int, tuple[float, float]],
) -> Layout:
    """Places for all documents. `topics` and `subtopics` are keys, one for each row of `vectors`.

    `former` has the places of the last map, NaN where there was none; `former_centres` those of clusters by key.
    """
    if not len(vectors):
        return Layout(np.zeros((0, 2)), {})
    points = components(np.asarray(vectors, dtype=np.float64), COMPONENTS)
    places = np.zeros((len(points), 2))
    of_topic = np.asarray(topics, dtype=np.int64)
    inner = np.array([0 if key is None else key for key in subtopics], dtype=np.int64)
    rows = _rows(of_topic)
    centres, radii = _spread(points, rows, former, former_centres, _Ring(None), COVERED)
    found = {key: (float(x), float(y)) for key, (x, y) in zip(rows, centres, strict=True)}
    for (_, members), centre, radius in zip(rows.items(), centres, radii, strict=True):
        places[members] = centre + _fill(points[members], inner[members], _around(former[members]), radius)
    for key, members in _rows(inner).items():
        if key != 0:
            found[key] = (float(places[members, 0].mean()), float(places[members, 1].mean()))
    return Layout(np.clip(places, 0.0, 1.0), found)


def components(rows: Places, count: int) -> Places:
    """The rows in their first principal components, at most `count`, at least two; signs are always the same."""
    centred = rows - rows.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, np.argsort(values)[::-1][:count]]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    found = centred @ axes
    return found if found.shape[1] > 1 else np.hstack([found, np.zeros((len(found), 1))])


def turned_like(places: Places, like: Places) -> Places:
    """`places` turned or mirrored around the origin to lie as near to `like` as can be; NaN in `like` says nothing."""
    known = ~np.isnan(like).any(axis=1)
    if known.sum() < 2:  # noqa: PLR2004 - one point is no direction
        return places
    left, _, right = np.linalg.svd(places[known].T @ (like[known] - like[known].mean(axis=0)))
    return np.asarray(places @ left @ right)


def _rows(keys: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """The rows of each key."""
    order = np.argsort(keys, kind="stable")
    found, starts = np.unique(keys[order], return_index=True)
    return dict(zip((int(key) for key in found), np.split(order, starts[1:]), strict=True))


def _spread(
    points: Places,
    rows: Mapping[int, NDArray[np.int64]],
    former: Places,
    former_centres: Mapping[int, tuple[float, float]],
    ring: _Ring,
    covered: float,
) -> tuple[Places, Places]:
    """Centres and radii of discs, one for each entry of `rows`, that do not lie on one another."""
    sizes = np.array([len(members) for members in rows.values()], dtype=np.float64)
    area = 1.0 if ring.radius is None else np.pi * ring.radius**2
    radii = np.maximum(np.sqrt(covered * area * sizes / sizes.sum() / np.pi), SMALLEST_RADIUS)
    if len(rows) == 1:
        return np.full((1, 2), 0.5 if ring.radius is None else 0.0), radii
    middles = np.stack([points[members].mean(axis=0) for members in rows.values()])
    starts = _starts(middles, rows, former, former_centres, ring)
    large = sizes >= FEWEST
    if not large.any():
        large = np.arange(len(sizes)) < MOST_APART
    centres = starts.copy()
    centres[large] = _apart(starts[large], radii[large], ring)
    centres[~large] = _into_gaps(starts[~large], radii[~large], centres[large], radii[large], ring)
    return centres, radii


def _starts(
    middles: Places,
    rows: Mapping[int, NDArray[np.int64]],
    former: Places,
    former_centres: Mapping[int, tuple[float, float]],
    ring: _Ring,
) -> Places:
    """Where discs would like to be: where they were, or where their documents were, or where their likeness says."""
    plane = components(middles, 2)
    half = 0.5 if ring.radius is None else ring.radius
    plane = plane / max(float(np.abs(plane).max()), 1e-12) * half * 0.9
    were = np.full((len(rows), 2), np.nan)
    for place, (key, members) in enumerate(rows.items()):
        seen = ~np.isnan(former[members]).any(axis=1)
        if key in former_centres:
            were[place] = former_centres[key]
        elif seen.sum() * 2 > len(members):
            were[place] = former[members][seen].mean(axis=0)
    origin = 0.5 if ring.radius is None else 0.0
    starts = turned_like(plane, were - origin) + origin
    return np.where(np.isnan(were), starts, were)


def _apart(starts: Places, radii: Places, ring: _Ring) -> Places:
    """Push discs apart until they do not touch, each drawn back to where it started; small ones give way to large."""
    centres = ring.hold(starts + _jitter(len(starts)), radii)
    mass = radii**2
    share = mass[None, :] / (mass[:, None] + mass[None, :])
    wanted = (radii[:, None] + radii[None, :]) * 1.08
    np.fill_diagonal(wanted, 0.0)
    for number in range(ROUNDS if len(starts) <= MOST_APART else ROUNDS // 6):
        between = centres[:, None, :] - centres[None, :, :]
        distance = np.maximum(np.linalg.norm(between, axis=2), 1e-9)
        push = np.maximum(wanted - distance, 0.0) * share / distance
        step = (between * push[:, :, None]).sum(axis=1)
        back = SPRING * (starts - centres) * (1 - number / ROUNDS)
        if np.abs(step).max() < 1e-5 and np.abs(back).max() < 1e-4:  # noqa: PLR2004 - less than can be seen
            break
        centres = ring.hold(centres + step * 0.7 + back, radii)
    return centres


def _into_gaps(starts: Places, radii: Places, centres: Places, sizes: Places, ring: _Ring) -> Places:
    """Move small discs off the large ones, straight away from their middles."""
    moved = starts + _jitter(len(starts))
    for first in range(0, len(moved), BLOCK):
        some, own = moved[first : first + BLOCK], radii[first : first + BLOCK]
        for _ in range(20):
            between = some[:, None, :] - centres[None, :, :]
            distance = np.maximum(np.linalg.norm(between, axis=2), 1e-9)
            push = np.maximum((own[:, None] + sizes[None, :]) * 1.05 - distance, 0.0) / distance
            some = ring.hold(some + (between * push[:, :, None]).sum(axis=1), own)
        moved[first : first + BLOCK] = some
    return moved


def _jitter(count: int) -> Places:
    """A little, always the same, so that discs at the very same place know where to go."""
    return np.asarray(np.random.default_rng(0).normal(scale=1e-4, size=(count, 2)))


def _fill(points: Places, inner: NDArray[np.int64], former: Places, radius: float) -> Places:
    """Places of a topic's documents around the origin: its sub-topics as discs, or all of them in one disc."""
    rows = _rows(inner)
    if len(rows) == 1:
        return _disc(points, former, radius)
    places = np.zeros((len(points), 2))
    centres, radii = _spread(points, rows, former, {}, _Ring(radius), COVERED_WITHIN)
    for members, centre, size in zip(rows.values(), centres, radii, strict=True):
        places[members] = centre + _disc(points[members], former[members], size)
    return places


def _around(former: Places) -> Places:
    """Former places around their middle, which is now the origin."""
    known = ~np.isnan(former).any(axis=1)
    return former - former[known].mean(axis=0) if known.any() else former


def _disc(points: Places, former: Places, radius: float) -> Places:
    """Fill a disc evenly: the direction says what a document is like, the distance how unlike it is to the middle."""
    if len(points) == 1:
        return np.zeros((1, 2))
    plane = components(points, 2)[:, :2]
    norms = np.linalg.norm(plane, axis=1)
    ranks = np.argsort(np.argsort(norms, kind="stable"), kind="stable")
    reach = radius * np.sqrt((ranks + 0.5) / len(points))
    angles = np.arctan2(plane[:, 1], plane[:, 0])
    # documents with the very same vector fan out instead of hiding one another
    angles = np.where(norms < 1e-9, ranks * np.pi * (3 - np.sqrt(5)), angles)  # noqa: PLR2004
    return turned_like(np.stack([reach * np.cos(angles), reach * np.sin(angles)], axis=1), former)
