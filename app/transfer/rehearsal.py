"""A dry run: the very same import, into a database that is thrown away, beside the real one that is only read.

Before each batch, what the real one has of the customers that the batch may meet is copied over: so each row ends as
it would have ended. (But for one thing: how many levels an updated customer has below it is not looked up.)
"""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, select, text

from app.customers import lookup, setwise
from app.customers.lookup import within
from app.customers.tables import CUSTOMERS, MAPPINGS, Customer
from app.database import Change, Database, InsertNew, Options
from app.identity import Actor
from app.identity.tables import ENVIRONMENTS, TENANTS
from app.opening import opened
from app.transfer.batches import Batch
from app.transfer.incoming import EPOCH
from app.transfer.rows import Good

# Rows whose customers are looked up together: each may mean several, and a statement takes 32,766 parameters.
AT_ONCE = 2500

T = TypeVar("T")
Records = Sequence[dict[str, Any]]
_insert = {table: InsertNew(table, *table.primary_key) for table in (TENANTS, ENVIRONMENTS, CUSTOMERS, MAPPINGS)}


@asynccontextmanager
async def rehearsing(database: Database, actor: Actor, *, wanted: bool) -> AsyncIterator[Database]:
    """The database itself, or when a rehearsal is wanted the stage for it."""
    if not wanted:
        yield database
        return
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'rehearsal.db'}"
        async with opened(url):
            pass
        stage = Stage(url, database, actor)
        try:
            await stage.write(_Place(actor))
            yield stage
        finally:
            await stage.close()


class Stage(Database):
    """Takes every change for itself, with what the real database has to say to it."""

    def __init__(self, url: str, real: Database, actor: Actor) -> None:
        super().__init__(url, Options())
        self._real = real
        self._actor = actor

    async def write(self, change: Change[T]) -> T:
        if isinstance(change, Batch):
            good = [row for row in change.rows if isinstance(row, Good)]
            for start in range(0, len(good), AT_ONCE):
                rows = good[start : start + AT_ONCE]
                await super().write(_Copy(*await self._real.read(lambda c, rows=rows: _met(c, self._actor, rows))))
        return await super().write(change)


@dataclass(frozen=True, slots=True)
class _Place:
    """The environment, or nothing in it could be stored."""

    actor: Actor

    def apply(self, connection: Connection) -> None:
        tenant, environment = self.actor.tenant_id, self.actor.environment_id
        made = {"created_at": EPOCH}
        _insert[TENANTS](connection, [{"id": tenant, **made}])
        _insert[ENVIRONMENTS](connection, [{"tenant_id": tenant, "id": environment, **made}])


@dataclass(frozen=True, slots=True)
class _Copy:
    customers: Records
    links: Records

    def apply(self, connection: Connection) -> None:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))  # Children may come before their parents.
        _insert[CUSTOMERS](connection, self.customers)
        _insert[MAPPINGS](connection, self.links)


def _met(connection: Connection, actor: Actor, rows: Sequence[Good]) -> tuple[Records, Records]:
    """The customers whose names the rows want or refer to, all above those, and the links of them all."""
    news = [row.new for row in rows]
    here = (actor.tenant_id, actor.environment_id)
    external = {new.external_id for new in news} | {new.parent_customer_external_id for new in news}
    wanted = {new.id for new in news} | {new.parent_customer_id for new in news}
    asked = {(*here, m.provider.value, m.id) for new in news for m in new.integration_entity_mapping}
    found: dict[str, Customer] = {}
    for customers in (
        setwise.published(connection, [(*here, name) for name in external if name]).values(),
        setwise.linked(connection, list(asked)).values(),
    ):
        found |= {customer.id: customer for customer in customers}
    above = {id for id in wanted if id} - found.keys()
    while above := above | {c.parent_customer_id for c in found.values() if c.parent_customer_id} - found.keys():
        more = lookup.by_ids(connection, actor, above)
        found |= more
        above = {c.parent_customer_id for c in more.values() if c.parent_customer_id} - found.keys()
        if not more:
            break
    links = connection.execute(select(MAPPINGS).where(within(MAPPINGS, actor), MAPPINGS.c.customer_id.in_(found)))
    columns = list(CUSTOMERS.c.keys())
    return [{n: getattr(c, n) for n in columns} for c in found.values()], [dict(row._mapping) for row in links]
