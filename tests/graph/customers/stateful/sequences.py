"""Sequences of steps, as the tests draw them."""

from itertools import chain

from hypothesis import strategies as st

from tests.graph.customers.stateful.idioms import idioms
from tests.graph.customers.stateful.inputs import weighed
from tests.graph.customers.stateful.steps import Call, Look, Step, again, calls

# What both tenants mostly begin with: a tree, and a link that another may want.
FIRST = [
    {"externalId": "a", "integrationEntityMapping": [{"provider": "STRIPE", "id": "1"}]},
    {"externalId": "b", "parentCustomerExternalId": "a", "metadata": {"plan": "pro"}},
    {"externalId": "c", "parentCustomerExternalId": "b", "name": "Ada"},
]
BEGINNING: list[Step] = [Call(tenant, 0, "createCustomers", {"inputs": FIRST}) for tenant in (0, 1)]

alone = weighed((16, calls()), (4, again), (1, st.just(Look()))).map(lambda step: [step])
steps: st.SearchStrategy[list[Step]] = weighed((10, alone), (1, idioms))


def sequences(longest: int) -> st.SearchStrategy[list[Step]]:
    # The first shrinks well, the second is seldom short.
    runs = st.one_of(st.lists(steps, max_size=longest), st.lists(steps, min_size=longest // 2, max_size=longest))
    return st.builds(
        lambda beginning, runs: [*beginning, *chain.from_iterable(runs)],
        st.sampled_from([[], *[BEGINNING] * 4]),
        runs,
    )
