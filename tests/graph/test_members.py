"""Every member of every mutation's union is reached by a request, and every expected failure has a face."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from graphql import GraphQLUnionType

from app.errors import Expected
from graph import customers, errors
from graph.schema import schema
from tests.api import Api

Scenario = Callable[[Api], Awaitable[Any]]
SCENARIOS: dict[tuple[str, str], Scenario] = {}

LINK = [{"provider": "STRIPE", "id": "cus_1"}]


def reaches(mutation: str, member: str) -> Callable[[Scenario], Scenario]:
    """Register what makes a mutation end so. It answers the union's member."""

    def register(scenario: Scenario) -> Scenario:
        SCENARIOS[mutation, member] = scenario
        return scenario

    return register


def declared() -> list[tuple[str, str]]:
    mutations = schema._schema.mutation_type
    assert mutations
    return [
        (name, member.name)
        for name, field in mutations.fields.items()
        for member in (field.type.types if isinstance(field.type, GraphQLUnionType) else ())
    ]


@pytest.mark.anyio
@pytest.mark.parametrize(("mutation", "member"), declared())
async def test_the_member_is_reached(api: Api, mutation: str, member: str) -> None:
    assert (mutation, member) in SCENARIOS, "no test reaches this member: write one"

    assert (await SCENARIOS[mutation, member](api))["__typename"] == member


def test_every_scenario_is_declared() -> None:
    assert set(SCENARIOS) == set(declared())


def test_every_expected_failure_has_exactly_one_face() -> None:
    faces = [exception for exception, _ in (*errors.FACES, *customers.FACES)]

    def leaves(kind: type[Expected]) -> list[type[Expected]]:
        below = [leaf for sub in kind.__subclasses__() for leaf in leaves(sub)]
        return below or [kind]

    assert {leaf: sum(issubclass(leaf, face) for face in faces) for leaf in leaves(Expected)} == dict.fromkeys(
        leaves(Expected), 1
    )


@reaches("createCustomer", "CreateCustomerSuccess")
async def _(api: Api) -> Any:
    return await api.create(externalId="acme")


@reaches("createCustomer", "ValidationErrors")
async def _(api: Api) -> Any:
    return await api.create(externalId="")


@reaches("createCustomer", "IdempotencyConflict")
async def _(api: Api) -> Any:
    await api.created("key", externalId="acme")
    return await api.create("key", externalId="other")


@reaches("createCustomer", "ParentNotFound")
async def _(api: Api) -> Any:
    return await api.create(externalId="acme", parentCustomerExternalId="nobody")


@reaches("createCustomer", "HierarchyConflict")
async def _(api: Api) -> Any:
    for level in range(10):
        parent = f"level-{level - 1}" if level else None
        await api.created(externalId=f"level-{level}", parentCustomerExternalId=parent)
    return await api.create(externalId="too-deep", parentCustomerExternalId="level-9")


@reaches("createCustomer", "ExternalIdTaken")
async def _(api: Api) -> Any:
    await api.created(externalId="acme")
    return await api.create(externalId="acme")


@reaches("createCustomer", "IntegrationTaken")
async def _(api: Api) -> Any:
    await api.created(externalId="acme", integrationEntityMapping=LINK)
    return await api.create(externalId="other", integrationEntityMapping=LINK)
