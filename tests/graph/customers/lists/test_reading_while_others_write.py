"""A reader who pages to the end meets everybody who is there throughout, once."""

from asyncio import create_task, gather, sleep
from collections import Counter
from itertools import count

import pytest

from tests.api import Api
from tests.graph.customers.lists.population import store
from tests.graph.customers.lists.reading import pages

pytestmark = pytest.mark.anyio

CREATE = "mutation($id: String!) { createCustomer(input: {externalId: $id}) { __typename } }"
UPDATE = "mutation($id: ID!, $to: String) { updateCustomer(by: {id: $id}, patch: {name: $to}) { __typename } }"
ARCHIVE = "mutation($id: ID!) { archiveCustomer(by: {id: $id}) { __typename } }"


@pytest.mark.parametrize("order", [("CREATED_AT", "DESC"), ("CREATED_AT", "ASC")])
@pytest.mark.parametrize("filter", [None, {"search": "stays"}])
async def test_everybody_who_stays_is_met_once(api: Api, order: tuple[str, str], filter: dict[str, str] | None) -> None:
    staying = await store(api, [{"external_id": f"stays-{n}", "id": f"cust_{2 * n:026}"} for n in range(150)])
    leaving = await store(api, [{"external_id": f"stays?-{n}", "id": f"cust_{2 * n + 1:026}"} for n in range(150)])
    done = False

    async def writing(writer: int) -> None:
        for n in count():
            if done:
                return
            number = 4 * n + writer
            await api.execute(CREATE, {"id": f"new-{number}"})
            await api.execute(UPDATE, {"id": staying[number % 150]["id"], "to": f"renamed {number}"})
            if number < len(leaving):
                await api.execute(ARCHIVE, {"id": leaving[number]["id"]})
            await sleep(0)

    writers = [create_task(writing(writer)) for writer in range(4)]
    seen: Counter[str] = Counter()
    by = {"field": order[0], "direction": order[1]}
    while not seen:
        async for page in pages(api, 20, orderBy=by, filter=filter):
            seen.update(edge["node"]["id"] for edge in page["edges"])
    done = True
    await gather(*writers)

    assert {id: times for id, times in seen.items() if times > 1} == {}
    assert {row["id"] for row in staying} <= set(seen)
