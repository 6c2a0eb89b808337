"""Which IP addresses are public.

By lists of our own: `is_global` of `ipaddress` says otherwise from one release of Python to the next, lets addresses
pass that wrap another, and knows of no cloud.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# IANA's registries of special-purpose addresses (RFC 6890), as far as these are not for everybody, and multicast.
NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; the unspecified address leads to this machine
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # behind a carrier's NAT; Alibaba's metadata, 100.100.100.200
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local; most clouds' metadata, 169.254.169.254
            "168.63.129.16/32",  # Azure's host agent: public by its number, but a machine's own there
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments; Oracle's metadata, 192.0.0.192
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4, given up
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and the broadcast address
        ),
    )
)
# The rest is reserved, this machine's, this network's, or multicast (RFC 4291, 2.4). So is 64:ff9b:1::/48: where in it
# an IPv4 address stands is for each network to say (RFC 8215), so there is no telling what it leads to.
GLOBAL_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ),
    )
)
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


def wrapped(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses to which one of IPv6 leads on: of Teredo two, the server's and the client's."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    if address.sixtofour is not None:
        return (address.sixtofour,)  # 2002::/16 (RFC 3056)
    return address.teredo or ()  # 2001::/32 (RFC 4380)


def is_public(address: Address) -> bool:
    """Whether the address is one of the internet's, and those that it wraps are."""
    if inner := wrapped(address):
        return all(map(is_public, inner))
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    return address in GLOBAL_6 and not any(address in network for network in NOT_PUBLIC_6)


def may_be_called(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether it is public or allowed; of an address that wraps others these are what counts."""
    return all(
        is_public(each) or any(each in network for network in allowed) for each in wrapped(address) or (address,)
    )
