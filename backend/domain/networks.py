"""Which network addresses belong to the whole internet, and every way to spell one."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IP = IPv4Address | IPv6Address

NOT_GLOBAL_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's NAT; some clouds keep their metadata there
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, on an address that looks public
        "169.254.0.0/16",  # link local, and the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
"""IANA's special-purpose registry, read strictly: what no web page is served from."""

GLOBAL_V6 = IPv6Network("2000::/3")
"""All that is given out to the internet. Outside of it: loopback, v4-mapped and -compatible, NAT64, private, link
local, multicast, and what nobody has defined yet."""

NOT_GLOBAL_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_LOOKS_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?")


def is_global(ip: IP) -> bool:
    """Whether this address is one of the whole internet, to be reached from anywhere.

    Stricter than `ipaddress.is_global` of Python 3.11, which lets through NAT64, 6to4, multicast and others: an
    address that carries another one inside is not looked into but refused.
    """
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in NOT_GLOBAL_V4)
    if ip.scope_id is not None or ip not in GLOBAL_V6:
        return False
    return not any(ip in block for block in NOT_GLOBAL_V6)


def is_numeric(host: str) -> bool:
    """Whether a host is an IPv4 address in some spelling, right or wrong, and therefore no name."""
    return _LOOKS_NUMERIC.fullmatch(host) is not None


def ipv4(host: str) -> IPv4Address:
    """The address in any spelling that programs accept: dotted, short, decimal, octal, hexadecimal, mixed.

    As the WHATWG URL standard reads it ("ends-in-a-number", the IPv4 parser). Raises ValueError.
    """
    parts = host.removesuffix(".").split(".")
    if not 1 <= len(parts) <= 4:  # noqa: PLR2004 - an IPv4 address has at most four parts
        raise ValueError(host)
    numbers = [_number(part) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(parts)):  # noqa: PLR2004
        raise ValueError(host)
    value = numbers[-1]
    for place, number in enumerate(numbers[:-1]):
        value += number << (8 * (3 - place))
    return IPv4Address(value)


def ipv6(host: str) -> IPv6Address:
    """The address between the brackets of a URL; a zone id is not taken. Raises ValueError."""
    if "%" in host:
        raise ValueError(host)
    return IPv6Address(host)


def literal(host: str) -> IP | None:
    """The address that `host` is, as the resolver and `connect` write it, or None when it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _number(part: str) -> int:
    if not _NUMBER.fullmatch(part):
        raise ValueError(part)
    if part[:2] in {"0x", "0X"}:
        return int(part[2:] or "0", 16)
    return int(part, 8) if len(part) > 1 and part[0] == "0" else int(part)
