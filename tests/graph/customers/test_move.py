"""setCustomerParent under concurrency: a forest, whatever happens."""

import random
from asyncio import gather
from itertools import pairwise

import pytest

from tests.api import Api

pytestmark = pytest.mark.anyio


async def test_a_move_takes_the_whole_tree_along_and_respects_its_depth(api: Api) -> None:
    ids = [(await api.created(externalId=f"a{level}"))["id"] for level in range(6)]
    for above, below in pairwise(ids):
        await api.mutate("setCustomerParent", by={"id": below}, parentCustomerId=above)
    other = [(await api.created(externalId=f"b{level}"))["id"] for level in range(5)]
    for above, below in pairwise(other):
        await api.mutate("setCustomerParent", by={"id": below}, parentCustomerId=above)

    too_deep = await api.mutate("setCustomerParent", by={"id": ids[0]}, parentCustomerId=other[4])
    fits = await api.mutate("setCustomerParent", by={"id": ids[0]}, parentCustomerId=other[3])
    cycle = await api.mutate("setCustomerParent", by={"id": other[0]}, parentCustomerId=ids[5])

    assert too_deep["code"] == "HIERARCHY_TOO_DEEP"
    assert fits["customer"]["parent"]["id"] == other[3]
    assert cycle["code"] == "HIERARCHY_CYCLE"


@pytest.mark.slow
async def test_eight_movers_among_twenty_customers_leave_a_forest(api: Api) -> None:
    ids = [(await api.created(externalId=f"c{n}"))["id"] for n in range(20)]

    async def moving(seed: int) -> set[str]:
        chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
        seen = set()
        for _ in range(25):
            customer, parent = chance.sample(ids, 2)
            outcome = await api.mutate("setCustomerParent", by={"id": customer}, parentCustomerId=parent)
            seen.add(outcome.get("code") or outcome["__typename"])
        return seen

    seen = set().union(*await gather(*(moving(seed) for seed in range(8))))

    assert {"SetCustomerParentSuccess", "HIERARCHY_CYCLE"} <= seen
    parents = {id: (await api.find(id=id))["parentCustomerId"] for id in ids}
    assert sum(parent is not None for parent in parents.values()) > 5
    for id in ids:
        line = [id]
        while parents[line[-1]] is not None:
            line.append(parents[line[-1]])
            assert len(line) <= 10
            assert len(set(line)) == len(line)
