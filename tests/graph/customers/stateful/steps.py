"""Sequences of calls by two tenants, and of looks at what they left behind."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.graph.customers.stateful.calls import PROVIDERS
from tests.graph.customers.stateful.inputs import (
    Drawn,
    absent_or,
    archived,
    by,
    described,
    external_id,
    mapping,
    parent,
    patched,
    weighed,
)


@dataclass(frozen=True)
class Confirmed:
    """The external id that the customer has by then."""


@dataclass(frozen=True)
class Call:
    tenant: int
    actor: int
    operation: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Again:
    """An earlier call of the sequence, as it was sent or a little different, by this tenant.

    Of those that had an idempotency key, if there were any.
    """

    tenant: int
    actor: int
    back: int
    differs: bool


@dataclass(frozen=True)
class Look:
    """Both tenants read all that they have."""


Step = Call | Again | Look
KEYS = [*("k1", "k2", "k3") * 4, "", "é"]

tenant, actor = st.sampled_from([0, 0, 0, 1]), st.integers(0, 2)

# Ten levels under one another, and an eleventh: by external ids of their own.
levels = st.integers(8, 11).map(
    lambda count: [
        {"externalId": f"level-{n}", **({"parentCustomerExternalId": f"level-{n - 1}"} if n else {})}
        for n in range(count)
    ]
)
rows = weighed((4, st.lists(described(), min_size=1, max_size=4)), (1, levels))
ARGUMENTS: dict[str, dict[str, Drawn]] = {
    "createCustomer": {"input": described()},
    "createCustomers": {"inputs": rows, "onError": st.sampled_from(["SKIP", "ABORT"])},
    "updateCustomer": {"by": by, "patch": patched()},
    "upsertCustomer": {"input": described()},
    "archiveCustomer": {"by": by},
    "restoreCustomer": {"by": weighed((1, by), (1, st.fixed_dictionaries({"id": archived})))},
    "setCustomerParent": {"by": by},
    "linkIntegration": {"by": by, "mapping": mapping},
    "unlinkIntegration": {"by": by, "provider": st.sampled_from(PROVIDERS)},
    "eraseCustomer": {"by": by, "confirmExternalId": weighed((5, st.just(Confirmed())), (1, external_id))},
}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    often = ["upsertCustomer", "setCustomerParent", "updateCustomer", "archiveCustomer", "linkIntegration"]
    operation = draw(st.sampled_from([*ARGUMENTS, *often]))
    arguments = {name: draw(strategy) for name, strategy in ARGUMENTS[operation].items()}
    if operation == "setCustomerParent":
        arguments |= draw(absent_or(parent)) or {}
    if (key := draw(absent_or(st.sampled_from(KEYS)))) is not None:
        arguments["idempotencyKey"] = key
    version = draw(absent_or(st.sampled_from([1, 1, 1, 2, 2, 3, 4])))
    if version and not operation.startswith("create"):
        arguments["expectedVersion"] = version
    return Call(draw(tenant), draw(actor), operation, arguments)


again = st.builds(Again, tenant, actor, st.integers(0, 3), st.sampled_from([False, False, True]))
