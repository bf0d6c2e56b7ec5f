"""What a person pastes as an address, as the one URL that is fetched and the one key it is known by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin

import idna

from backend.domain import networks
from backend.domain.errors import InvalidInput
from backend.domain.networks import IP

LONGEST = 4000
HINT = "Paste it as the browser shows it, like https://example.org/page."
DEFAULT_PORTS = {"http": 80, "https": 443}
PORTS = frozenset(DEFAULT_PORTS.values())
"""The ports that web pages are served from."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PORT_FOLLOWS = re.compile(r"[0-9]{1,5}(?:[/?#\\]|$)")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "/:@!$&'()*+,;=-._~%"
_QUERY_SAFE = _PATH_SAFE + "?[]{}|`^\\"

TRACKING = re.compile(
    r"utm_.*|mtm_.*|pk_.*|hsa_.*|at_(?:campaign|medium).*|_hs(?:enc|mi)|_g[al]|mc_[ce]id|oly_(?:anon|enc)_id"
    r"|(?:fb|g|d|tw|tt|y|ys)clid|msclkid|rb_clickid|gclsrc|[gw]braid|igsh|igshid|li_fat_id|mkt_tok"
    r"|vero_(?:id|conv)|wickedid|s_cid|ref_src|_openstat|srsltid",
    re.IGNORECASE,
)
"""Parameters that tell where a click came from and never what is shown."""


@dataclass(frozen=True)
class Address:
    """An address of the web. `url` is what is fetched, `key` what two spellings of one address have in common.

    `host` is ASCII (IDNA, or an IP address in its usual form, IPv6 without brackets); `assumed` says that the scheme
    was not given.
    """

    url: str
    key: str
    scheme: str
    host: str
    port: int
    ip: IP | None = None
    assumed: bool = False

    @property
    def hidden(self) -> bool:
        """Whether it is seen without asking a resolver that this leads nowhere on the internet."""
        if self.ip is not None:
            return not networks.is_global(self.ip)
        return self.host == "localhost" or self.host.endswith(".localhost")


def read(pasted: str) -> Address:
    """The address in a line of text. Raises InvalidInput (`invalid_url`).

    Reads as browsers do (the WHATWG URL standard), so that nothing is one host here and another one there; what
    browsers take for an address of the web and is none of ours (credentials, other schemes) is refused.
    """
    text = _cleaned(pasted)
    scheme, rest, assumed = _scheme(text)
    authority, tail = _split_authority(rest)
    if "@" in authority:
        raise _refused("An address with a name or password in it is not taken.", "Leave out everything up to the @.")
    host_text, given_port = _host_and_port(authority)
    if assumed and given_port not in {None, DEFAULT_PORTS["https"]}:
        scheme = "http"  # a port of one's own is seldom one with a certificate
    port = given_port or DEFAULT_PORTS[scheme]
    host, ip = _host(host_text)
    if ip is None and assumed and "." not in host and host != "localhost":
        raise _refused("That is not a web address.")
    path, query = _path_and_query(tail)
    shown = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{shown}" + ("" if port == DEFAULT_PORTS[scheme] else f":{port}")
    url = origin + path + (f"?{query}" if query else "")
    key = origin + path + (f"?{kept}" if (kept := without_tracking(query)) else "")
    if len(url) > LONGEST:
        raise _refused(f"The address is longer than {LONGEST:,} characters.")
    return Address(url, key, scheme, host, port, ip, assumed)


def admit(address: Address, ports: Collection[int] = PORTS) -> None:
    """Raises InvalidInput (`blocked_address`) for what is seen to be off the internet without asking a resolver."""
    if address.port not in ports:
        raise blocked(f"Port {address.port} is not one that web pages are served from.")
    if address.hidden:
        raise blocked("This address leads into a private network.")


def blocked(message: str) -> InvalidInput:
    """The refusal of an address that is not of the internet."""
    return InvalidInput(
        message,
        code="blocked_address",
        hint="Only pages that everybody on the internet can open are fetched. Save the page and upload it as a file.",
    )


def join(base: str, link: str) -> Address:
    """Where a link on the page at `base` leads. Raises InvalidInput (`invalid_url`)."""
    before, mark, query = "".join(link.split()).partition("?")
    try:
        return read(urljoin(base, before.replace("\\", "/") + mark + query))
    except ValueError as error:
        raise _refused("The page leads to something that is no address.") from error


def without_tracking(query: str) -> str:
    """The query without the parameters that only tell where a click came from."""
    kept = (pair for pair in query.split("&") if pair and not TRACKING.fullmatch(unquote(pair.partition("=")[0])))
    return "&".join(kept)


def _cleaned(pasted: str) -> str:
    text = "".join(c for c in pasted if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"}).strip()
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1].strip()
    if not text:
        raise _refused("The address is empty.")
    if len(text) > LONGEST:
        raise _refused(f"The address is longer than {LONGEST:,} characters.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _refused("The address has characters that are none.") from error
    return text


def _scheme(text: str) -> tuple[str, str, bool]:
    """The scheme, what follows it, and whether it had to be assumed."""
    if text.startswith(("//", "\\\\")):
        return "https", text[2:], True
    found = _SCHEME.match(text)
    if found is None or (_is_host(found[1]) and _PORT_FOLLOWS.match(text, found.end())):
        return "https", text, True
    scheme = found[1].lower()
    if scheme not in DEFAULT_PORTS:
        raise _refused("Only addresses that begin with http:// or https:// can be fetched.")
    return scheme, text[found.end() :].lstrip("/\\"), False


def _is_host(scheme: str) -> bool:
    return "." in scheme or scheme.lower() == "localhost"


def _split_authority(rest: str) -> tuple[str, str]:
    end = next((i for i, c in enumerate(rest) if c in "/\\?#"), len(rest))
    return rest[:end], rest[end:]


def _host_and_port(authority: str) -> tuple[str, int | None]:
    host, colon, port = authority.rpartition(":") if not authority.endswith("]") else (authority, "", "")
    if not colon:
        host, port = authority, ""
    port = unicodedata.normalize("NFKC", port)
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):  # noqa: PLR2004 - the last port
        raise _refused("The port of the address is none.")
    return host, int(port)


def _host(text: str) -> tuple[str, IP | None]:
    if text.startswith("["):
        try:
            six = networks.ipv6(text[1:-1] if text.endswith("]") else "")
        except ValueError as error:
            raise _refused("The IPv6 address in it is none.") from error
        return six.compressed, six
    name = unquote(text, errors="replace")
    if not name.isascii() or "xn--" in name.lower():
        try:
            name = idna.encode(name, uts46=True, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise _refused("The name of the site has characters that no name may have.") from error
    name = name.lower().removesuffix(".")
    if networks.is_numeric(name):
        try:
            four = networks.ipv4(name)
        except ValueError as error:
            raise _refused("The IP address in it is none.") from error
        return str(four), four
    if len(name) > 253 or not _HOST.fullmatch(name):  # noqa: PLR2004 - the longest name of the DNS
        raise _refused("That is not a web address.")
    return name, None


def _path_and_query(tail: str) -> tuple[str, str]:
    before, _, _fragment = tail.partition("#")
    path, _, query = before.partition("?")
    path = _escaped(path.replace("\\", "/"), _PATH_SAFE) or "/"
    segments: list[str] = []
    parts = path.split("/")[1:]
    for number, part in enumerate(parts):
        if part == "..":
            segments = segments[:-1]
        elif part != ".":
            segments.append(part)
        if part in {".", ".."} and number == len(parts) - 1:
            segments.append("")
    return "/" + "/".join(segments), _escaped(query, _QUERY_SAFE)


def _escaped(text: str, safe: str) -> str:
    """Percent-encoded where it must be, decoded where it need not be (RFC 3986, section 6.2.2)."""

    def tidy(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else "%" + found[1].upper()

    lone = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return _ESCAPE.sub(tidy, quote(lone, safe=safe))


def _refused(message: str, hint: str = HINT) -> InvalidInput:
    return InvalidInput(message, code="invalid_url", hint=hint)
