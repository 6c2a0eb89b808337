"""Which addresses are public."""

from ipaddress import ip_address, ip_network

import pytest

from app.outbound.addresses import is_public, may_be_called, wrapped

NOT_PUBLIC = {
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],  # noqa: S104 - nothing listens here
    "loopback": ["127.0.0.1", "127.255.255.255", "::1"],
    "private": ["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"],
    "behind a carrier's NAT": ["100.64.0.0", "100.127.255.255"],
    "link-local": ["169.254.0.1", "169.254.255.255", "fe80::1", "febf::1"],
    "site-local": ["fec0::1"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "4000::1", "e000::1", "100::1", "5f00::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", "3fff:fff::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "protocol assignments": ["192.0.0.1", "192.88.99.1", "2001:1::1", "2001:1ff:ffff::1"],
    "metadata": ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd20:ce::254"],
    "mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"],
    "compatible": ["::127.0.0.1", "::8.8.8.8"],
    "translated": ["::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"],
    "NAT64": ["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"],
    "NAT64 of one network": ["64:ff9b:1::127.0.0.1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:7f00:0:100::"],
    "6to4": ["2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::"],
    "Teredo": ["2001:0:808:808::80ff:fffe", "2001:0:a00:1::f7f7:f7f7", "2001::"],
}
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"),
    *("192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("2001:200::1", "2001:4860:4860::8888", "2606:4700:4700::1111", "2a00::1", "3ffe:ffff::1", "3fff:1000::1"),
    *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808::f7f7:f7f7"),
]


@pytest.mark.parametrize("kind", NOT_PUBLIC)
def test_what_is_not_for_everybody_is_not_public(kind: str) -> None:
    assert [text for text in NOT_PUBLIC[kind] if is_public(ip_address(text))] == []


def test_their_neighbours_are_public() -> None:
    assert [text for text in PUBLIC if not is_public(ip_address(text))] == []


def test_teredo_wraps_its_server_and_its_client() -> None:
    # RFC 4380, 4: the client's address has its bits turned over.
    assert wrapped(ip_address("2001:0:4136:e378:8000:63bf:3fff:fdd2")) == (
        ip_address("65.54.227.120"),
        ip_address("192.0.2.45"),
    )


def test_what_is_allowed_is_called_by_whatever_wraps_it() -> None:
    allowed = [ip_network("10.1.0.0/16"), ip_network("fd00:1::/64")]

    for text in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00:1::1", "8.8.8.8"):
        assert may_be_called(ip_address(text), allowed)
    for text in ("10.2.0.1", "::ffff:10.2.0.1", "64:ff9b::10.2.0.1", "fd00:2::1", "127.0.0.1"):
        assert not may_be_called(ip_address(text), allowed)


def test_all_of_ipv6_does_not_allow_what_it_wraps() -> None:
    assert not may_be_called(ip_address("::ffff:127.0.0.1"), [ip_network("::/0")])
