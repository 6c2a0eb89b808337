"""What is called that customers name."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from app.outbound import Terms
from app.settings.networks import Networks

MOST_PORT = 65_535


def ranges(value: str) -> tuple[range, ...]:
    """The ports that the value lists. Raises ValueError."""
    found = []
    for item in filter(None, map(str.strip, value.split(","))):
        first, _, last = item.partition("-")
        ports = range(int(first), int(last or first) + 1)
        if not ports or ports[0] < 1 or ports[-1] > MOST_PORT:
            raise ValueError
        found.append(ports)
    return tuple(found)


class OutboundSettings(BaseSettings):
    """Outbound calls"""

    # No section of `Settings` yet: nothing calls out, and what has no effect is not offered.

    outbound_allow_http: bool = Field(
        False, description="Whether addresses that customers give may be `http://`, which anybody on the way can read."
    )
    outbound_ports: str = Field(
        "80,443,1024-65535",
        description="The ports that are called, with commas between: below 1024 there are mail servers and the like.",
    )
    outbound_allowed_networks: Networks = Field(
        (),
        description="Addresses and networks, with commas between, that customers may have called though they are not "
        "public: `10.1.2.0/24`. Of all others only public ones are.",
    )
    outbound_connect_timeout: float = Field(
        5.0,
        gt=0,
        description="How long it may take to look a name up and to connect, in seconds, and then to agree on TLS.",
    )
    outbound_read_timeout: float = Field(
        10.0, gt=0, description="How long the other end may be silent, in seconds, or take nothing in."
    )
    outbound_timeout: float = Field(
        20.0, gt=0, description="How long a call may take until its answer is read, in seconds."
    )
    outbound_max_answer_bytes: int = Field(
        65_536, ge=0, description="How much of an answer's body is read, in bytes; the rest is left."
    )

    @field_validator("outbound_ports")
    @classmethod
    def _are_ports(cls, value: str) -> str:
        try:
            listed = ranges(value)
        except ValueError:
            listed = ()
        if not listed:
            raise ValueError(f"must be ports and ranges from 1 to {MOST_PORT} such as 443,8000-8999")
        return value

    def outbound_terms(self) -> Terms:
        return Terms(
            allows_http=self.outbound_allow_http,
            ports=ranges(self.outbound_ports),
            allowed_networks=self.outbound_allowed_networks,
            connect_timeout=self.outbound_connect_timeout,
            read_timeout=self.outbound_read_timeout,
            timeout=self.outbound_timeout,
            most_answer_bytes=self.outbound_max_answer_bytes,
        )
