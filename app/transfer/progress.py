"""Where an import stands: read and moved on in the transaction of what it stores."""

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from app.customers.setwise import Scoped
from app.database import InsertNew, is_retry
from app.errors import Unusable
from app.identity import Actor
from app.transfer.tables import IMPORTS, ROWS

_insert = InsertNew(IMPORTS, IMPORTS.c.id)


class OnConflict(StrEnum):
    """What becomes of a row whose customer is stored already."""

    FAIL = "fail"
    SKIP = "skip"
    UPDATE = "update"


@dataclass(slots=True)
class Counts:
    """What became of the rows so far. `waiting` ones have not met their parent yet."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0
    waiting: int = 0

    @property
    def good(self) -> int:
        return self.created + self.updated + self.unchanged + self.skipped

    @property
    def settled(self) -> int:
        return self.good + self.refused

    def plus(self, more: Counter[str]) -> "Counts":
        return Counts(**{name: count + more[name] for name, count in asdict(self).items()})


@dataclass(frozen=True, slots=True)
class Run:
    """One import: in whose name, of what, and how. The same again is the same import, and goes on."""

    actor: Actor
    digest: str
    on_conflict: OnConflict = OnConflict.FAIL
    onboarding: bool = False
    # What else the rows' meaning hangs on: the names that were mapped.
    meaning: tuple[tuple[str, str], ...] = ()
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def id(self) -> str:
        asked = [self.digest, self.on_conflict.value, self.onboarding, sorted(self.meaning)]
        return hashlib.sha256(orjson.dumps(asked)).hexdigest()

    @property
    def scope(self) -> dict[str, str]:
        return {"tenant_id": self.actor.tenant_id, "environment_id": self.actor.environment_id}

    def scoped(self, name: str) -> Scoped:
        return (self.actor.tenant_id, self.actor.environment_id, name)

    def rows(self) -> ColumnElement[bool]:
        """The condition of this import's own rows."""
        return and_(_within(ROWS, self), ROWS.c.import_id == self.id)


def _within(table: Table, run: Run) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in run.scope.items()))


def _is(run: Run) -> ColumnElement[bool]:
    return and_(_within(IMPORTS, run), IMPORTS.c.id == run.id)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The import's place in the database. Answers how far an earlier, interrupted run of it came."""

    run: Run

    def apply(self, connection: Connection) -> tuple[int, Counts]:
        begun = {"id": self.run.id, "position": 0, "counts": asdict(Counts()), "begun_at": self.run.begun_at}
        _insert(connection, [{**self.run.scope, **begun}])
        row = _held(connection, self.run)
        return row.position, Counts(**row.counts)


def _held(connection: Connection, run: Run) -> Any:
    statement = select(IMPORTS.c.position, IMPORTS.c.counts).where(_is(run)).with_for_update()
    row = connection.execute(statement).first()
    if row is None:
        raise Unusable("Another process has imported this file meanwhile")
    return row


def hold(connection: Connection, run: Run, position: int | None = None) -> Counts | None:
    """The counts, which nobody else can move now; None when this very step was committed, and its answer lost."""
    row = _held(connection, run)
    if position is not None and row.position != position:
        if is_retry(connection):
            return None
        raise Unusable("Another process imports this file at the same time")
    return Counts(**row.counts)


def move(connection: Connection, run: Run, counts: Counts, position: int | None = None) -> None:
    values: dict[str, Any] = {"counts": asdict(counts)}
    if position is not None:
        values["position"] = position
    connection.execute(update(IMPORTS).where(_is(run)).values(values))


@dataclass(frozen=True, slots=True)
class Ending:
    """The import is done: nothing of it is kept but what it stored."""

    run: Run

    def apply(self, connection: Connection) -> None:
        connection.execute(delete(ROWS).where(self.run.rows()))
        connection.execute(delete(IMPORTS).where(_is(self.run)))
