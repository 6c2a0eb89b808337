"""An environment's customers as a file that `import` takes back: all of one moment, whoever writes meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.customers import lookup
from app.customers.listing import CustomerFilter
from app.customers.lookup import ALL, within
from app.customers.models import IntegrationProvider
from app.customers.tables import CUSTOMERS, Customer, StoredMapping
from app.database import Database, record
from app.identity import Actor
from app.transfer.files import Format
from app.transfer.filters import Condition, condition
from app.transfer.formats import csv_line
from app.transfer.formulas import escaped
from app.transfer.incoming import Incoming
from app.transfer.names import INTEGRATIONS, METADATA, camel

AT_ONCE = 1000

# In the order of the model. A parent is named by its id: an archived one's external id may be another's by now.
NAMED_OTHERWISE = {METADATA, INTEGRATIONS, "parent_customer_external_id", "skip_onboarding_workflow"}
PLAIN = [name for name in Incoming.model_fields if name not in NAMED_OTHERWISE]
LINKS = [f"{camel(INTEGRATIONS)}.{provider}" for provider in IntegrationProvider]
HEADER = [*map(camel, PLAIN), METADATA, *LINKS]

Links = Sequence[StoredMapping]


async def export(
    database: Database,
    actor: Actor,
    format: Format,
    write: Callable[[str], object],
    filter: CustomerFilter | None = None,
) -> int:
    """Write the customers that the filter lets through, of every status unless it names one. How many they are."""
    where = condition(database.engine.dialect.name, filter or CustomerFilter())
    line = _csv if format is Format.CSV else _json
    async with database.engine.connect() as connection:
        if not database.is_sqlite:
            # One snapshot for all of its statements; SQLite's readers have that anyway.
            await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            if format is Format.CSV:
                write(csv_line(HEADER))
            return await connection.run_sync(lambda opened: _written(opened, actor, where, line, write))


def _written(
    connection: Connection,
    actor: Actor,
    where: Condition,
    line: Callable[[Customer, Links], str],
    write: Callable[[str], object],
) -> int:
    count = 0
    for customers in _pages(connection, actor, where):
        links = lookup.integrations_of(connection, actor, [customer.id for customer in customers])
        write("".join(line(customer, links.get(customer.id, ())) for customer in customers))
        count += len(customers)
    return count


def _pages(connection: Connection, actor: Actor, where: Condition) -> Iterator[list[Customer]]:
    after, (met, parameters) = "", where
    while True:
        rows = connection.execute(
            select(*ALL)
            .where(within(CUSTOMERS, actor), CUSTOMERS.c.id > after, met)
            .order_by(CUSTOMERS.c.id)
            .limit(AT_ONCE),
            parameters,
        )
        if not (customers := [record(Customer, row._mapping) for row in rows]):
            return
        yield customers
        after = customers[-1].id


def _state(customer: Customer) -> Mapping[str, Any]:
    values = {name: getattr(customer, name) for name in PLAIN}
    # All six digits: an instant is what it was, and the same text each time.
    values |= {name: values[name].strftime("%Y-%m-%dT%H:%M:%S.%fZ") for name in ("created_at", "updated_at")}
    return values


def _csv(customer: Customer, links: Links) -> str:
    texts = ["" if value is None else escaped(str(value)) for value in _state(customer).values()]
    linked = {link.provider: escaped(link.provider_id) for link in links}
    metadata = orjson.dumps(customer.metadata_, option=orjson.OPT_SORT_KEYS).decode() if customer.metadata_ else ""
    return csv_line([*texts, metadata, *(linked.get(provider, "") for provider in IntegrationProvider)])


def _json(customer: Customer, links: Links) -> str:
    said = {camel(name): value for name, value in _state(customer).items() if value is not None}
    said[METADATA] = customer.metadata_
    said[camel(INTEGRATIONS)] = [{"provider": link.provider, "id": link.provider_id} for link in links]
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode() + "\n"
