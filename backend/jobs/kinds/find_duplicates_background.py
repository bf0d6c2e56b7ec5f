"""Looks through a whole board for duplicates: candidates by one pass over the buckets, each compared exactly.

Signatures and comparisons are kept as they are made, so a scan that is killed or cancelled goes on where it was, and
the next scan compares only what is new. Nothing here is written twice to another end.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.domain import buckets
from backend.domain.buckets import Pairs
from backend.domain.likeness import LAYERS, NEAR, OVERLAP, Layer
from backend.domain.signatures import Kind
from backend.jobs import comparing, comparing_meaning, comparing_pictures, signing
from backend.jobs.comparing import Compare
from backend.jobs.job import ANALYSIS, Context, Finish, Job, Stage, Step
from backend.store import duplicate_candidates, duplicate_pairs, duplicates, signatures

COMPARED_AT_ONCE = 250
LOOKED_AT_AT_ONCE = 8

_OF_LAYER: dict[Layer, tuple[Kind, ...]] = {
    "exact": (Kind.TEXT, Kind.ADDRESS),
    "near": (Kind.BAND, Kind.LANDMARK, Kind.ADDRESS),
    "containment": (Kind.LANDMARK,),
}
"""In which buckets documents of a layer meet."""


class Input(BaseModel):
    """What to look for; `threshold` is the least likeness of what is found."""

    threshold: float = Field(default=NEAR, ge=0.1, le=1)
    layers: list[Layer] = Field(default=list(LAYERS), min_length=1)


def scan(context: Context) -> Finish:
    """Sign what has no signature, compare what meets, and count the groups."""
    wish = Input.model_validate(context.input)
    context.stage("signing")
    signing.sign_all(context, pictures="image" in wish.layers)
    context.stage("comparing")
    kinds = sorted({kind for layer in wish.layers for kind in _OF_LAYER.get(layer, ())})
    crowded, pairs = _compare(context, kinds, duplicate_pairs.WORDS, comparing.by_words) if kinds else (0, 0)
    _judge_anew(context, wish.threshold)
    if "image" in wish.layers:
        context.stage("looking")
        more, _ = _compare(context, [Kind.PICTURE], duplicate_pairs.PICTURE, comparing_pictures.by_looks, before=pairs)
        crowded += more
    if "semantic" in wish.layers:
        context.stage("meaning")
        comparing_meaning.compare_all(context)
    context.stage("grouping")

    def write(session: Session) -> dict[str, Any]:
        return _result(session, context.owner_id, wish)

    return Finish(write, warnings=_crowded(crowded))


def _compare(
    context: Context, kinds: list[Kind], compared: str, compare: Compare, *, before: int = 0
) -> tuple[int, int]:
    """Compare every pair that meets and was not compared yet, counted on from the pairs of the stage `before`.

    How many buckets were too full to be paired in full, and how many pairs have met so far.
    """
    database, owner_id = context.services.database, context.owner_id
    with database.session(owner_id) as session:
        met = buckets.candidates(duplicate_candidates.buckets(session, owner_id, kinds))
        pairs = buckets.among_others(met.pairs, duplicate_candidates.in_trash(session, owner_id))
        new = buckets.without(pairs, duplicate_pairs.known(session, owner_id, compared))
    total = before + len(pairs)
    # no transaction may stand idle for long, and pictures take their time
    at_once = COMPARED_AT_ONCE if compared == duplicate_pairs.WORDS else LOOKED_AT_AT_ONCE
    for first in range(0, len(new), at_once):
        done = total - len(new) + first
        context.count("pair", done, total, f"Comparing, {done:,} of {total:,} pairs...")
        context.check()
        with database.session(owner_id) as session:
            rows = compare(session, owner_id, _listed(new[first : first + at_once]))
            duplicate_pairs.put(session, owner_id, compared, rows)
    context.count("pair", total, total)
    return met.crowded, total


def _listed(pairs: Pairs) -> list[tuple[int, int]]:
    return [(a, b) for a, b in pairs.tolist()]


def _judge_anew(context: Context, threshold: float) -> None:
    """What was compared before under another threshold is judged by this one."""
    database, owner_id = context.services.database, context.owner_id
    with database.session(owner_id) as session:
        duplicate_pairs.drop_below(session, owner_id, threshold)
        again = duplicate_pairs.near_enough(session, owner_id, threshold, OVERLAP)
    for first in range(0, len(again), COMPARED_AT_ONCE):
        context.check()
        with database.session(owner_id) as session:
            some = again[first : first + COMPARED_AT_ONCE]
            rows = comparing.by_words(session, owner_id, some, threshold=threshold)
            duplicate_pairs.put(session, owner_id, duplicate_pairs.WORDS, rows)


def _result(session: Session, owner_id: int, wish: Input) -> dict[str, Any]:
    groups, _ = duplicates.groups(session, owner_id)
    wanted = [group for group in groups if group.layer in wish.layers and group.likeness >= wish.threshold]
    by_layer = Counter(pair.layer for group in wanted for pair in group.pairs)
    return {
        "groups": len(wanted),
        "pairs": by_layer.total(),
        "documents": signatures.count(session, owner_id),
        "by_layer": {layer: by_layer[layer] for layer in wish.layers},
    }


def _crowded(buckets_too_full: int) -> list[dict[str, str]]:
    if not buckets_too_full:
        return []
    phrases = "One phrase is" if buckets_too_full == 1 else f"{buckets_too_full:,} phrases are"
    return [
        {
            "code": "crowded",
            "message": f"{phrases} in more than {buckets.LARGEST} documents: of those that share no other, only "
            "neighbours were compared with each other.",
        }
    ]


JOB: Job = Job(
    kind=duplicates.KIND,
    steps=(
        Step(
            name="scan",
            queue=ANALYSIS,
            stages=(
                Stage("signing", 2.0, "Preparing..."),
                Stage("comparing", 15.0, "Looking for the same words..."),
                Stage("looking", 60.0, "Looking for the same pictures..."),
                Stage("meaning", 70.0, "Looking for the same in other words..."),
                Stage("grouping", 95.0, "Putting together what was found..."),
            ),
            run=scan,
            # a million documents whose neighbours in meaning were never looked up
            time_limit=6 * 3600.0,
        ),
    ),
    input=Input,
)
