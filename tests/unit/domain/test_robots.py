"""What a robots.txt asks, by the examples of RFC 9309 and against slow patterns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import robots

FILE = """
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow: /
Allow: /example/page.html
Allow: /example/allowed.gif
Crawl-delay: 2.5

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("anybot", "/x", True),
        ("anybot", "/a.gif", False),
        ("anybot", "/a.gif?x", True),
        ("anybot", "/example/x", False),
        ("foobot", "/publications/", False),
        ("FooBot", "/example/page.html", True),
        ("foobot", "/example/allowed.gif", True),
        ("barbot", "/example/page.html", False),
        ("bazbot", "/example/page.html", False),
        ("barbot", "/example/other.gif", True),
        ("quxbot", "/example/", True),
        ("foobot", "/robots.txt", True),
    ],
)
def test_the_group_that_names_us_decides_and_in_it_the_longest_rule(agent: str, path: str, allowed: bool) -> None:
    assert robots.parse(FILE, agent).allows(path) is allowed


def test_of_two_rules_as_long_the_friendlier_wins() -> None:
    assert robots.parse("User-agent: *\nDisallow: /page\nAllow: /page", "x").allows("/page")


def test_two_groups_for_one_name_are_one() -> None:
    rules = robots.parse(
        "User-agent: a\nDisallow: /x\n\nUser-agent: b\nDisallow: /\n\nUser-agent: a\nDisallow: /y", "a"
    )
    assert not rules.allows("/x")
    assert not rules.allows("/y")
    assert rules.allows("/z")


def test_paths_are_compared_by_what_they_mean() -> None:
    rules = robots.parse("User-agent: *\nDisallow: /ü%2fx", "x")
    assert not rules.allows("/%C3%BC%2Fx")
    assert rules.allows("/%C3%BC/x")


def test_a_delay_is_read_and_bounded() -> None:
    assert robots.parse(FILE, "foobot").delay == 2.5
    assert robots.parse("User-agent: *\nCrawl-delay: 86400", "x").delay == 60.0
    assert robots.parse("User-agent: *\nCrawl-delay: soon", "x").delay is None


@pytest.mark.parametrize("text", ["", "<html>404</html>", "Disallow: /", "User-agent *\nDisallow: /", "\ufeff#"])
def test_a_file_that_says_nothing_to_anybody_allows_everything(text: str) -> None:
    assert robots.parse(text, "x").allows("/anything")


def test_no_pattern_is_slow() -> None:
    rules = robots.parse("User-agent: *\nDisallow: /" + "*a" * 5000 + "$", "x")
    assert rules.allows("/" + "a" * 4999 + "b")
    assert not rules.allows("/" + "a" * 5000)


@given(st.text(max_size=200), st.text(max_size=40))
def test_whatever_is_in_the_file_there_is_an_answer(text: str, path: str) -> None:
    assert robots.parse(text, "SyncBoard").allows("/" + path) in {True, False}


@given(st.lists(st.sampled_from(["a", "b", "*"]), max_size=6), st.text("ab", max_size=8), st.booleans())
def test_stars_match_as_in_an_expression(parts: list[str], path: str, anchored: bool) -> None:
    pattern = "/" + "".join(parts)
    wanted = re.compile(re.escape(pattern).replace(r"\*", ".*") + ("$" if anchored else ""))
    rules = robots.Robots(((False, pattern + ("$" if anchored else "")),))
    assert rules.allows("/" + path) is (wanted.match("/" + path) is None)
