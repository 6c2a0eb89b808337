"""One transaction of an import: rows stored, refused, or left waiting for their parents."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, text

from app import customers
from app.customers import insertion, lookup
from app.customers.errors import CustomerArchived, ExternalIdTaken, ParentNotFound
from app.customers.insertion import Draft
from app.customers.models import CustomerStatus
from app.customers.upserting import Upsert, UpsertOutcome
from app.errors import Expected
from app.transfer import progress
from app.transfer.progress import Counts, OnConflict, Run
from app.transfer.rows import Judged, draft_of, problem_of, reasons
from app.transfer.tables import ROWS

# A look-up of a customer takes three parameters, one of a link four, and PostgreSQL's statements 32,767 of them.
MOST_AT_ONCE = 2500

# By outcome: what `Counts` calls it, or the failure.
Outcome = str | Expected
WAITING = "waiting"


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of the file, from a position on."""

    run: Run
    position: int
    rows: Sequence[Judged]
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def apply(self, connection: Connection) -> Counts | None:
        """The counts after it; None when it was stored before, by a try whose answer was lost."""
        counts = progress.hold(connection, self.run, self.position)
        if counts is None:
            return None
        outcomes = stored(connection, self.run, self.rows, self.at)
        self._keep(connection, outcomes)
        counts = counts.plus(tally(outcomes.values()))
        progress.move(connection, self.run, counts, self.position + len(self.rows))
        return counts

    def _keep(self, connection: Connection, outcomes: Mapping[int, Outcome]) -> None:
        """What is to be seen to later: rows that are refused, and rows that wait."""
        waiting, refused = [], []
        for row in self.rows:
            outcome = outcomes[row.raw.line]
            kept: dict[str, Any] = {**self.run.scope, "import_id": self.run.id, "line": row.raw.line}
            if isinstance(outcome, Expected):
                refused.append({**kept, "row": row.raw.kept(), "problems": told(row, outcome)})
            elif outcome == WAITING and row.new:
                parent = {
                    "parent_id": row.new.parent_customer_id,
                    "parent_external_id": row.new.parent_customer_external_id,
                }
                waiting.append({**kept, "row": row.raw.kept(), **parent})
        for rows in (waiting, refused):
            if rows:
                connection.execute(insert(ROWS), rows)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What PostgreSQL plans by, of tables that grow faster than it looks. Without, it checks foreign keys slowly."""

    def apply(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE customers, integration_mappings, import_rows"))


class BadRow(Expected):
    """The row itself breaks rules: its problems tell which."""

    code = "VALIDATION_FAILED"


class IdTaken(Expected):
    """A customer of this environment has the id that the file gives."""

    code = "ID_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another customer already has this id.", ("id",))


def told(row: Judged, error: Expected) -> str:
    """The reasons of a refusal, as they are kept."""
    return orjson.dumps(reasons(row.raw.line, row.problems or [problem_of(error)])).decode()


def tally(outcomes: Any) -> Counter[str]:
    return Counter("refused" if isinstance(outcome, Expected) else outcome for outcome in outcomes)


def stored(connection: Connection, run: Run, rows: Sequence[Judged], at: datetime) -> dict[int, Outcome]:
    """What became of each row, by its line."""
    outcomes: dict[int, Outcome] = {row.raw.line: BadRow("") for row in rows if row.new is None}
    for portion in _rounds([row for row in rows if row.new is not None]):
        for start in range(0, len(portion), MOST_AT_ONCE):
            _store(connection, run, portion[start : start + MOST_AT_ONCE], at, outcomes)
    return outcomes


def _rounds(rows: list[Judged]) -> Iterator[list[Judged]]:
    """Parents before their children, wherever they stand: those that refer to none of the rest, then again."""
    while rows:
        names = {name for row in rows if row.new for name in (row.new.external_id, row.new.id) if name}
        ready, rest = [], []
        held_back: set[str | None] = set()
        for row in rows:
            assert row.new  # noqa: S101 - `stored` has sorted the others out
            parent = row.new.parent_customer_external_id or row.new.parent_customer_id
            # Of two with one name the earlier comes first all the same.
            if parent in names or row.new.external_id in held_back:
                rest.append(row)
                held_back.add(row.new.external_id)
            else:
                ready.append(row)
        # Only a circle has no beginning: its rows find no parent, and say so.
        yield ready or rest
        rows = rest if ready else []


def _store(
    connection: Connection, run: Run, rows: Sequence[Judged], at: datetime, outcomes: dict[int, Outcome]
) -> None:
    drafts: list[tuple[Judged, Draft]] = []
    held = _held_ids(connection, run, rows)
    for row in rows:
        assert row.new  # noqa: S101 - `stored` has sorted the others out
        if row.new.id is None or row.new.id not in held:
            drafts.append((row, draft_of(run, row.new, at)))
            held |= {row.new.id: None} if row.new.id else {}
        else:
            outcomes[row.raw.line] = _met(connection, run, row, IdTaken(), held[row.new.id])
    insertion.store(connection, [draft for _, draft in drafts])
    for row, draft in drafts:
        match draft.outcome:
            case ExternalIdTaken() as error:
                outcomes[row.raw.line] = _met(connection, run, row, error, error.existing)
            case ParentNotFound():
                outcomes[row.raw.line] = WAITING
            case Expected() as error:
                outcomes[row.raw.line] = error
            case _:
                outcomes[row.raw.line] = "created"


def _held_ids(connection: Connection, run: Run, rows: Sequence[Judged]) -> dict[str, customers.Customer | None]:
    """The customers that have the ids which the rows give."""
    if given := [row.new.id for row in rows if row.new and row.new.id]:
        return dict(lookup.by_ids(connection, run.actor, given))
    return {}


def _met(
    connection: Connection, run: Run, row: Judged, error: Expected, existing: customers.Customer | None
) -> Outcome:
    """What becomes of a row whose customer is there already."""
    if run.on_conflict is OnConflict.SKIP:
        return "skipped"
    if run.on_conflict is OnConflict.FAIL or existing is None or row.new is None:
        return error
    if existing.status != CustomerStatus.PUBLISHED:
        return CustomerArchived(("id",))
    if existing.external_id != row.new.external_id:
        return error
    upsert = Upsert(actor=run.actor, by=lookup.ByExternalId(row.new.external_id), new=row.new)
    try:
        with connection.begin_nested():
            upserted = upsert.apply(connection)
    except ParentNotFound:
        return WAITING
    except Expected as failure:
        # Upserting speaks of the call's `input`; a file has columns.
        failure.path = failure.path[1:]
        return failure
    return "unchanged" if upserted.outcome is UpsertOutcome.UNCHANGED else "updated"
