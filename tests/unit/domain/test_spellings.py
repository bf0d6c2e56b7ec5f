"""Two names of one thing, and two things whose names only look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import spellings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heat pumps", "heat-pump"),
        ("e-mail", "Emails"),
        ("Müller", "MULLER"),
        ("real time", "Real-Time"),
        ("World Health Organisation", "World Health Organizations"),
        ("colour theory", "Color Theories"),
        ("Ёлка", "елка"),
        ("Ελλάς", "ΕΛΛΑΣ"),
        ("café", "cafe\u0301s"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert spellings.spelling(one) == spellings.spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("й", "и"),
        ("が", "か"),
        ("Windows 95", "Windows 98"),
        ("tour", "tor"),
        ("glass", "glas"),
        ("…", "!"),
    ],
)
def test_other_names_do_not_share_a_key(one: str, other: str) -> None:
    assert spellings.spelling(one) != spellings.spelling(other)


@given(st.text(min_size=1, max_size=60))
def test_every_name_has_a_key_that_is_stable(name: str) -> None:
    assert spellings.spelling(name) == spellings.spelling(name.upper().lower().upper()) or not name.isascii()


def test_acronyms_are_found_where_a_text_explains_them() -> None:
    text = (
        "The World Health Organization (WHO) and the IMF (International Monetary Fund) met. Personal computers (PCs) "
        "run a random forest (RF). The European Union (EU, in Brussels) agreed. He (John) left (see Fig). "
        "It rained (a lot). Nothing stands for it (XYZ)."
    )
    assert [(found.short, found.long) for found in spellings.acronyms(text)] == [
        ("WHO", "World Health Organization"),
        ("IMF", "International Monetary Fund"),
        ("PCs", "Personal computers"),
        ("RF", "random forest"),
        ("EU", "European Union"),
    ]


def test_initials_count_only_with_evidence_that_the_text_uses_them() -> None:
    text = "The European Central Bank met. The ECB said no. The ECB left."
    names = ["European Central Bank", "Bank"]
    (found,) = spellings.initials(text, names, ())
    assert (found.short, found.long) == ("ECB", "European Central Bank")
    assert spellings.initials("The European Central Bank met. The ECB said no.", names, ()) == []
    assert spellings.initials(text, [*names, "Every Common Book"], ()) == [], "it fits two names"
    assert spellings.initials(text, names, [spellings.Acronym("ECB", "Else")]) == [], "the text says otherwise"


@given(st.text(alphabet="ab ()AB\n,", max_size=200))
def test_an_acronym_spells_what_it_stands_for(text: str) -> None:
    for found in spellings.acronyms(text):
        assert found.long in text
        assert found.long[0].lower() == found.short[0].lower()


def test_numbers_opposites_and_acronyms_are_never_one_by_likeness_alone() -> None:
    assert spellings.may_mean_the_same("car insurance", "automobile insurance")
    assert not spellings.may_mean_the_same("Windows 95", "Windows 98")
    assert not spellings.may_mean_the_same("CIA", "FBI")
    assert not spellings.may_mean_the_same("left wing", "right wing")
    assert spellings.may_mean_the_same("old and new", "new and old")
