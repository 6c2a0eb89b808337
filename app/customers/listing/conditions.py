"""A filter as SQL: fixed conditions with names, so that a statement is built once for all filters of one shape."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)

from app.customers.listing import search
from app.customers.listing.filters import Between, CustomerFilter
from app.customers.tables import CUSTOMERS
from app.database import Json, Text

C = CUSTOMERS.c

# With these, few customers are left, and an index finds them.
PINNED = frozenset({"id", "external_id", "email", "parent_customer_id"})


def of_status(status: str, customers: FromClause = CUSTOMERS) -> ColumnElement[bool]:
    """In the statement itself: an index of published customers only serves what says so before it is executed."""
    is_it: ColumnElement[bool] = customers.c.status == literal_column(f"'{status}'")
    return is_it if status == "PUBLISHED" else and_(is_it, customers.c.status != literal_column("'PUBLISHED'"))


def _among(name: str) -> ColumnElement[bool]:
    return C[name].in_(bindparam(name, expanding=True, type_=C[name].type))


def _ranges(name: str) -> dict[str, ColumnElement[bool]]:
    def bound(end: str) -> Any:
        return bindparam(f"{name}_{end}", type_=C[name].type)

    return {
        f"{name}_gte": C[name] >= bound("gte"),
        f"{name}_gt": C[name] > bound("gt"),
        f"{name}_lte": C[name] <= bound("lte"),
        f"{name}_lt": C[name] < bound("lt"),
    }


_COMMON: Mapping[str, ColumnElement[bool]] = {
    **{name: _among(name) for name in ("id", "external_id", "email", "address_country", "parent_customer_id")},
    **_ranges("created_at"),
    **_ranges("updated_at"),
    "has_parent": C.parent_customer_id.is_not(None),
    "has_no_parent": C.parent_customer_id.is_(None),
}

_wanted = func.json_each(bindparam("metadata", type_=Json)).table_valued("key", "value", name="wanted")
_has = func.json_each(C.metadata_).table_valued("key", "value", name="has")

_METADATA: Mapping[str, ColumnElement[bool]] = {
    "sqlite": case(
        # Most have not, which is found out ten times faster than what they have; SQLite would go the other way round.
        (func.instr(type_coerce(C.metadata_, Text), bindparam("metadata_hint", type_=Text)) == 0, false()),
        else_=~exists(
            select(_wanted.c.key).where(
                ~exists(select(_has.c.key).where(_has.c.key == _wanted.c.key, _has.c.value == _wanted.c.value))
            )
        ),
    ),
    "postgresql": C.metadata_.op("@>", is_comparison=True)(bindparam("metadata", type_=Json)),
}

CONDITIONS: Mapping[str, Mapping[str, ColumnElement[bool]]] = {
    engine: {**_COMMON, **search.CONDITIONS[engine], "metadata": _METADATA[engine]} for engine in _METADATA
}


def asked(filter: CustomerFilter) -> tuple[frozenset[str], dict[str, Any]]:
    """The names of the conditions that a filter sets, and the parameters that they are executed with."""
    names: set[str] = set()
    parameters: dict[str, Any] = {}
    for name in ("id", "external_id", "email", "address_country", "parent_customer_id"):
        if among := getattr(filter, name):
            parameters[name] = among.values
    for name in ("created_at", "updated_at"):
        between: Between | None = getattr(filter, name)
        parameters |= {f"{name}_{end}": instant for end, instant in (between.bounds if between else {}).items()}
    if filter.metadata:
        parameters["metadata"] = filter.metadata
    names |= parameters.keys()
    parameters["metadata_hint"] = _hint(filter.metadata or {})
    if filter.has_parent is not None:
        names.add("has_parent" if filter.has_parent else "has_no_parent")
    if text := filter.searched:
        names.add(search.kind(text))
        parameters |= search.parameters(text)
    return frozenset(names), parameters


def _hint(pairs: Mapping[str, str]) -> str:
    """The longest value that every way of writing JSON writes as it is, and its quotes."""
    plain = (f'"{value}"' for value in pairs.values() if re.fullmatch(r"[ !#-.0-\[\]-~]*", value))
    return max(plain, key=len, default="")


def every(engine: str, names: frozenset[str]) -> ColumnElement[bool]:
    return and_(true(), *(CONDITIONS[engine][name] for name in sorted(names)))
