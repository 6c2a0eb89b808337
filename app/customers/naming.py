"""External ids under change: given up, taken back, never shared."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app.customers import lookup
from app.customers.changing import CustomerChange, Edit
from app.customers.errors import ExternalIdTaken
from app.customers.lookup import ByExternalId
from app.customers.tables import Customer
from app.errors import Path


def write_named(
    change: CustomerChange[Any], connection: Connection, customer: Customer, edit: Edit, external_id: str, path: Path
) -> Customer:
    """Write an edit after which the customer is published under the external id, or tell whose that is.

    The unique index decides, and not a look before it: whoever writes second waits for the first and then fails.
    """
    while True:
        try:
            with connection.begin_nested():
                return CustomerChange.write(change, connection, customer, edit)
        except IntegrityError:
            if holder := lookup.find(connection, change.actor, ByExternalId(external_id)):
                raise ExternalIdTaken(path, holder) from None
            # Its holder gave it up since: it is free.
