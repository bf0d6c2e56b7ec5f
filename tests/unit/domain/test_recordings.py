"""Where recordings are cut, and how what is said becomes paragraphs."""

from __future__ import annotations

import itertools
import random

import pytest

from backend.domain import recordings
from backend.domain.recordings import SILENCE, Recording, Said, Span, Transcript


def levels(seconds: float, *silences: tuple[float, float], loud: int = -20) -> list[int]:
    """The levels of a recording that is loud but for some silences."""
    ticks = [loud] * round(seconds * 10)
    for start, end in silences:
        ticks[round(start * 10) : round(end * 10)] = [SILENCE] * (round(end * 10) - round(start * 10))
    return ticks


def test_a_short_recording_is_one_part() -> None:
    assert recordings.cut(levels(350), 300) == [Span(0, 350)]
    assert recordings.cut(levels(0.1), 300) == [Span(0, 0.1)]


def test_cuts_fall_into_the_middle_of_silences() -> None:
    spans = recordings.cut(levels(800, (100, 104), (283, 287), (560, 563)), 300)
    assert [span.end for span in spans] == [pytest.approx(285, abs=2), pytest.approx(561.5, abs=1.5), 800]


def test_of_silences_the_one_nearest_to_the_wanted_length_is_taken() -> None:
    spans = recordings.cut(levels(500, (250, 252), (295, 297), (340, 342)), 300)
    assert spans[0].end == pytest.approx(296, abs=1)


def test_parts_are_the_whole_without_gap_or_overlap_and_none_is_long_or_tiny() -> None:
    chance = random.Random(7)
    for _ in range(200):
        ticks = [chance.randint(SILENCE, 0) for _ in range(chance.randint(1, 4000))]
        part = chance.choice([5, 20, 60])
        spans = recordings.cut(ticks, part)
        assert spans[0].start == 0
        assert spans[-1].end == round(len(ticks) * 0.1, 1)
        assert all(one.end == two.start for one, two in itertools.pairwise(spans))
        assert all(span.end - span.start <= part * 1.2 + 0.1 for span in spans)
        assert len(spans) == 1 or all(span.end - span.start >= part * 0.19 for span in spans)


def test_without_any_silence_parts_are_as_long_as_wanted() -> None:
    assert [span.end for span in recordings.cut(levels(900), 300)] == [300, 600, 900]


def test_only_sound_that_nobody_could_hear_is_silent() -> None:
    def recording(*ticks: int) -> Recording:
        return Recording(len(ticks) / 10, ticks, "pcm")

    assert recording(SILENCE, -75, -61).silent
    assert recording().silent
    assert not recording(SILENCE, -45).silent


def said(*texts: str, pause: float = 0.0, each: float = 4.0) -> list[Said]:
    return [Said(at * (each + pause), at * (each + pause) + each, text) for at, text in enumerate(texts)]


def test_a_pause_begins_a_paragraph_with_its_own_second() -> None:
    pieces = recordings.paragraphs(said(" One.", " Two.", pause=3))
    assert [(piece.text, piece.place) for piece in pieces] == [("One.", {"second": 0}), ("Two.", {"second": 7})]


def test_paragraphs_end_with_a_sentence_and_run_on_without_one() -> None:
    sentence = "word " * 30 + "end."
    assert [len(piece.text) for piece in recordings.paragraphs(said(*[sentence] * 4))] == [2 * len(sentence) + 1] * 2
    endless = recordings.paragraphs(said(*["word " * 30] * 12))
    assert len(endless) == 2
    assert all(len(piece.text) < 1000 for piece in endless)


def test_scripts_without_spaces_get_none() -> None:
    assert recordings.joined(["客観的", "実在"]) == "客観的実在"
    assert recordings.joined([" We came", "and saw. ", ""]) == "We came and saw."


def test_the_language_is_the_one_spoken_longest() -> None:
    short, long = Transcript("fr", tuple(said("Oui."))), Transcript("en", tuple(said("Yes,", "of course.")))
    assert recordings.language([short, long, Transcript("ja")]) == "en"
    assert recordings.language([Transcript("ja")]) is None


@pytest.mark.parametrize(("seconds", "written"), [(0, "0:00"), (200.9, "3:20"), (3723, "1:02:03")])
def test_times_are_written_as_people_do(seconds: float, written: str) -> None:
    assert recordings.clock(seconds) == written
