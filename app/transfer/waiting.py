"""Rows whose parents come later in the file: stored once those are, level by level."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, and_, bindparam, delete, exists, or_, select, update

from app.customers.errors import ParentNotFound
from app.customers.models import CustomerStatus
from app.customers.tables import CUSTOMERS
from app.errors import Expected
from app.transfer import outcomes, progress
from app.transfer.formats import Raw
from app.transfer.names import Columns
from app.transfer.outcomes import WAITING
from app.transfer.progress import Counts, Run
from app.transfer.rows import MOST_ROWS, judged
from app.transfer.storing import stored
from app.transfer.tables import ROWS

R, C = ROWS.c, CUSTOMERS.c
_same = and_(C.tenant_id == R.tenant_id, C.environment_id == R.environment_id)
_has_parent = or_(
    exists().where(_same, C.id == R.parent_id),
    exists().where(_same, C.external_id == R.parent_external_id, C.status == CustomerStatus.PUBLISHED.value),
)


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """Waiting rows after a line whose parents are stored by now. A lost answer needs no care: they wait no more."""

    run: Run
    columns: Columns
    after: int
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def apply(self, connection: Connection) -> tuple[int, Counts]:
        """The last of its lines, 0 when there were none, and the counts after it."""
        counts = progress.hold(connection, self.run) or Counts()
        found = connection.execute(
            select(R.line, R.row)
            .where(self.run.rows(), R.problems.is_(None), R.line > self.after, _has_parent)
            .order_by(R.line)
            .limit(MOST_ROWS)
        ).all()
        if not found:
            return 0, counts
        rows = [
            judged(Raw(line, orjson.loads(row)), self.columns, onboarding=self.run.onboarding) for line, row in found
        ]
        became = stored(connection, self.run, rows, self.at, {})
        refused = [(line, outcome) for line, outcome in became.items() if isinstance(outcome, Expected)]
        if refused:
            statement = update(ROWS).where(self.run.rows(), R.line == bindparam("at_line"))
            connection.execute(
                statement.values(problems=bindparam("why")),
                [{"at_line": line, "why": outcomes.kept(line, error)} for line, error in refused],
            )
        settled = [line for line, outcome in became.items() if outcome != WAITING and not isinstance(outcome, Expected)]
        if settled:
            connection.execute(
                delete(ROWS).where(self.run.rows(), R.line == bindparam("at_line")),
                [{"at_line": line} for line in settled],
            )
        counts = counts.plus(outcomes.tally(became.values()))
        counts.waiting -= len(rows)
        progress.move(connection, self.run, counts)
        return found[-1].line, counts


@dataclass(frozen=True, slots=True, eq=False)
class Orphans:
    """The rows that still wait when nothing more can come: they have no parent."""

    run: Run

    def apply(self, connection: Connection) -> Counts:
        counts = progress.hold(connection, self.run) or Counts()
        for column, name in (
            (R.parent_id, "parent_customer_id"),
            (R.parent_external_id, "parent_customer_external_id"),
        ):
            refused = connection.execute(
                update(ROWS)
                .where(self.run.rows(), R.problems.is_(None), column.is_not(None))
                # The line is put in when they are told.
                .values(problems=outcomes.kept(0, ParentNotFound((name,))))
            )
            counts.refused += refused.rowcount
            counts.waiting -= refused.rowcount
        progress.move(connection, self.run, counts)
        return counts
