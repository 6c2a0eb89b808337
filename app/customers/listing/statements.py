"""The statements that lists are read by, built once for each shape that a question can have."""

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, column, func, select, table, union_all
from sqlalchemy.sql.util import ClauseAdapter

from app.customers.listing.conditions import PINNED, every, of_status
from app.customers.listing.search import INDEXED
from app.customers.lookup import ALL
from app.customers.scope import scoped
from app.customers.tables import CUSTOMERS
from app.database import Text, columns_of
from app.database.joins import CrossJoin
from app.paging import Keyset

C = CUSTOMERS.c
# What no index of SQLite's can tell.
SCANS = frozenset({"metadata", "initial"})
SCOPE = scoped(CUSTOMERS)
_ENVIRONMENT = C.environment_id == bindparam("environment_id")

SEARCH = table("customers_search", column("rowid"), column("customers_search"))
NUMBERED = table("customers_search_rows", *(column(name) for name in ("number", "tenant_id", "environment_id", "id")))


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a question changes its statement. `direct` conditions are those that the order's index can tell."""

    engine: str
    statuses: tuple[str, ...]
    direct: frozenset[str]
    others: frozenset[str]

    @property
    def conditions(self) -> frozenset[str]:
        return self.direct | self.others

    @property
    def searches(self) -> frozenset[str]:
        return self.others & INDEXED.keys()

    @property
    def is_searched(self) -> bool:
        """Whether the trigrams are the best that is known of the customers."""
        return bool(self.searches) and not self.others & PINNED


@lru_cache(1024)
def in_order(shape: Shape, keyset: Keyset) -> Select[Any]:
    """The customers from the window's start on. Binds `size`."""
    return _merged(shape, keyset, every(shape.engine, shape.conditions), bindparam("size"), ALL)


@lru_cache(1024)
def sampled(shape: Shape, keyset: Keyset) -> Select[Any]:
    """Those among the next `sample` in the order of the list that meet the other conditions, too."""
    near = _merged(shape, keyset, every(shape.engine, shape.direct), bindparam("sample"), list(C)).subquery("near")
    met = ClauseAdapter(near).traverse(every(shape.engine, shape.others))
    found = select(*columns_of(near)).where(met).limit(bindparam("size"))
    if shape.engine == "sqlite":
        # It hands on the inner rows one by one, in their order, and would not see that there is nothing left to sort.
        return found
    return found.order_by(*(ClauseAdapter(near).traverse(part) for part in keyset.order))


@lru_cache(1024)
def anywhere(shape: Shape, keyset: Keyset, *, large: bool = False) -> Select[Any]:
    """The places of up to `few` customers, in no order, from whichever index finds the fewest.

    `large`: a good part of all customers is the tenant's, and an inverted index finds them faster without asking whose
    they are: for PostgreSQL, to intersect with a list of nearly all is most of the work.
    """
    mine = and_(C.tenant_id.op("||")("") == bindparam("tenant_id"), _ENVIRONMENT) if large else SCOPE
    places = [C.id.label("id"), keyset.key.label("key")]
    met = and_(every(shape.engine, shape.conditions), *_hints(shape), *keyset.beyond)
    source = _numbered() if shape.engine == "sqlite" and shape.is_searched else CUSTOMERS
    parts = [
        _scanned(shape, SCANS, select(*places).select_from(source).where(mine, of_status(status), met))
        for status in shape.statuses
    ]
    # As if all were wanted: for a few, PostgreSQL would rather read the whole table until it has met them.
    found = (parts[0] if len(parts) == 1 else union_all(*parts)).cte("found")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    return select(found.c.key, found.c.id).limit(bindparam("few"))


@lru_cache(1024)
def of_ids(shape: Shape) -> Select[Any]:
    """The customers with the ids that `ids` binds, if they still meet the conditions."""
    wanted = C.id.in_(bindparam("ids", expanding=True))
    return select(*ALL).where(SCOPE, wanted, _of_statuses(shape), every(shape.engine, shape.conditions))


@lru_cache(1024)
def counted(shape: Shape) -> Select[Any]:
    met = and_(every(shape.engine, shape.conditions), *_hints(shape))
    found = select(func.count()).select_from(CUSTOMERS).where(SCOPE, _of_statuses(shape), met)
    return _scanned(shape, SCANS | INDEXED.keys(), found)


@lru_cache(1024)
def texts(shape: Shape, keyset: Keyset) -> Select[Any]:
    """What is searched of the next `some` in the order of the list."""
    return _merged(shape, keyset, every(shape.engine, shape.direct), bindparam("some"), [C.search_text])


def _merged(shape: Shape, keyset: Keyset, met: ColumnElement[bool], size: Any, columns: list[Any]) -> Select[Any]:
    """The first rows of all statuses' lists: of each the first, from an index that has them in order, then of those."""

    def of(status: str) -> Select[Any]:
        rows = select(*columns).where(SCOPE, of_status(status), met, *keyset.beyond)
        return rows.order_by(*keyset.order).limit(size)

    if len(shape.statuses) == 1:
        return of(shape.statuses[0])
    ids = [select(of(status).with_only_columns(C.id).subquery().c.id) for status in shape.statuses]
    merged = C.id.in_(union_all(*ids))
    return select(*columns).where(SCOPE, merged).order_by(*keyset.order).limit(size)


def _of_statuses(shape: Shape) -> ColumnElement[bool]:
    return C.status.in_(shape.statuses)


def _hints(shape: Shape) -> list[ColumnElement[bool]]:
    """What follows from a search, and PostgreSQL's index can tell."""
    return [INDEXED[name] for name in shape.searches] if shape.engine == "postgresql" and shape.is_searched else []


def _scanned(shape: Shape, scans: Set[str], found: Select[Any]) -> Select[Any]:
    """Where SQLite has to look at everybody: in the order in which they are stored, and not all over its file."""
    if shape.engine == "sqlite" and shape.others and shape.conditions <= scans:
        return found.with_hint(CUSTOMERS, "INDEXED BY ix_customers_status_created_at", "sqlite")
    return found


def _numbered() -> FromClause:
    """Where SQLite finds the customers who have certain trigrams."""
    asked = SEARCH.c.customers_search.op("MATCH", is_comparison=True)(bindparam("trigrams", type_=Text))
    numbered = CrossJoin(SEARCH, NUMBERED, and_(NUMBERED.c.number == SEARCH.c.rowid, asked))
    same = (NUMBERED.c[name] == C[name] for name in ("tenant_id", "environment_id", "id"))
    return CrossJoin(numbered, CUSTOMERS, and_(*same))
