"""The first rows of each of many groups, in one statement that reads no more of a group than it answers."""

from collections.abc import Callable
from typing import Any

import sqlalchemy
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    Table,
    TableValuedAlias,
    and_,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.database.joins import CrossJoin
from app.database.statements import columns_of
from app.database.types import Json


def listed(engine: str, parameter: str) -> TableValuedAlias:
    """The texts that a parameter lists, as a table with the column `value`."""
    if engine == "sqlite":  # It has no arrays.
        return func.json_each(bindparam(parameter, type_=Json)).table_valued("value", name="listed")
    texts = bindparam(parameter, type_=ARRAY(sqlalchemy.Text))
    return func.unnest(texts).table_valued("value", name="listed").render_derived()


def first_of_each(
    engine: str,
    table: Table,
    first: Callable[[FromClause, ColumnElement[Any]], Select[Any]],
    scope: Callable[[FromClause], ColumnElement[bool]],
    id: Column[Any],
) -> Select[Any]:
    """All columns of the rows that `first` selects the ids of, for each group that the parameter `groups` names.

    `first(table, group)` has an order and a limit; it works on an alias of the table.
    """
    groups = listed(engine, "groups")
    inner = first(table.alias("of_group"), groups.c.value)
    if engine == "postgresql":
        ids = inner.lateral("ids")
        chosen = groups.join(ids, true()).join(table, and_(scope(table), id == ids.c.id))
    else:
        # It has no LATERAL; a subquery of IN may look at the rows before it all the same. Without statistics it would
        # read every row of the tenant's for each of the groups.
        chosen = CrossJoin(groups, table, and_(scope(table), id.in_(inner.correlate(groups))))
    return select(*columns_of(table)).select_from(chosen)
