"""createCustomers' change: up to a thousand customers, each with the outcome that it would have had alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from app import idempotency
from app.customers import insertion, lookup
from app.customers.creation import Creation
from app.customers.drafts import Created
from app.customers.errors import ExternalIdTaken, IntegrationTaken
from app.customers.models import NewCustomer
from app.customers.remembering import recalled, remembered
from app.errors import Expected
from app.identity import Actor
from app.validation import FieldProblem, Invalid, judge, judge_key

OPERATION = "createCustomers"
MOST_ROWS = 1000

# What became of one row; None when it was good, and another row's failure kept it from being stored.
Row = Created | Expected | None


class OnError(StrEnum):
    SKIP = "SKIP"
    ABORT = "ABORT"


@dataclass(frozen=True, slots=True)
class CreatedMany:
    rows: Sequence[Row]
    replayed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CreationOfMany:
    """Rows to be made in one transaction: those that are good, or with ABORT all or none."""

    actor: Actor
    rows: Sequence[Creation | Invalid]
    on_error: OnError
    idempotency_key: str | None
    fingerprint: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def apply(self, connection: Connection) -> CreatedMany:
        with connection.begin_nested() as savepoint:
            if self.idempotency_key is not None:
                used = idempotency.claim(
                    connection, self.actor, self.idempotency_key, OPERATION, self.fingerprint, self.at
                )
                if used is not None:
                    return CreatedMany(self._recalled(connection, used.outcome["rows"]), replayed=True)
            rows = self._stored(connection)
            failed = [isinstance(row, Expected) for row in rows]
            if all(failed) or (any(failed) and self.on_error is OnError.ABORT):
                savepoint.rollback()
                return CreatedMany(undone(rows))
            if self.idempotency_key is not None:
                outcome = {"rows": [remember(row) for row in rows]}
                idempotency.settle(connection, self.actor, self.idempotency_key, outcome)
            return CreatedMany(rows)

    def _stored(self, connection: Connection) -> list[Row]:
        drafts = {index: row.draft() for index, row in enumerate(self.rows) if isinstance(row, Creation)}
        insertion.store(connection, list(drafts.values()))
        return [drafts[index].outcome if index in drafts else row for index, row in enumerate(self.rows)]  # type: ignore[misc]

    def _recalled(self, connection: Connection, kept: Sequence[Mapping[str, Any]]) -> list[Row]:
        """The rows' outcomes as they were, with the customers as they are now."""
        met = {one["customer_id"] for one in kept if one.get("customer_id")}
        customers = lookup.by_ids(connection, self.actor, met)
        rows: list[Row] = []
        for sent, one in zip(self.rows, kept, strict=True):
            if isinstance(sent, Invalid):
                rows.append(sent)
            elif "code" in one:
                rows.append(recalled(one, customers))
            else:
                rows.append(Created(customers[one["customer_id"]], replayed=True))
        return rows


def undone(rows: Sequence[Row]) -> list[Row]:
    """The outcomes after nothing was stored: whoever met another row of the same batch has met nobody."""
    gone = {row.customer.id for row in rows if isinstance(row, Created)}
    for row in rows:
        if isinstance(row, ExternalIdTaken | IntegrationTaken) and row.existing and row.existing.id in gone:
            row.existing = None
    return [row if isinstance(row, Expected) else None for row in rows]


def remember(row: Row) -> dict[str, Any]:
    """A row's outcome in ids and codes, for a replay."""
    if isinstance(row, Created):
        return {"customer_id": row.customer.id}
    return remembered(row) if row is not None and not isinstance(row, Invalid) else {}


def create_many(
    actor: Actor,
    inputs: Sequence[Mapping[str, Any]],
    on_error: OnError = OnError.SKIP,
    idempotency_key: str | None = None,
) -> CreationOfMany:
    """The change that makes a customer of each of 1 to 1,000 mappings of `NewCustomer`'s fields.

    Raises `Invalid` when there are more or none, or the key is bad; a bad row is that row's outcome.
    """
    problems = [*judge_count(len(inputs)), *judge_key(idempotency_key)]
    if problems:
        raise Invalid(problems, path=("inputs",))
    rows: list[Creation | Invalid] = []
    asked: list[Any] = []
    for index, input in enumerate(inputs):
        path = ("inputs", index)
        new, wrong = judge(NewCustomer, input, at=path)
        rows.append(Invalid(wrong, path) if new is None else Creation(actor, new, path=path))
        # What could not be judged need not be JSON either: half of a surrogate pair, say.
        asked.append(ascii(input) if new is None else new.model_dump(mode="json"))
    fingerprint = idempotency.fingerprint({"inputs": asked, "on_error": on_error.value})
    return CreationOfMany(actor, rows, on_error, idempotency_key, fingerprint)


def judge_count(count: int) -> list[FieldProblem]:
    limits = {"min": 1, "max": MOST_ROWS, "actual": count}
    if count < 1:
        return [FieldProblem("TOO_SHORT", "There must be at least one row.", ("inputs",), limits)]
    if count > MOST_ROWS:
        return [FieldProblem("TOO_MANY", f"There may be at most {MOST_ROWS} rows.", ("inputs",), limits)]
    return []
