"""What reaches each member of the unions of customers' mutations."""

from typing import Any

from app.identity import Scope
from tests.api import Api
from tests.graph.scenarios import reaches

LINK = [{"provider": "STRIPE", "id": "cus_1"}]
MAPPING = LINK[0]
ACME = {"externalId": "acme"}

# How each mutation of a stored customer is called, beside `by`.
CHANGES: dict[str, dict[str, Any]] = {
    "updateCustomer": {"patch": {"name": "Acme"}},
    "archiveCustomer": {},
    "restoreCustomer": {},
    "setCustomerParent": {},
    "linkIntegration": {"mapping": MAPPING},
    "unlinkIntegration": {"provider": "STRIPE"},
    "eraseCustomer": {"confirmExternalId": "acme"},
}
# What may be wrong with the arguments of those that take more than names.
WRONG: dict[str, dict[str, Any]] = {
    "updateCustomer": {"patch": {"email": "nobody"}},
    "linkIntegration": {"mapping": {**MAPPING, "id": ""}},
}


async def able(api: Api) -> Api:
    """The tenant with every scope."""
    return await api.acting(*Scope)


async def change(api: Api, mutation: str, **other: Any) -> Any:
    """The mutation on the customer `acme`, which `restoreCustomer` finds archived."""
    if mutation == "restoreCustomer":
        await api.mutate("archiveCustomer", by=ACME)
    return await api.mutate(mutation, **{"by": ACME, **CHANGES[mutation], **other})


def reaches_in_each(member: str, mutations: list[str]) -> Any:
    def register(scenario: Any) -> Any:
        for mutation in mutations:

            async def one(api: Api, mutation: str = mutation) -> Any:
                return await scenario(await able(api), mutation)

            reaches(mutation, member)(one)
        return scenario

    return register


for mutation in CHANGES:

    @reaches(mutation, f"{mutation[0].upper()}{mutation[1:]}Success")
    async def _(api: Api, mutation: str = mutation) -> Any:
        await api.created(**ACME)
        return await change(await able(api), mutation)


@reaches_in_each("ValidationErrors", list(CHANGES))
async def _(api: Api, mutation: str) -> Any:
    await api.created(**ACME)
    return await change(api, mutation, **WRONG.get(mutation, {"idempotencyKey": ""}))


@reaches_in_each("IdempotencyConflict", list(CHANGES))
async def _(api: Api, mutation: str) -> Any:
    await api.created("key", **ACME)
    return await change(api, mutation, idempotencyKey="key")


@reaches_in_each("CustomerNotFound", list(CHANGES))
async def _(api: Api, mutation: str) -> Any:
    return await api.mutate(mutation, by=ACME, **CHANGES[mutation])


@reaches_in_each("CustomerArchived", [name for name in CHANGES if name not in ("restoreCustomer", "eraseCustomer")])
async def _(api: Api, mutation: str) -> Any:
    made = await api.created(**ACME)
    await api.mutate("archiveCustomer", by=ACME)
    return await change(api, mutation, by={"id": made["id"]})


@reaches_in_each("VersionConflict", list(CHANGES))
async def _(api: Api, mutation: str) -> Any:
    await api.created(**ACME)
    return await change(api, mutation, expectedVersion=9)


@reaches("restoreCustomer", "CustomerNotArchived")
async def _(api: Api) -> Any:
    await api.created(**ACME)
    return await api.mutate("restoreCustomer", by=ACME)


@reaches("updateCustomer", "ExternalIdTaken")
async def _(api: Api) -> Any:
    await api.created(**ACME)
    await api.created(externalId="other")
    return await api.mutate("updateCustomer", by=ACME, patch={"externalId": "other"})


@reaches("restoreCustomer", "ExternalIdTaken")
async def _(api: Api) -> Any:
    made = await api.created(**ACME)
    await api.mutate("archiveCustomer", by=ACME)
    await api.created(**ACME)
    return await api.mutate("restoreCustomer", by={"id": made["id"]})


@reaches("setCustomerParent", "ParentNotFound")
async def _(api: Api) -> Any:
    await api.created(**ACME)
    return await api.mutate("setCustomerParent", by=ACME, parentCustomerExternalId="nobody")


@reaches("setCustomerParent", "HierarchyConflict")
async def _(api: Api) -> Any:
    await api.created(**ACME)
    return await api.mutate("setCustomerParent", by=ACME, parentCustomerExternalId="acme")


@reaches("linkIntegration", "IntegrationTaken")
async def _(api: Api) -> Any:
    await api.created(**ACME)
    await api.created(externalId="other", integrationEntityMapping=LINK)
    return await api.mutate("linkIntegration", by=ACME, mapping=MAPPING)


@reaches("createCustomers", "CreateCustomersSuccess")
async def _(api: Api) -> Any:
    return await api.mutate("createCustomers", inputs=[ACME])


@reaches("createCustomers", "ValidationErrors")
async def _(api: Api) -> Any:
    return await api.mutate("createCustomers", inputs=[])


@reaches("createCustomers", "IdempotencyConflict")
async def _(api: Api) -> Any:
    await api.created("key", **ACME)
    return await api.mutate("createCustomers", inputs=[ACME], idempotencyKey="key")


# createCustomer and upsertCustomer take the same input, and share what can be wrong with it.
for mutation in ("createCustomer", "upsertCustomer"):

    @reaches(mutation, f"{mutation[0].upper()}{mutation[1:]}Success")
    async def _(api: Api, mutation: str = mutation) -> Any:
        return await api.mutate(mutation, input=ACME)

    @reaches(mutation, "ValidationErrors")
    async def _(api: Api, mutation: str = mutation) -> Any:
        return await api.mutate(mutation, input={"externalId": ""})

    @reaches(mutation, "IdempotencyConflict")
    async def _(api: Api, mutation: str = mutation) -> Any:
        await api.created("key", externalId="other")
        return await api.mutate(mutation, input=ACME, idempotencyKey="key")

    @reaches(mutation, "ParentNotFound")
    async def _(api: Api, mutation: str = mutation) -> Any:
        return await api.mutate(mutation, input={**ACME, "parentCustomerExternalId": "nobody"})

    @reaches(mutation, "HierarchyConflict")
    async def _(api: Api, mutation: str = mutation) -> Any:
        parent = await api.created(externalId="parent")
        await api.mutate("archiveCustomer", by={"id": parent["id"]})
        return await api.mutate(mutation, input={**ACME, "parentCustomerId": parent["id"]})

    @reaches(mutation, "IntegrationTaken")
    async def _(api: Api, mutation: str = mutation) -> Any:
        await api.created(externalId="other", integrationEntityMapping=LINK)
        return await api.mutate(mutation, input={**ACME, "integrationEntityMapping": LINK})


@reaches("createCustomer", "ExternalIdTaken")
async def _(api: Api) -> Any:
    await api.created(**ACME)
    return await api.create(**ACME)


@reaches("upsertCustomer", "CustomerNotFound")
async def _(api: Api) -> Any:
    return await api.mutate("upsertCustomer", input=ACME, expectedVersion=1)


@reaches("upsertCustomer", "VersionConflict")
async def _(api: Api) -> Any:
    await api.created(**ACME)
    return await api.mutate("upsertCustomer", input=ACME, expectedVersion=2)
