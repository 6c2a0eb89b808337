"""In which order customers are listed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column

from app.customers.tables import CUSTOMERS, Customer
from app.paging import Keyset, Position, Window


class CustomerOrderField(StrEnum):
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    NAME = "NAME"


class OrderDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


# Each is the fourth column of an index, behind the tenant, the environment and the status.
COLUMNS: dict[CustomerOrderField, Column[Any]] = {
    CustomerOrderField.CREATED_AT: CUSTOMERS.c.created_at,
    CustomerOrderField.UPDATED_AT: CUSTOMERS.c.updated_at,
    CustomerOrderField.NAME: CUSTOMERS.c.sort_name,
}


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """By one field; the id breaks ties, in the same direction."""

    field: CustomerOrderField = CustomerOrderField.CREATED_AT
    direction: OrderDirection = OrderDirection.DESC

    @property
    def column(self) -> Column[Any]:
        return COLUMNS[self.field]

    def keyset(self, window: Window) -> Keyset:
        descending = self.direction is OrderDirection.DESC
        return Keyset.of(self.column, CUSTOMERS.c.id, descending=descending, window=window)

    def position(self, customer: Customer) -> Position:
        return (getattr(customer, self.column.key), customer.id)

    def restored(self, key: Any, id: str) -> Position:
        """A position that has been through JSON."""
        return (key if self.field is CustomerOrderField.NAME else datetime.fromisoformat(key), id)


NEWEST_FIRST = CustomerOrder()
