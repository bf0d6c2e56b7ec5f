"""Nothing that people name, sites redirect to or resolvers answer leads into the network the board stands in."""

from __future__ import annotations

import itertools
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.domain.errors import BoardError
from backend.providers.fetch.fetcher import GuardedFetcher
from backend.providers.fetch.guard import Guard, Lookup, sent_elsewhere
from backend.providers.fetch.network import Network
from backend.providers.fetch.watch import Limits
from tests import tube
from tests.web import Canary, Internet, Site, canary, serving

PUBLIC, ALSO_PUBLIC = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
LIMITS = Limits(connect=3.0, head=5.0, silence=3.0, total=10.0)
HERE = ("127.0.0.1", "::1")

LITERALS = (
    "127.0.0.1", "127.1", "127.0.1", "127.127.127.127", "2130706433", "0x7f000001", "0x7F.1", "017700000001",
    "0177.0.0.1", "00000177.0.0.1", "0", "0.0.0.0", "localhost", "LOCALHOST.", "a.localhost", "127.0.0.1.",
    "%31%32%37.0.0.1", "\uff11\uff12\uff17.0.0.1", "127。0。0。1", "①27.0.0.1",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:1::1]",
    "[2001:0:7f00:1::1]", "[2001::1]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[ff0e::1]",
    "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
)  # fmt: skip
"""The host of a URL in every form of `docs/security.md`."""

ANSWERS = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::1", "ff02::1", "fe80::1%lo", "fe80::1", "fd00::1",
    "10.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "not an address",
)  # fmt: skip
"""What a resolver says of a name that looks harmless."""


@pytest.fixture
def birds() -> Iterator[list[Canary]]:
    with canary(HERE[0]) as four, canary(HERE[1]) as six:
        yield [four, six]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


def fetcher(lookup: Lookup, ports: set[int], internet: Internet | None = None) -> GuardedFetcher:
    """As the house has it, but that pages may be served from the ports of the test as well."""
    guard = Guard(lookup=lookup, ports=frozenset({80, 443, *ports}))
    return GuardedFetcher(Network(guard, sockets=internet), LIMITS, agent="Test/1.0", robots=False)


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(BoardError) as caught:
        work()
    return caught.value.code


def no(_host: str, _port: int) -> list[str]:
    raise AssertionError("asked a resolver")


def fetched(one: GuardedFetcher, url: str) -> bytes:
    body = bytearray()
    one.fetch(url, body.extend, cancelled=lambda: False)
    return bytes(body)


def test_no_spelling_of_an_address_in_here_is_fetched(birds: list[Canary]) -> None:
    ports = {bird.port for bird in birds}
    for host, port, scheme in itertools.product(LITERALS, sorted(ports), ("http", "https")):
        url = f"{scheme}://{host}:{port}/"
        assert code_of(lambda url=url: fetched(fetcher(no, ports), url)) in {"blocked_address", "invalid_url"}, url
    assert [bird.visits for bird in birds] == [[], []]


def test_no_name_that_leads_in_here_is_fetched_however_many_other_addresses_it_has(birds: list[Canary]) -> None:
    ports = {bird.port for bird in birds}
    said: list[str] = []
    internet = Internet({})
    one = fetcher(lambda _host, _port: said, ports, internet)
    for answer, port in itertools.product(ANSWERS, sorted(ports)):
        for said[:] in ([answer], [PUBLIC, answer], [answer, ALSO_PUBLIC], [*[PUBLIC] * 20, answer]):
            assert code_of(lambda port=port: fetched(one, f"http://harmless.example:{port}/")) == "blocked_address", (
                said
            )
    assert internet.asked == [], "one bad answer spoils them all, whichever would have been used"
    assert [bird.visits for bird in birds] == [[], []]


def test_the_resolver_of_the_machine_is_judged_like_any_other(birds: list[Canary]) -> None:
    guard = Guard(ports=frozenset({birds[0].port}))
    with pytest.raises(BoardError) as caught:
        guard.targets("localhost", birds[0].port, 3.0)
    assert (caught.value.code, birds[0].visits) == ("blocked_address", [])


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://[::1]:{six}/", "http://2130706433:{port}/",
        "http://0x7f.1:{port}/", "http://localhost:{port}/", "http://rebound.example:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/", "http://\t127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}\\",
        "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "ftp://127.0.0.1:{port}/",
        "gopher://127.0.0.1:{port}/_x", "dict://127.0.0.1:{port}/", "javascript:alert(1)", "data:text/html,hi",
        "http://user:pass@public.example:{site}/", "http://public.example:{site}@127.0.0.1:{port}/",
    ],
)  # fmt: skip
def test_no_redirect_leads_in_here_or_to_another_scheme(where: str, site: Site, birds: list[Canary]) -> None:
    leads_to = where.format(port=birds[0].port, six=birds[1].port, site=site.port)
    site.leads("/", leads_to)
    site.page("/next", b"never")
    names = {"public.example": [PUBLIC], "rebound.example": [HERE[0]]}
    ports = {site.port, *(bird.port for bird in birds)}
    one = fetcher(lambda host, _port: names[host], ports, Internet({PUBLIC: site.port}))
    assert code_of(lambda: fetched(one, f"http://public.example:{site.port}/")) == "blocked_address"
    assert site.paths() == ["/"]
    assert [bird.visits for bird in birds] == [[], []]


def test_a_name_that_changes_its_mind_is_connected_to_only_where_it_was_checked(
    site: Site, birds: list[Canary]
) -> None:
    """DNS rebinding: public when it is asked first, in here ever after."""
    answers: Iterator[list[str]] = itertools.chain([[PUBLIC]], itertools.repeat([HERE[0]]))
    internet = Internet({PUBLIC: site.port})
    one = fetcher(lambda _host, _port: next(answers), {site.port, birds[0].port}, internet)
    site.page("/", b"public")
    assert fetched(one, f"http://rebound.example:{site.port}/") == b"public"
    assert internet.asked == [PUBLIC], "between the check and the connection nothing is looked up again"
    assert code_of(lambda: fetched(one, f"http://rebound.example:{birds[0].port}/")) == "blocked_address"
    answers = itertools.chain([[PUBLIC]], itertools.repeat([HERE[0]]))
    site.leads("/", f"http://rebound.example:{birds[0].port}/")
    again = fetcher(lambda _host, _port: next(answers), {site.port, birds[0].port}, internet)
    assert code_of(lambda: fetched(again, f"http://rebound.example:{site.port}/")) == "blocked_address"
    assert birds[0].visits == []


def test_rules_for_robots_lead_nowhere_else_either(site: Site, birds: list[Canary]) -> None:
    site.leads("/robots.txt", f"http://127.0.0.1:{birds[0].port}/robots.txt")
    site.page("/", b"public")
    guard = Guard(lookup=lambda _host, _port: [PUBLIC], ports=frozenset({site.port, birds[0].port}))
    network = Network(guard, sockets=Internet({PUBLIC: site.port}))
    one = GuardedFetcher(network, LIMITS, agent="Test/1.0")
    assert code_of(lambda: fetched(one, f"http://public.example:{site.port}/")) == "blocked_address"
    assert birds[0].visits == []


def test_only_the_ports_of_pages_are_asked(birds: list[Canary]) -> None:
    internet = Internet({PUBLIC: birds[0].port})
    one = fetcher(lambda _host, _port: [PUBLIC], set(), internet)
    for port in (22, 25, 81, 6379, 8080, 5432, 65535):
        assert code_of(lambda port=port: fetched(one, f"http://public.example:{port}/")) == "blocked_address"
    assert internet.asked == []


def test_a_proxy_of_the_environment_is_not_used(
    site: Site, birds: list[Canary], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{birds[0].port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{birds[0].port}")
    site.page("/", b"public")
    one = fetcher(lambda _host, _port: [PUBLIC], {site.port}, Internet({PUBLIC: site.port}))
    assert fetched(one, f"http://public.example:{site.port}/") == b"public"
    assert birds[0].visits == []


def test_a_site_is_asked_by_its_name_and_must_prove_it(tmp_path: Path) -> None:
    ca_file, chain = tube.certificates(tmp_path, ["honest.example"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    named: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    with serving(tls=context) as site:
        site.page("/", b"proven")
        resolve = f"honest.example=127.0.0.1:{site.port},other.example=127.0.0.1:{site.port}"
        guard = Guard(allow_private=True, resolve=sent_elsewhere(resolve))
        one = GuardedFetcher(Network(guard, ca_file), LIMITS, agent="Test/1.0", robots=False)
        assert fetched(one, "https://honest.example/") == b"proven"
        assert named == ["honest.example"]
        assert site.asked[0].headers["host"] == "honest.example"
        assert code_of(lambda: fetched(one, "https://other.example/")) == "unreachable"
        strangers = GuardedFetcher(Network(guard), LIMITS, agent="Test/1.0", robots=False)
        assert code_of(lambda: fetched(strangers, "https://honest.example/")) == "unreachable"
    assert len(site.asked) == 1
