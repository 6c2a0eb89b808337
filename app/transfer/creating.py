"""Rows of new customers, stored set-wise; and what becomes of one whose customer is there already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from app.customers import insertion, setwise
from app.customers.drafts import Draft
from app.customers.errors import CustomerArchived, ExternalIdTaken, ParentNotFound
from app.customers.lookup import ByExternalId
from app.customers.models import CustomerStatus
from app.customers.tables import Customer
from app.customers.upserting import Upsert, UpsertOutcome
from app.errors import Expected
from app.transfer.outcomes import WAITING, IdTaken, Outcome
from app.transfer.progress import OnConflict, Run
from app.transfer.rows import Good, draft_of


@dataclass(slots=True)
class Arrival:
    """Rows that come into an environment in one transaction. `drafts` are those that were made already, by line."""

    connection: Connection
    run: Run
    at: datetime
    drafts: Mapping[int, Draft]
    became: dict[int, Outcome] = field(default_factory=dict)

    def create(self, rows: Sequence[Good]) -> None:
        drafts: list[tuple[Good, Draft]] = []
        held: dict[str, Customer | None] = dict(self._by_ids(rows, lock=False))
        for row in rows:
            if row.new.id in held:
                self.became[row.line] = self._met(row, IdTaken(), held[row.new.id])
                continue
            drafts.append((row, self.drafts.get(row.line) or draft_of(self.run, row.new, self.at)))
            if row.new.id:
                held[row.new.id] = None
        insertion.store(self.connection, [draft for _, draft in drafts])
        for row, draft in drafts:
            match draft.outcome:
                case ExternalIdTaken() as error:
                    self.became[row.line] = self._met(row, error, error.existing)
                case ParentNotFound():
                    self.became[row.line] = WAITING
                case Expected() as error:
                    self.became[row.line] = error
                case _:
                    self.became[row.line] = "created"

    def _met(self, row: Good, error: Expected, existing: Customer | None) -> Outcome:
        if self.run.on_conflict is OnConflict.SKIP:
            return "skipped"
        if self.run.on_conflict is OnConflict.FAIL or existing is None:
            return error
        return misfit(row, existing) or self.apply(self.upsert_of(row))

    def there(self, rows: Sequence[Good], *, lock: bool) -> dict[int, Customer]:
        """By line, the customers that the rows mean: by the id that they give, or by the external id."""
        named = setwise.published(self.connection, [self.run.scoped(row.new.external_id) for row in rows], lock=lock)
        by_id = self._by_ids(rows, lock=lock)
        found = {
            row.line: by_id.get(row.new.id or "") or named.get(self.run.scoped(row.new.external_id)) for row in rows
        }
        return {line: customer for line, customer in found.items() if customer}

    def _by_ids(self, rows: Sequence[Good], *, lock: bool) -> dict[str, Customer]:
        given = [self.run.scoped(row.new.id) for row in rows if row.new.id]
        return {id: customer for (*_, id), customer in setwise.stored(self.connection, given, lock=lock).items()}

    def upsert_of(self, row: Good) -> Upsert:
        return Upsert(actor=self.run.actor, by=ByExternalId(row.new.external_id), new=row.new, at=self.at)

    def apply(self, upsert: Upsert) -> Outcome:
        try:
            with self.connection.begin_nested():
                upserted = upsert.apply(self.connection)
        except ParentNotFound:
            return WAITING
        except Expected as failure:
            # Upserting speaks of the call's `input`; a file has columns.
            failure.path = failure.path[1:]
            return failure
        return "unchanged" if upserted.outcome is UpsertOutcome.UNCHANGED else "updated"


def misfit(row: Good, existing: Customer) -> Expected | None:
    """Why the row can't change the customer that it means."""
    if existing.status != CustomerStatus.PUBLISHED:
        return CustomerArchived(("id",))
    return None if existing.external_id == row.new.external_id else IdTaken()
