"""What customers load in batches. Each batch has a connection of its own: none is ever shared."""

from collections.abc import Sequence
from functools import partial

from strawberry.dataloader import DataLoader

from app import customers
from app.database import Database
from app.identity import Actor
from graph.customers.types import Customer, IntegrationEntityMapping


class CustomerLoaders:
    """One request's. Nothing is cached: a later mutation of the same document may have changed it."""

    def __init__(self, actor: Actor, database: Database) -> None:
        async def by_id(ids: list[str]) -> Sequence[Customer | None]:
            found = await database.read(partial(customers.by_ids, actor=actor, customer_ids=ids))
            return [Customer.of(found[id]) if id in found else None for id in ids]

        async def integrations(ids: list[str]) -> Sequence[list[IntegrationEntityMapping]]:
            found = await database.read(partial(customers.integrations_of, actor=actor, customer_ids=ids))
            return [[IntegrationEntityMapping.of(link) for link in found[id]] for id in ids]

        self.by_id: DataLoader[str, Customer | None] = DataLoader(by_id, cache=False)
        self.integrations: DataLoader[str, list[IntegrationEntityMapping]] = DataLoader(integrations, cache=False)
