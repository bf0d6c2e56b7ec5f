"""Which IP addresses are of the whole internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.networks import is_global, literal


@pytest.mark.parametrize(
    "ip",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
        "8000::1",
    ],
)
def test_special_addresses_are_not_global(ip: str) -> None:
    assert not is_global(ip_address(ip))


@pytest.mark.parametrize(
    "ip",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "99.255.255.255",
        "128.0.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001:80b::200e",
        "2001:4860:4860::8888",
        "2400:cb00::1",
    ],
)
def test_ordinary_addresses_are_global(ip: str) -> None:
    assert is_global(ip_address(ip))


def test_a_zone_makes_an_address_a_local_one() -> None:
    assert is_global(IPv6Address("2606:4700::1111"))
    assert not is_global(IPv6Address("2606:4700::1111%eth0"))


@given(st.ip_addresses())
def test_nothing_is_global_that_the_standard_library_calls_private(ip: IPv4Address | IPv6Address) -> None:
    assert not (is_global(ip) and (ip.is_private or ip.is_multicast or ip.is_loopback or ip.is_link_local))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:", "::", "64:ff9b::", "2002:"]))
def test_no_ipv4_address_comes_in_disguise(ip: IPv4Address, before: str) -> None:
    hidden = f"2002:{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}::" if before == "2002:" else f"{before}{ip}"
    assert not is_global(IPv6Address(hidden))


def test_a_name_is_no_address() -> None:
    assert literal("example.org") is None
    assert literal("127.0.0.1") == IPv4Address("127.0.0.1")
