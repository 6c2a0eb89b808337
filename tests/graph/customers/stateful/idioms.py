"""Short runs of calls that chance alone would seldom string together."""

from typing import Any

from hypothesis import strategies as st

from tests.graph.customers.stateful.inputs import external_id
from tests.graph.customers.stateful.steps import Call, Step, tenant

Named = dict[str, Any]


def by(name: str, **more: Any) -> Named:
    return {"by": {"externalId": name}, **more}


@st.composite
def named_twice(draw: st.DrawFn) -> list[Step]:
    """Of two archived customers that had the external id, the last one comes back."""
    who, name = draw(tenant), draw(external_id)
    create = Call(who, 0, "upsertCustomer", {"input": {"externalId": name}})
    archive, restore = (Call(who, 1, verb, by(name)) for verb in ("archiveCustomer", "restoreCustomer"))
    return [create, archive, create, archive, restore, restore]


@st.composite
def linked_twice(draw: st.DrawFn) -> list[Step]:
    who, name = draw(tenant), draw(external_id)
    ids = draw(st.permutations(["1", "2"]))
    return [Call(who, 0, "linkIntegration", by(name, mapping={"provider": "PAYPAL", "id": id})) for id in ids]


@st.composite
def moved_with_a_tree(draw: st.DrawFn) -> list[Step]:
    """A tree of six to nine levels, put where there may be room for it or not."""
    who, depth, name = draw(tenant), draw(st.integers(6, 9)), draw(external_id)
    above: list[Named] = [{}, *({"parentCustomerExternalId": f"level-{n}"} for n in range(depth - 1))]
    tree = [{"externalId": f"level-{n}", **parent} for n, parent in enumerate(above)]
    move = by("level-0", parentCustomerExternalId=name)
    return [Call(who, 0, "createCustomers", {"inputs": tree}), Call(who, 0, "setCustomerParent", move)]


@st.composite
def null_and_absent(draw: st.DrawFn) -> list[Step]:
    """The same on create, but not on upsert: nor are they for the key."""
    who, name = draw(tenant), draw(external_id)
    operation = draw(st.sampled_from(["createCustomer", "upsertCustomer"]))
    inputs: list[Named] = [{"externalId": name, "name": None}, {"externalId": name}]
    keyed = [{"input": input, "idempotencyKey": "null"} for input in inputs]
    return [Call(who, 0, operation, arguments) for arguments in keyed]


idioms = st.one_of(named_twice(), linked_twice(), moved_with_a_tree(), null_and_absent())
