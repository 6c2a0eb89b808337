"""Customers stored as they are, thousands at a time: with times, stages and ids that no mutation would give them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from app import ids
from app.customers.creation import sortable
from app.customers.tables import CUSTOMERS
from tests.api import Api

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Insertion:
    """Rows of `customers`, in an order in which parents come first."""

    rows: Sequence[Mapping[str, Any]]

    def apply(self, connection: Connection) -> None:
        connection.execute(insert(CUSTOMERS), self.rows)


def row(tenant: str, environment: str, external_id: str, **values: Any) -> dict[str, Any]:
    given = {"name": None, "email": None, **values}
    return {
        "tenant_id": tenant,
        "environment_id": environment,
        "id": ids.new(ids.CUSTOMER),
        "external_id": external_id,
        "address_country": None,
        "timezone": "UTC",
        "metadata_": {},
        "parent_customer_id": None,
        "status": "PUBLISHED",
        "version": 1,
        "created_at": BEGINNING,
        "updated_at": BEGINNING,
        "created_by": "test",
        "updated_by": "test",
        **sortable(given["name"], given["email"], external_id),
        **given,
    }


async def store(api: Api, customers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows, stored in the tenant's environment: each is described by some of its columns."""
    rows = [row(api.tenant, api.environment, **described) for described in customers]
    for part in batched(rows, 500):
        await api.database.write(Insertion(part))
    return rows


def batched(rows: Sequence[dict[str, Any]], size: int) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
