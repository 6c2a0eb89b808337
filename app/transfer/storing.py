"""From judged rows to what became of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.customers.drafts import Draft
from app.transfer.creating import Arrival
from app.transfer.outcomes import Outcome
from app.transfer.progress import OnConflict, Run
from app.transfer.rows import Bad, Good, rounds
from app.transfer.updating import hold_trees, update


def stored(
    connection: Connection, run: Run, rows: Sequence[Good | Bad], at: datetime, drafts: Mapping[int, Draft]
) -> dict[int, Outcome]:
    """What became of each row, by its line. `drafts` are those that were made already."""
    arrival = Arrival(connection, run, at, drafts)
    good = [row for row in rows if isinstance(row, Good)]
    arrival.became |= {row.raw.line: row.error for row in rows if isinstance(row, Bad)}
    if run.on_conflict is OnConflict.UPDATE:
        hold_trees(arrival, good)
    for portion in rounds(good):
        TAKE[run.on_conflict](arrival, portion)
    return arrival.became


def skip(arrival: Arrival, rows: Sequence[Good]) -> None:
    """Whoever is there already is left alone."""
    there = arrival.there(rows, lock=False)
    arrival.became |= dict.fromkeys(there, "skipped")
    arrival.create([row for row in rows if row.line not in there])


TAKE: Mapping[OnConflict, Callable[[Arrival, Sequence[Good]], None]] = {
    OnConflict.FAIL: Arrival.create,
    OnConflict.SKIP: skip,
    OnConflict.UPDATE: update,
}
