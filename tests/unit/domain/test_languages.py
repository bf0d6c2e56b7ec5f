# ruff: noqa: RUF001  letters of many scripts look alike
"""The language of a text."""

from __future__ import annotations

import pytest

from backend.domain import languages

TEXTS = {
    "en": "The house is on the hill and it was built by a man who had been there for years.",
    "de": "Das Haus steht auf dem Hügel und wurde von einem Mann gebaut, der schon lange dort war.",
    "fr": "La maison est sur la colline et elle a été construite par un homme qui était là depuis des années.",
    "es": "La casa está en la colina y fue construida por un hombre que había estado allí durante años.",
    "it": "La casa è sulla collina ed è stata costruita da un uomo che era lì da anni, ma non è sua.",
    "nl": "Het huis staat op de heuvel en is gebouwd door een man die daar al jaren was.",
    "sv": "Huset står på kullen och byggdes av en man som hade varit där i många år men inte är där nu.",
    "pl": "Dom stoi na wzgórzu i został zbudowany przez człowieka, który był tam od lat, ale nie ma go już.",
    "ru": "Дом стоит на холме, и его построил человек, который был там уже много лет, но не для себя.",
    "zh": "人工智能是计算机科学的一个分支",
    "ja": "これは日本語の文章です。カタカナもあります",
    "ko": "이것은 한국어 문장입니다",
    "th": "นี่คือข้อความภาษาไทย",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_the_language_is_told_by_script_or_common_words(language: str, text: str) -> None:
    assert languages.guess(text) == language


@pytest.mark.parametrize("text", ["", "12 34 56", "x = y + 1; return z", "Invoice ACME 2024", "\u2603"])
def test_what_does_not_tell_its_language_has_none(text: str) -> None:
    assert languages.guess(text) is None


def test_english_stop_words_serve_an_unknown_language() -> None:
    assert "the" in languages.stop_words(None)
    assert "the" in languages.stop_words("xx")
    assert "the" not in languages.stop_words("de")
