"""Pages of an ordered list, by position and never by number: rows that come and go elsewhere move none of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import Column, ColumnElement, FromClause, bindparam, tuple_

T = TypeVar("T")
U = TypeVar("U")

# A row's place in its list: what the list is ordered by, then the id, which breaks ties.
Position: TypeAlias = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Window:
    """`size` rows from the list's beginning, or after `start`; `backward`: from its end, or before `start`.

    `inclusive`: the row at `start` itself counts too, if it is still there.
    """

    size: int
    start: Position | None = None
    backward: bool = False
    inclusive: bool = False

    def parameters(self) -> dict[str, Any]:
        """What `Keyset`'s statements are executed with."""
        key, id = self.start or (None, None)
        return {"size": self.size + 1, **({"start_key": key, "start_id": id} if self.start else {})}


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the list's order; `more`: others follow in the direction in which it was read."""

    rows: Sequence[T]
    more: bool

    def map(self, face: Callable[[T], U]) -> "Page[U]":
        return Page([face(row) for row in self.rows], self.more)

    @classmethod
    def of(cls, read: Sequence[T], window: Window) -> "Page[T]":
        """From one row more than was asked for, in the direction in which they were read."""
        rows = read[: window.size]
        return cls(rows[::-1] if window.backward else rows, more=len(read) > window.size)


@dataclass(frozen=True, slots=True)
class Keyset:
    """A list's order as SQL, in the direction in which a window reads it. Binds `size`, `start_key` and `start_id`."""

    key: ColumnElement[Any]
    id: ColumnElement[Any]
    descending: bool
    bounded: bool
    inclusive: bool

    @classmethod
    def of(cls, key: Column[Any], id: Column[Any], *, descending: bool, window: Window) -> "Keyset":
        return cls(key, id, descending != window.backward, window.start is not None, window.inclusive)

    def on(self, alias: FromClause) -> "Keyset":
        """The same order of an alias of the table."""
        return replace(self, key=alias.c[str(self.key.key)], id=alias.c[str(self.id.key)])

    @property
    def order(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        return (self.key.desc(), self.id.desc()) if self.descending else (self.key.asc(), self.id.asc())

    @property
    def beyond(self) -> list[ColumnElement[bool]]:
        """What keeps to the rows beyond the window's start: one comparison, so that an index can begin there."""
        if not self.bounded:
            return []
        row = tuple_(self.key, self.id)
        start = tuple_(bindparam("start_key", type_=self.key.type), bindparam("start_id", type_=self.id.type))
        if self.inclusive:
            return [row <= start if self.descending else row >= start]
        return [row < start if self.descending else row > start]
