"""Names that lead to what is not public, now or a moment later."""

import pytest

from app.outbound.calling import Client
from app.outbound.errors import NotPublic, TimedOut, Unreachable, Unresolved
from tests.app.outbound.conftest import PUBLIC, Make, Names, Wire
from tests.app.outbound.receivers import answering, receiving, serving
from tests.server import PATIENCE, free_port

pytestmark = pytest.mark.anyio

INSIDE = [
    *("127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "fd00:ec2::254"),  # noqa: S104
    *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "168.63.129.16"),
]


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("others", [[], [PUBLIC]])
@pytest.mark.parametrize("comes_first", [True, False])
async def test_one_address_that_is_not_public_is_too_many(
    address: str, others: list[str], comes_first: bool, make: Make, names: Names, wire: Wire
) -> None:
    names.answers["inside.example"] = [[address, *others] if comes_first else [*others, address]]

    with pytest.raises(NotPublic) as refused:
        await make(outbound_allowed_networks=()).post("https://inside.example/", b"{}", {})

    assert wire.called == []
    # Whoever gave the name is not told what it is called by in here.
    assert address not in str(refused.value)


async def test_a_name_that_changes_its_answer_is_asked_once(make: Make, names: Names, wire: Wire) -> None:
    """DNS rebinding: a first answer that is judged, a second one that is connected to."""
    async with receiving(answering(), "127.0.0.2") as judged, receiving(answering(), port=judged.port) as inside:
        names.answers["rebinding.example"] = [["127.0.0.2"], ["127.0.0.1"]]
        client = make(outbound_allowed_networks="127.0.0.2")

        answer = await client.post(f"http://rebinding.example:{judged.port}/", b"{}", {})

        assert (answer.status, names.asked, wire.called) == (200, ["rebinding.example"], ["127.0.0.2"])
        with pytest.raises(NotPublic):
            await client.post(f"http://rebinding.example:{judged.port}/", b"{}", {})
        assert (judged.connections, inside.connections, wire.called) == (1, 0, ["127.0.0.2"])


async def test_a_connection_that_is_kept_leads_where_it_was_judged_to_lead(client: Client, names: Names) -> None:
    async with receiving(serving) as receiver:
        names.answers["hooks.example"] = [["127.0.0.1"], ["10.0.0.1"]]
        for _ in range(3):
            assert (await client.post(f"http://hooks.example:{receiver.port}/", b"{}", {})).status == 200

    assert (receiver.connections, len(receiver.requests), names.asked) == (1, 3, ["hooks.example"])


async def test_the_next_address_is_tried_when_one_can_not_be_reached(client: Client, names: Names, wire: Wire) -> None:
    async with receiving(answering()) as receiver:
        names.answers["hooks.example"] = [["127.0.0.3", "127.0.0.1"]]
        answer = await client.post(f"http://hooks.example:{receiver.port}/", b"{}", {})

    assert (answer.status, wire.called) == (200, ["127.0.0.3", "127.0.0.1"])


async def test_of_many_addresses_a_few_are_tried(client: Client, names: Names, wire: Wire) -> None:
    addresses = [f"127.0.1.{number}" for number in range(1, 100)]
    names.answers["many.example"] = [addresses]

    with pytest.raises(Unreachable) as failed:
        await client.post(f"http://many.example:{free_port()}/", b"{}", {})

    assert wire.called == addresses[:4]
    assert failed.value.may_retry


async def test_one_address_that_hangs_leaves_time_for_the_next(client: Client, names: Names, wire: Wire) -> None:
    names.answers["hooks.example"] = [["127.0.0.3", "127.0.0.1"]]
    wire.hanging.add("127.0.0.3")
    async with receiving(answering()) as receiver:
        answer = await client.post(f"http://hooks.example:{receiver.port}/", b"{}", {})

    assert (answer.status, wire.called) == (200, ["127.0.0.3", "127.0.0.1"])
    assert wire.patience[0] <= PATIENCE / 2


async def test_when_all_addresses_hang_it_took_too_long(client: Client, names: Names, wire: Wire) -> None:
    names.answers["hooks.example"] = [["127.0.0.3", "127.0.0.4"]]
    wire.hanging |= {"127.0.0.3", "127.0.0.4"}

    with pytest.raises(TimedOut, match="connect"):
        await client.post("https://hooks.example/", b"{}", {})


@pytest.mark.parametrize("answers", [{}, {"no.example": [[]]}])
async def test_a_name_without_an_address_may_have_one_later(
    answers: dict[str, list[list[str]]], client: Client, names: Names
) -> None:
    names.answers |= answers

    with pytest.raises(Unresolved) as failed:
        await client.post("https://no.example/", b"{}", {})

    assert failed.value.may_retry


async def test_what_is_not_public_is_not_tried_again(make: Make, names: Names) -> None:
    names.answers["inside.example"] = [["10.0.0.1"]]

    with pytest.raises(NotPublic) as refused:
        await make(outbound_allowed_networks=()).post("https://inside.example/", b"{}", {})

    assert not refused.value.may_retry
