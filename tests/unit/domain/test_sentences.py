"""Sentences: where they end in several scripts, and where a dot is no end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences.spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith met Mr. J. R. Jones. He left.", ["Dr. Smith met Mr. J. R. Jones.", "He left."]),
        ("It costs approx. 3 euros, e.g. here. Cheap!", ["It costs approx. 3 euros, e.g. here.", "Cheap!"]),
        ("He said \u201cgo.\u201d Then he went.", ["He said \u201cgo.\u201d", "Then he went."]),
        ("\u4eba\u5de5\u3002\u667a\u80fd\uff01\u597d", ["\u4eba\u5de5\u3002", "\u667a\u80fd\uff01", "\u597d"]),
        ("# Title\nText goes on\nhere. End", ["# Title", "Text goes on\nhere.", "End"]),
        ("- one\n- two\n\nafter", ["- one", "- two", "after"]),
        ("version 3.11 is out. yes it is", ["version 3.11 is out. yes it is"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_a_text_falls_into_its_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(st.text())
def test_sentences_hold_all_but_space(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    spans = sentences.spans(text)
    assert spans == sorted(spans)
