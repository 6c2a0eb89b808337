"""Upserts by the thousand, of customers that stay where they are: what only describes them is written set-wise.

One look, of a few statements, tells which those are; `Upsert` itself decides what changes, and one statement a table
writes it. All else, a new parent or another link, is for `Upsert.apply`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app import events
from app.customers import lookup, setwise
from app.customers.changing import Edit, row_of
from app.customers.lookup import ByExternalId, ById
from app.customers.moving import parent_of
from app.customers.tables import CUSTOMERS, SCOPE, Customer
from app.customers.upserting import Upsert
from app.database import UpdateAll
from app.identity import Actor

_update = UpdateAll(CUSTOMERS, *SCOPE)


@dataclass(frozen=True, slots=True)
class Relations:
    """The parents that upserts name, and the links that their customers have, as they are now."""

    parents: Mapping[ById | ByExternalId, Customer]
    links: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, connection: Connection, actor: Actor, upserts: Sequence[tuple[Upsert, Customer]]) -> "Relations":
        """What the upserts look at. Call with their customers locked: then it stays so."""
        here = (actor.tenant_id, actor.environment_id)
        named = {parent for upsert, _ in upserts if (parent := parent_of(upsert.new)[0])}
        by_id = lookup.by_ids(connection, actor, [parent.id for parent in named if isinstance(parent, ById)])
        external_ids = [(*here, parent.external_id) for parent in named if isinstance(parent, ByExternalId)]
        by_external_id = setwise.published(connection, external_ids)
        linking = [customer.id for upsert, customer in upserts if upsert.gives_links]
        links = lookup.integrations_of(connection, actor, linking) if linking else {}
        return cls(
            {ById(id): customer for id, customer in by_id.items()}
            | {ByExternalId(external_id): customer for (*_, external_id), customer in by_external_id.items()},
            {id: {link.provider: link.provider_id for link in of_one} for id, of_one in links.items()},
        )

    def stay(self, upsert: Upsert, customer: Customer) -> bool:
        """Whether the customer is below the parent and linked to the ids that were sent, if any, already."""
        if upsert.gives_parent:
            parent, _ = parent_of(upsert.new)
            found = self.parents.get(parent) if parent else None
            if (found is None) != (parent is None) or (found.id if found else None) != customer.parent_customer_id:
                return False
        return not upsert.gives_links or upsert.links() == self.links.get(customer.id, {})


def write(connection: Connection, edits: Sequence[tuple[Upsert, Customer, Edit]]) -> None:
    """Store edits of different customers of one environment, and their events."""
    written = [(row_of(customer), *upsert.rows(customer, edit)) for upsert, customer, edit in edits]
    _update(connection, [{**before, **columns} for before, columns, _ in written])
    events.insert(connection, [event for *_, event in written])
