"""What a mutation does to the data, as a value: applied alone, or with others in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeGuard, TypeVar

from sqlalchemy import Connection

from app.database import postgresql

T_co = TypeVar("T_co", covariant=True)

# What became of a change: its answer, or what it raised.
Outcome = Any | Exception


class Change(Protocol[T_co]):
    """What one mutation does to the data, as a value.

    Its ids and its time are made with it, so that it may be applied again, whole and to the same effect,
    when the first transaction came to nothing or its answer was lost. It touches nothing but its connection.
    With an attribute `leaves_no_trace` that is true, what it overwrote is gone from SQLite's log too.
    """

    def apply(self, connection: Connection) -> T_co: ...


class Mergeable(Change[T_co], Protocol[T_co]):
    """A change that carries its rows, so that many are stored by one statement a table.

    `together` gives each of them the outcome that it would have had, had they been applied one after another. An
    `Expected` failure is among them and leaves nothing; what is raised is a bug of any of them.
    """

    @property
    def tenant_id(self) -> str: ...

    @staticmethod
    def together(connection: Connection, changes: Sequence[Any]) -> Sequence[Outcome]: ...


def is_mergeable(change: Change[Any]) -> TypeGuard[Mergeable[Any]]:
    return hasattr(change, "together")


def apply_all(connection: Connection, changes: Sequence[Change[Any]]) -> list[Outcome]:
    """What became of each, in one transaction. A change that raises takes its own doing back, and nobody else's.

    Raises when that can't be told apart: then all of it has to be rolled back, and each applied alone.
    """
    if len(changes) == 1:
        return [changes[0].apply(connection)]
    postgresql.give_way(connection)
    outcomes: dict[int, Outcome] = {}
    merged: dict[Callable[..., Sequence[Outcome]], list[int]] = defaultdict(list)
    for index, change in enumerate(changes):
        if is_mergeable(change):
            merged[change.together].append(index)
    for together, indexes in merged.items():
        outcomes |= zip(indexes, together(connection, [changes[index] for index in indexes]), strict=True)
    for index, change in enumerate(changes):
        if index not in outcomes:
            outcomes[index] = _apply_behind_savepoint(connection, change)
    return [outcomes[index] for index in range(len(changes))]


def _apply_behind_savepoint(connection: Connection, change: Change[Any]) -> Outcome:
    savepoint = connection.begin_nested()
    try:
        answer = change.apply(connection)
    except Exception as error:
        # This raises in its turn when the transaction itself has ended, and everybody's work with it.
        savepoint.rollback()
        return error
    savepoint.commit()
    return answer
