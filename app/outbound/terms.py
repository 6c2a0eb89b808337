"""What an operator says of outbound calls. Apart, so that reading settings needs nothing of what makes them."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be called, and what an answer may take: seconds, and bytes of its body.

    `allowed_networks` may be called though they are not public.
    """

    allows_http: bool
    ports: tuple[range, ...]
    allowed_networks: tuple[IPv4Network | IPv6Network, ...]
    connect_timeout: float
    read_timeout: float
    timeout: float
    most_answer_bytes: int
