"""Addresses and networks, as an operator lists them."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import BeforeValidator


def listed(value: Any) -> Any:
    """What a text lists, with commas between. Raises ValueError."""
    if not isinstance(value, str):
        return value
    try:
        return tuple(ip_network(item.strip()) for item in value.split(",") if item.strip())
    except ValueError:
        raise ValueError("must be addresses and networks such as 10.0.0.0/8, with commas between") from None


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(listed)]
