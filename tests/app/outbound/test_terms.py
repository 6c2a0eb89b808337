"""What an operator sets, and what is told of what is wrong with it."""

from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from app.settings.outbound import OutboundSettings


def told(**settings: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        OutboundSettings(**settings)  # type: ignore[arg-type]  # as an environment has them
    return [f"{error['loc'][0]} {error['msg'].removeprefix('Value error, ')}" for error in caught.value.errors()]


def test_by_default_nothing_but_https_to_public_addresses_is_called() -> None:
    terms = OutboundSettings().outbound_terms()

    assert (terms.allows_http, terms.allowed_networks) == (False, ())
    assert terms.ports == (range(80, 81), range(443, 444), range(1024, 65_536))


def test_networks_have_commas_between() -> None:
    terms = OutboundSettings(outbound_allowed_networks="10.1.0.0/16, ::1").outbound_terms()

    assert terms.allowed_networks == (ip_network("10.1.0.0/16"), ip_network("::1/128"))


@pytest.mark.parametrize("value", ["", ",", "http", "0", "65536", "1-65536", "9-8", "-5", "443;80", "443-80-1"])
def test_ports_that_are_none_are_told(value: str) -> None:
    assert told(outbound_ports=value) == [
        "outbound_ports must be ports and ranges from 1 to 65535 such as 443,8000-8999"
    ]


@pytest.mark.parametrize("value", ["10.0.0.1/8", "localhost", "300.0.0.0/8"])
def test_networks_that_are_none_are_told(value: str) -> None:
    assert told(outbound_allowed_networks=value) == [
        "outbound_allowed_networks must be addresses and networks such as 10.0.0.0/8, with commas between"
    ]
