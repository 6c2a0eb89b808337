"""URLs by which somebody would reach what is not public. Each is refused before a connection is made."""

from collections.abc import AsyncIterator

import pytest

from app.outbound.calling import Client, calling
from app.outbound.errors import BadURL, Forbidden, NotPublic, Unreachable
from tests.app.outbound.conftest import PUBLIC, Make, Names, Wire, terms
from tests.app.outbound.hostile import HOSTILE
from tests.app.outbound.receivers import Receiver, answering, receiving, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def trap() -> AsyncIterator[Receiver]:
    """What must not be reached."""
    async with receiving(serving) as trap:
        yield trap


@pytest.mark.parametrize("url", HOSTILE, ids=ascii)
async def test_leads_nowhere(url: str, trap: Receiver, make: Make, names: Names, wire: Wire) -> None:
    names.answers["good.example"] = [[PUBLIC]]
    client = make(outbound_allowed_networks=())

    with pytest.raises(Forbidden):
        await client.post(url.replace("PORT", str(trap.port)), b"{}", {})

    assert (wire.called, names.asked, trap.connections) == ([], [], 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "127.0.0.1.", "127。0。0。1"])
async def test_the_trap_would_have_been_reached(host: str, trap: Receiver, client: Client, wire: Wire) -> None:
    answer = await client.post(f"http://{host}:{trap.port}/", b"{}", {})

    assert (answer.status, trap.connections, len(wire.called)) == (200, 1, 1)


@pytest.mark.parametrize("url", ["http://good.example#@127.0.0.1:PORT/", "http://good.example?@127.0.0.1:PORT/"])
async def test_what_stands_behind_the_host_is_no_host(
    url: str, trap: Receiver, client: Client, wire: Wire, names: Names
) -> None:
    names.answers["good.example"] = [[PUBLIC]]

    with pytest.raises(Unreachable):
        await client.post(url.replace("PORT", str(trap.port)), b"{}", {})

    assert (wire.called, trap.connections) == ([PUBLIC], 0)


@pytest.mark.parametrize("host", ["localhost", "localhost.", "LOCALHOST", "LocalHost."])
async def test_the_systems_own_names_lead_nowhere(host: str, trap: Receiver) -> None:
    async with calling(terms(outbound_allowed_networks=())) as client:
        with pytest.raises(NotPublic):
            await client.post(f"http://{host}:{trap.port}/", b"{}", {})

    assert trap.connections == 0


async def test_the_systems_names_are_looked_up() -> None:
    async with receiving(answering(), "localhost") as receiver, calling(terms()) as client:
        answer = await client.post(f"http://localhost:{receiver.port}/", b"{}", {})

    assert (answer.status, receiver.connections) == (200, 1)


async def test_http_is_for_the_operator_to_allow(trap: Receiver, make: Make) -> None:
    client = make(outbound_allow_http=False)

    with pytest.raises(BadURL, match="must be https"):
        await client.post(f"http://127.0.0.1:{trap.port}/", b"{}", {})

    assert trap.connections == 0


async def test_ports_are_for_the_operator_to_allow(trap: Receiver, make: Make) -> None:
    client = make(outbound_ports=f"443,{trap.port - 10}-{trap.port - 1},{trap.port + 1}")

    with pytest.raises(BadURL, match="port"):
        await client.post(f"http://127.0.0.1:{trap.port}/", b"{}", {})
    assert trap.connections == 0

    client = make(outbound_ports=f"443,{trap.port - 1}-{trap.port}")
    assert (await client.post(f"http://127.0.0.1:{trap.port}/", b"{}", {})).status == 200
