"""Every attack is refused by its limit, and a normal client is served meanwhile."""

import asyncio
from collections import Counter
from typing import Any

import httpx2 as httpx
import pytest

from tests.api import CREATE, Api
from tests.graph import toy
from tests.graph.limits.attacks import ATTACKS, Attack

pytestmark = pytest.mark.anyio

ATTACKERS = 10
PATIENCE = 60  # seconds


async def send(api: Api, query: str, variables: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {api.secret}", "accept": "application/graphql-response+json"}
    return await api.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def named(answer: Any) -> set[str]:
    """The limits that the answer names, or else the codes of its errors."""
    told = (error["extensions"] for error in answer.get("errors", ()))
    return {extensions.get("limit", extensions["code"]) for extensions in told}


@pytest.mark.parametrize("attack", [pytest.param(attack, id=name) for name, attack in ATTACKS.items()])
async def test_each_is_refused_in_few_words_with_a_code_of_its_own(api: Api, attack: Attack) -> None:
    response = await send(api, attack.query, attack.variables)
    answer = response.json()

    if attack.refused is None:
        assert (response.status_code, named(answer)) == (200, set())
        return
    assert (response.status_code, "data" in answer) == (400, False)
    assert attack.refused in named(answer)
    for error in answer["errors"]:
        if "limit" in error["extensions"]:
            assert error["extensions"]["code"] == "TOO_LARGE"
            assert str(error["extensions"]["most"]) in error["message"]
    assert len(answer["errors"]) <= 21
    assert len(response.content) < 10_000


async def test_a_normal_client_is_served_meanwhile(api: Api, other: Api) -> None:
    # Never the same text twice: or most would be known as refused.
    waves = ((attack, number) for number in range(10_000) for attack in ATTACKS.values() if not attack.variables)
    refused: Counter[str] = Counter()
    served = asyncio.Event()

    async def attacking() -> None:
        for attack, number in waves:
            if served.is_set():
                return
            response = await send(other, attack.unlike(number), {})
            assert response.status_code == (400 if attack.refused else 200)
            refused[attack.refused or ""] += 1

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for _ in range(ATTACKERS):
            tasks.create_task(attacking())
        for number in range(5):
            before = refused.total()
            response = await send(api, CREATE, {"input": {"externalId": f"customer-{number}"}})
            assert response.json()["data"]["createCustomer"]["__typename"] == "CreateCustomerSuccess"
            # It takes its turn with them: it is not served after them all.
            assert refused.total() - before <= 20 * ATTACKERS
        served.set()
    assert refused.total() > 0


async def test_a_known_document_waits_for_one_unknown_document_and_not_for_all_that_came_before_it() -> None:
    assert (await toy.ask("{ echo }")).status_code == 200
    finished: list[str] = []

    async def asking(query: str) -> None:
        await toy.ask(query)
        finished.append(query)

    unknown = ["{" + " echo" * 500 + f" unknown{number} }}" for number in range(50)]
    await asyncio.gather(*map(asking, [*unknown, "{ echo }"]))

    assert finished.index("{ echo }") < 20
