"""Parents: found by either id, alive, and not too far down."""

from collections.abc import Collection

from sqlalchemy import Connection, and_, func, literal, select, tuple_

from app.customers.lookup import Scoped
from app.customers.tables import CUSTOMERS

# A root is level 1; a customer on level 10 has 9 ancestors, and can have no children.
DEEPEST_LEVEL = 10


def levels(connection: Connection, wanted: Collection[Scoped]) -> dict[Scoped, int]:
    """On which level of its tree each customer stands, by (tenant, environment, id)."""
    c = CUSTOMERS.c
    line = (
        select(c.tenant_id, c.environment_id, c.id.label("start"), c.parent_customer_id, literal(1).label("level"))
        .where(tuple_(c.tenant_id, c.environment_id, c.id).in_(wanted))
        .cte("line", recursive=True)
    )
    above = CUSTOMERS.alias("above").c
    line = line.union_all(
        select(line.c.tenant_id, line.c.environment_id, line.c.start, above.parent_customer_id, line.c.level + 1).where(
            and_(
                above.tenant_id == line.c.tenant_id,
                above.environment_id == line.c.environment_id,
                above.id == line.c.parent_customer_id,
                # No cycle can be stored; should one be, this ends all the same.
                line.c.level <= DEEPEST_LEVEL,
            )
        )
    )
    start = (line.c.tenant_id, line.c.environment_id, line.c.start)
    found = connection.execute(select(*start, func.max(line.c.level)).group_by(*start))
    return {(tenant_id, environment_id, id): level for tenant_id, environment_id, id, level in found}
