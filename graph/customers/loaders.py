"""What customers load in batches. Each batch has a connection of its own: none is ever shared."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from app import customers
from app.customers import history, tree
from app.database import Database
from app.identity import Actor
from app.paging import Page, Window
from graph.customers.events import CustomerEvent
from graph.customers.types import Customer, IntegrationEntityMapping

T = TypeVar("T")
F = TypeVar("F")


class CustomerLoaders:
    """One request's. Nothing is cached: a later mutation of the same document may have changed it."""

    def __init__(self, actor: Actor, database: Database) -> None:
        self._actor = actor
        self._database = database
        self.by_id = self._one_each(customers.by_ids, _face)
        self.integrations = self._one_each(customers.integrations_of, _links)
        self.ancestors = self._one_each(tree.ancestors_of, _faces)
        self.descendant_count = self._one_each(tree.count_descendants, int)
        self.children = self._page_each(tree.children_of, Customer.of)
        self.child_count = self._one_each(tree.count_children, int)
        self.events = self._page_each(history.events_of, CustomerEvent.of)
        self.event_count = self._one_each(history.count_events, int)

    def _one_each(self, read: Callable[..., Mapping[str, Any]], face: Callable[[Any], T]) -> DataLoader[str, T]:
        async def load(ids: list[str]) -> Sequence[T]:
            found = await self._database.read(partial(read, actor=self._actor, customer_ids=set(ids)))
            return [face(found.get(id)) for id in ids]

        return DataLoader(load, cache=False)

    def _page_each(
        self, read: Callable[..., Mapping[str, Page[Any]]], face: Callable[[Any], T]
    ) -> DataLoader[tuple[str, Window], Page[T]]:
        async def load(keys: list[tuple[str, Window]]) -> Sequence[Page[T]]:
            windows: dict[Window, set[str]] = defaultdict(set)
            for id, window in keys:
                windows[window].add(id)
            # The pages of one field are all alike: one statement for them, however many customers have one.
            found = {
                window: await self._database.read(partial(read, actor=self._actor, customer_ids=ids, window=window))
                for window, ids in windows.items()
            }
            return [found[window][id].map(face) for id, window in keys]

        return DataLoader(load, cache=False)


def _face(stored: customers.Customer | None) -> Customer | None:
    return Customer.of(stored) if stored else None


def _faces(stored: Sequence[customers.Customer] | None) -> list[Customer]:
    return [Customer.of(one) for one in stored or ()]


def _links(stored: Sequence[customers.StoredMapping] | None) -> list[IntegrationEntityMapping]:
    return [IntegrationEntityMapping.of(link) for link in stored or ()]
