"""One transaction of an import: rows of the file, stored or kept for later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from app.customers.drafts import Draft
from app.errors import Expected
from app.transfer import outcomes, progress
from app.transfer.outcomes import WAITING, Outcome
from app.transfer.progress import Counts, OnConflict, Run
from app.transfer.rows import Bad, Good, draft_of
from app.transfer.storing import stored
from app.transfer.tables import ROWS


@dataclass(slots=True, eq=False)
class Batch:
    """Rows of the file, from a position on."""

    run: Run
    position: int
    rows: Sequence[Good | Bad]
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    drafts: Mapping[int, Draft] = field(init=False)

    def __post_init__(self) -> None:
        # Made ahead, while the database is busy with another batch; where customers may be there already, not many
        # are needed.
        ahead = self.run.on_conflict is OnConflict.FAIL
        self.drafts = {r.line: draft_of(self.run, r.new, self.at) for r in self.rows if ahead and isinstance(r, Good)}

    def apply(self, connection: Connection) -> Counts | None:
        """The counts after it; None when it was stored before, by a try whose answer was lost."""
        counts = progress.hold(connection, self.run, self.position)
        if counts is None:
            return None
        # Being stored uses a draft up: another try makes others.
        drafts, self.drafts = self.drafts, {}
        became = stored(connection, self.run, self.rows, self.at, drafts)
        self._keep(connection, became)
        counts = counts.plus(outcomes.tally(became.values()))
        progress.move(connection, self.run, counts, self.position + len(self.rows))
        return counts

    def _keep(self, connection: Connection, became: Mapping[int, Outcome]) -> None:
        """What is to be seen to later: rows that are refused, and rows that wait."""
        waiting, refused = [], []
        for row in self.rows:
            outcome = became[row.raw.line]
            kept: dict[str, Any] = {**self.run.scope, "import_id": self.run.id, "line": row.raw.line}
            if isinstance(outcome, Expected):
                problems = outcomes.kept(row.raw.line, outcome)
                refused.append({**kept, "row": row.raw.kept(), "problems": problems})
            elif outcome == WAITING and isinstance(row, Good):
                parent = {
                    "parent_id": row.new.parent_customer_id,
                    "parent_external_id": row.new.parent_customer_external_id,
                }
                waiting.append({**kept, "row": row.raw.kept(), **parent})
        for rows in (waiting, refused):
            if rows:
                connection.execute(insert(ROWS), rows)
