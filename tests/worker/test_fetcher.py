"""What sites do to whoever fetches from them: too much, too slowly, in circles, packed, and not HTTP at all."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from backend.domain.errors import BoardError
from backend.domain.sources import Fetched
from backend.providers.fetch.fetcher import GuardedFetcher
from backend.providers.fetch.guard import Guard, sent_elsewhere
from backend.providers.fetch.network import Network
from backend.providers.fetch.watch import Limits
from tests.web import Asked, Send, Site, dripping, serving

MB = 1024 * 1024
LIMITS = Limits(
    connect=2.0,
    head=1.0,
    silence=0.6,
    total=4.0,
    head_bytes=96 * 1024,
    most_bytes=2 * MB,
    ratio=100,
    ratio_from=64 * 1024,
    slow_window=0.5,
    slow_bytes=1000,
)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


class Reader:
    """A fetcher that finds `site.example` on loopback, and what it brought."""

    def __init__(self, site: Site, limits: Limits = LIMITS, *, robots: bool = False) -> None:
        guard = Guard(allow_private=True, resolve=sent_elsewhere(f"site.example=127.0.0.1:{site.port}"))
        self.fetcher = GuardedFetcher(Network(guard), limits, agent="SyncBoard/9", robots=robots)
        self.body = bytearray()
        self.progress: list[tuple[int, int | None]] = []

    def fetch(self, path: str = "/", cancelled: Callable[[], bool] = lambda: False) -> Fetched:
        self.body.clear()
        return self.fetcher.fetch(
            f"http://site.example{path}",
            self.body.extend,
            cancelled=cancelled,
            progress=lambda done, whole: self.progress.append((done, whole)),
        )

    def refused(self, path: str = "/", cancelled: Callable[[], bool] = lambda: False) -> BoardError:
        with pytest.raises(BoardError) as caught:
            self.fetch(path, cancelled)
        return caught.value


def test_a_page_comes_with_what_the_site_says_of_it(site: Site) -> None:
    named = "attachment; filename*=UTF-8''n%C3%A4ts.pdf"
    site.page("/old", b"", status="301 Moved", Location="/new#part", Set_Cookie="who=me")
    site.page("/new", b"%PDF", Content_Type="Application/PDF; charset=Latin-1", Content_Disposition=named)
    reader = Reader(site)
    found = reader.fetch("/old")
    assert bytes(reader.body) == b"%PDF"
    assert found == Fetched(
        url="http://site.example/new",
        passed=("http://site.example/old", "http://site.example/new"),
        status=200,
        media_type="application/pdf",
        charset="latin-1",
        filename="näts.pdf",
        size=4,
    )
    assert reader.progress[-1] == (4, 4)
    for asked in site.asked:
        assert not {"cookie", "authorization", "referer"} & set(asked.headers), "nothing goes along"
        assert asked.headers["user-agent"] == "SyncBoard/9"


def test_five_redirects_are_followed_and_no_sixth_and_none_in_a_circle(site: Site) -> None:
    for number in range(7):
        site.leads(f"/{number}", f"/{number + 1}", "307 Temporary Redirect")
    site.page("/7", b"the end")
    site.leads("/a", "/b")
    site.leads("/b", "/a#again")
    site.leads("/nowhere", "")
    reader = Reader(site)
    assert reader.fetch("/2").url == "http://site.example/7"
    site.asked.clear()
    assert reader.refused("/1").code == "too_many_redirects"
    assert site.paths() == ["/1", "/2", "/3", "/4", "/5", "/6"]
    assert (reader.refused("/a").code, site.paths()[-2:]) == ("too_many_redirects", ["/a", "/b"])
    assert reader.refused("/nowhere").code == "site_error"


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        ("404 Not Found", "not_found", False),
        ("410 Gone", "not_found", False),
        ("401 Unauthorized", "needs_login", False),
        ("403 Forbidden", "needs_login", False),
        ("402 Payment Required", "needs_login", False),
        ("429 Too Many Requests", "site_busy", True),
        ("500 Oh", "site_error", True),
        ("418 Teapot", "site_error", False),
        ("504 Gateway Timeout", "timed_out", True),
    ],
)
def test_what_a_site_refuses_has_a_code_and_a_hint(site: Site, status: str, code: str, retryable: bool) -> None:
    site.page("/", b"no", status=status)
    error = Reader(site).refused()
    assert (error.code, error.retryable, bool(error.hint)) == (code, retryable, True)


def test_a_site_that_asks_to_wait_says_how_long(site: Site) -> None:
    site.page("/", b"", status="503 Busy", Retry_After="17")
    assert (Reader(site).refused().code, Reader(site).refused().retry_after) == ("site_busy", 17)


def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(MB)) for _ in range(24)] + [packer.flush()])


def test_nothing_unpacks_to_more_than_it_should(site: Site) -> None:
    site.page("/bomb", _bomb(), Content_Encoding="gzip")
    site.page("/bombs", _bomb(), Content_Encoding="deflate")
    site.page("/twice", gzip.compress(_bomb()), Content_Encoding="gzip, gzip")
    site.page("/br", b"\x0b\x02\x80", Content_Encoding="br")
    site.page("/cut", gzip.compress(b"words " * 4000)[:-20], Content_Encoding="gzip")
    site.page("/honest", gzip.compress(b"words " * 4000), Content_Encoding="x-gzip")
    reader = Reader(site)
    assert reader.refused("/bomb").code == "too_large"
    assert len(reader.body) <= LIMITS.most_bytes
    wide = Reader(site, replace(LIMITS, most_bytes=1024 * MB))
    assert (wide.refused("/bomb").code, len(wide.body) < 4 * MB) == ("too_large", True), "told by how it unpacks alone"
    assert reader.refused("/bombs").code in {"too_large", "site_error"}
    assert reader.refused("/twice").code == "site_error"
    assert reader.refused("/br").code == "site_error"
    assert reader.refused("/cut").code == "site_error"
    reader.fetch("/honest")
    assert bytes(reader.body) == b"words " * 4000


def _endless(_asked: Asked, send: Send) -> None:
    send(OK + b"\r\n")
    while True:
        send(bytes(64 * 1024))


def test_no_more_comes_than_may_whatever_the_length_says(site: Site) -> None:
    site.page("/says", b"short", Content_Length=str(10**15))
    site.pages["/endless"] = _endless
    site.page("/less", b"much longer than it says", Content_Length="4")
    site.page("/longer", b"broken off", Content_Length="4000")
    site.page("/nonsense", b"words", Content_Length="-5")
    reader = Reader(site)
    assert (reader.refused("/says").code, len(reader.body)) == ("too_large", 0)
    assert reader.refused("/endless").code == "too_large"
    assert len(reader.body) <= LIMITS.most_bytes
    assert reader.fetch("/less").size == 4
    assert reader.refused("/longer").code == "site_error"
    assert reader.refused("/nonsense").code == "site_error"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (dripping(b"", b"H", every=0.2), "site_error"),
        (dripping(OK, b"X-Header: more\r\n", every=0.05), "timed_out"),
        (dripping(OK, b"X-Header: " + b"x" * 2000 + b"\r\n", every=0.0), "site_error"),
        (dripping(OK + b"\r\n", b"x", every=0.05), "timed_out"),
        (dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", every=0.05), "timed_out"),
        (dripping(OK + b"\r\n", b"", every=30.0), "timed_out"),
        (dripping(b"", b"", every=30.0), "timed_out"),
    ],
    ids=["no-status", "slow-headers", "endless-headers", "slow-body", "slow-chunks", "silence", "no-answer"],
)
def test_a_trap_is_left_in_time(site: Site, answer: Callable[[Asked, Send], None], code: str) -> None:
    site.pages["/"] = answer
    assert Reader(site).refused().code in {code, "timed_out"}


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail.example ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"-ERR unknown command\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\nBad Header\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_http_is_said_to_be(site: Site, said: bytes) -> None:
    site.pages["/"] = lambda _asked, send: send(said)
    assert Reader(site).refused().code == "site_error"


def test_whoever_cancels_is_obeyed_while_a_site_is_silent(site: Site) -> None:
    site.pages["/"] = dripping(OK + b"\r\n", b"", every=30.0)
    asked = iter([False, False, *[True] * 100])
    limits = replace(LIMITS, silence=60.0, total=60.0, head=60.0)
    assert Reader(site, limits).refused(cancelled=lambda: next(asked)).code == "cancelled"


def test_a_site_that_is_not_there_is_said_to_be(site: Site) -> None:
    guard = Guard(allow_private=True, lookup=lambda _host, _port: [])
    fetcher = GuardedFetcher(Network(guard), LIMITS, agent="SyncBoard/9", robots=False)
    for url in ("http://nobody.example/", "http://127.0.0.1:1/"):
        with pytest.raises(BoardError) as caught:
            fetcher.fetch(url, bytearray().extend, cancelled=lambda: False)
        assert caught.value.code == "unreachable"


def test_a_site_that_wants_no_programs_is_left_alone(site: Site) -> None:
    rules = b"User-agent: *\nDisallow: /private\nCrawl-delay: 3\n\nUser-agent: syncboard\nDisallow: /mine\n"
    site.page("/robots.txt", rules)
    for path in ("/private", "/mine", "/free"):
        site.page(path, b"words")
    site.leads("/over", "/mine")
    reader = Reader(site, robots=True)
    assert reader.fetch("/private").size == 5, "a site's own words for this program count, those for all do not"
    assert (reader.refused("/mine").code, reader.refused("/over").code) == ("robots_refused", "robots_refused")
    assert site.paths() == ["/private", "/over"]
    assert [asked.path for asked in site.asked].count("/robots.txt") == 1, "asked once for all of them"
    assert reader.fetcher.pace("http://site.example/") == 0.0
    assert Reader(site).fetch("/mine").size == 5, "FETCH_ROBOTS=ignore"


def test_rules_that_cannot_be_read_keep_everybody_out_and_missing_ones_nobody(site: Site) -> None:
    site.page("/", b"words")
    assert Reader(site, robots=True).fetch().size == 5
    site.page("/robots.txt", b"", status="500 Oh")
    assert Reader(site, robots=True).refused().code == "robots_refused"
    site.page("/robots.txt", b"User-agent: *\nCrawl-delay: 4\n" + b"#" * 5 * MB)
    reader = Reader(site, robots=True)
    assert (reader.fetch().size, reader.fetcher.pace("http://site.example/a")) == (5, 4.0)
