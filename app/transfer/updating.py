"""`--on-conflict update`: of each row what `upsertCustomer` would have made of it, one after the other."""

from collections.abc import Sequence

from app.customers import describing, hierarchy
from app.customers.changing import Edit
from app.customers.describing import Relations
from app.customers.tables import Customer
from app.customers.upserting import PARENT_FIELDS, Upsert
from app.transfer.creating import Arrival, misfit
from app.transfer.rows import Good


def hold_trees(arrival: Arrival, rows: Sequence[Good]) -> None:
    """Before any customer is held, as every move does: two that wait for each other would end in a deadlock."""
    if any(row.new.model_fields_set & PARENT_FIELDS for row in rows):
        hierarchy.hold(arrival.connection, *arrival.run.scope.values(), shared=False)


def update(arrival: Arrival, rows: Sequence[Good]) -> None:
    """Rows that need not know what became of those before them are stored together: new ones, and descriptions."""
    there = arrival.there(rows, lock=True)
    upserts = {row.line: (arrival.upsert_of(row), there[row.line]) for row in rows if row.line in there}
    relations = Relations.of(arrival.connection, arrival.run.actor, list(upserts.values()))
    new: list[Good] = []
    edits: list[tuple[Upsert, Customer, Edit]] = []
    names: set[str] = set()

    def store() -> None:
        arrival.create(new)
        describing.write(arrival.connection, edits)
        new.clear()
        edits.clear()

    for row in rows:
        name = row.new.external_id
        if name in names:
            store()
            update(arrival, [row])
        elif row.line not in upserts:
            new.append(row)
        elif error := misfit(row, there[row.line]):
            arrival.became[row.line] = error
        elif relations.stay(*upserts[row.line]):
            upsert, customer = upserts[row.line]
            edit = upsert.described(customer)
            arrival.became[row.line] = "updated" if edit else "unchanged"
            edits += [(upsert, customer, edit)] if edit else []
        else:
            store()
            arrival.became[row.line] = arrival.apply(upserts[row.line][0])
        names.add(name)
    store()
