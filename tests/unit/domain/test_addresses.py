"""What people paste, and the one address it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import addresses
from backend.domain.addresses import read
from backend.domain.errors import InvalidInput

LOCAL = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0X7F.0x0.0.01",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://00000000177.1/",
    "http://127.0.0.1./",
    "http://%31%32%37.0.0.1/",
    "http://１２７．０．０．１/",  # noqa: RUF001 - digits that only look like others are what is tried
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http:\\\\127.0.0.1\\",
    "127.0.0.1",
    "127.1:80",
]


@pytest.mark.parametrize("spelling", LOCAL)
def test_every_spelling_of_an_ipv4_address_is_read_as_that_address(spelling: str) -> None:
    address = read(spelling)
    assert address.host == "127.0.0.1"
    assert address.hidden


@pytest.mark.parametrize(
    "spelling",
    [
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://[ff02::1]/",
        "http://[::]/",
        "http://0.0.0.0/",
        "http://0/",
        "http://10.0.0.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.1.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "localhost",
        "http://LOCALHOST/",
        "http://localhost./",
        "http://a.b.localhost/",
        "http://ⓛocalhost/",
    ],
)
def test_what_leads_off_the_internet_is_refused_without_asking_a_resolver(spelling: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        addresses.admit(read(spelling))
    assert refused.value.code == "blocked_address"


@pytest.mark.parametrize("url", ["http://example.org:22/", "https://example.org:8443/", "http://example.org:6379/"])
def test_other_ports_than_those_of_pages_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        addresses.admit(read(url))
    assert refused.value.code == "blocked_address"
    assert str(read(url).port) in refused.value.message


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "   ",
        "hello",
        "hello world",
        "file:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/x",
        "data:text/html,<p>hi",
        "javascript:alert(1)",
        "mailto:ada@example.org",
        "http://",
        "http://?",
        "http://user:secret@example.org/",
        "http://example.org@127.0.0.1/",
        "http://127.0.0.1@example.org/",
        "http://@example.org/",
        "http://example.org:99999/",
        "http://example.org:8o/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://0x7g.1/",
        "http://08.1/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1/",
        "http://a..b/",
        "http://exa mple.org/",
        "http://example.org\u0000.evil.example/ " + "x" * 5000,
        "http://" + "a" * 64 + ".org/",
        "http://\ud800.org/",
    ],
)
def test_what_is_no_address_of_the_web_is_refused_with_a_hint(pasted: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(pasted)
    assert refused.value.code == "invalid_url"
    assert refused.value.hint


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("example.org", "https://example.org/"),
        ("  <https://Example.ORG:443/a/./b/../c?q=1#part>  ", "https://example.org/a/c?q=1"),
        ("HTTP://EXAMPLE.ORG:80", "http://example.org/"),
        ("//example.org/x", "https://example.org/x"),
        ("http:example.org", "http://example.org/"),
        ("example.org:8080/x", "http://example.org:8080/x"),
        ("https://münchen.example/straße?ü=1", "https://xn--mnchen-3ya.example/stra%C3%9Fe?%C3%BC=1"),
        ("https://example.org/a b%2fc%7e?x=y z", "https://example.org/a%20b%2Fc~?x=y%20z"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org\\@evil.example/", "https://example.org/@evil.example/"),
        ("https://exam\tple.org/pa\nge", "https://example.org/page"),
        ("http://[2606:4700:0:0::1]/", "http://[2606:4700::1]/"),
    ],
)
def test_one_page_has_one_address_however_it_is_pasted(pasted: str, url: str) -> None:
    assert read(pasted).url == url


def test_what_tells_where_a_click_came_from_is_fetched_and_makes_no_other_page() -> None:
    shared = read("https://example.org/post?id=7&utm_source=mail&FBCLID=x&utm_medium=y#comments")
    assert shared.url == "https://example.org/post?id=7&utm_source=mail&FBCLID=x&utm_medium=y"
    assert shared.key == read("https://example.org/post?id=7").key
    assert shared.key != read("https://example.org/post?id=8").key


def test_a_link_is_followed_from_the_page_it_is_on() -> None:
    assert addresses.join("https://example.org/a/b", "../c?x=1").url == "https://example.org/c?x=1"
    assert addresses.join("https://example.org/a", "//other.example/").host == "other.example"
    with pytest.raises(InvalidInput):
        addresses.join("https://example.org/a", "file:///etc/passwd")


@given(st.text(max_size=60) | st.from_regex(r"(https?:)?//?[^\s]{0,40}", fullmatch=True))
def test_whatever_is_pasted_is_an_address_or_refused_and_reading_it_again_changes_nothing(pasted: str) -> None:
    try:
        address = read(pasted)
    except InvalidInput:
        with pytest.raises(InvalidInput) as refused:
            read(pasted)
        assert refused.value.code == "invalid_url"
        return
    again = read(address.url)
    assert (again.url, again.key, again.host, again.port) == (address.url, address.key, address.host, address.port)
    assert read(address.key).key == address.key
    assert address.url.isascii()
    assert address.scheme in {"http", "https"}


@given(st.ip_addresses(v=4), st.integers(0, 5))
def test_an_address_in_numbers_is_the_same_however_it_is_written(ip: object, form: int) -> None:
    number = int(ip)  # type: ignore[call-overload]
    a, b, c, d = number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255
    spelling = [
        f"{number}",
        f"{number:#x}",
        f"0{number:o}",
        f"{a:#x}.0{b:o}.{c << 8 | d}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{c}.{d}.",
    ][form]
    assert read(f"http://{spelling}/").host == str(ip)
