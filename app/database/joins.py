"""Joins that SQLAlchemy has no words for."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import Join


class CrossJoin(Join):
    """A join whose order SQLite keeps. https://sqlite.org/optoverview.html#crossjoin"""

    inherit_cache = True


@compiles(CrossJoin, "sqlite")
def _cross_join(join: CrossJoin, compiler: Any, **options: Any) -> str:
    options["from_linter"] = None
    left, right = (compiler.process(side, **options) for side in (join.left, join.right))
    return f"{left} CROSS JOIN {right} ON {compiler.process(join.onclause, **options)}"
