"""Parents: found by either id, alive, and not too far down."""

from collections.abc import Collection

from sqlalchemy import Connection, and_, func, literal, select

from app.customers.errors import HierarchyCycle, HierarchyTooDeep, ParentArchived, ParentNotFound
from app.customers.lookup import ByExternalId, ById, find, within
from app.customers.models import CustomerStatus
from app.customers.setwise import OF_IDS, Scoped, among
from app.customers.tables import CUSTOMERS, Customer
from app.database import lock_in_turn
from app.errors import Path
from app.identity import Actor

# A root is level 1; a customer on level 10 has 9 ancestors, and can have no children.
DEEPEST_LEVEL = 10


def levels(connection: Connection, wanted: Collection[Scoped]) -> dict[Scoped, int]:
    """On which level of its tree each customer stands, by (tenant, environment, id)."""
    c = CUSTOMERS.c
    line = (
        select(c.tenant_id, c.environment_id, c.id.label("start"), c.parent_customer_id, literal(1).label("level"))
        .where(among(wanted, c.tenant_id, c.environment_id, c.id))
        # Or it would read through the whole environment in an index that has all these columns.
        .with_hint(CUSTOMERS, f"INDEXED BY {OF_IDS}", "sqlite")
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


def hold(connection: Connection, tenant_id: str, environment_id: str, *, shared: bool) -> None:
    """Keep the environment's trees as they are read: moves come one at a time, new leaves among themselves freely."""
    lock_in_turn(connection, f"hierarchy:{tenant_id}/{environment_id}", shared=shared)


def ancestry(connection: Connection, actor: Actor, customer_id: str) -> list[str]:
    """The ids from the customer up to its root, itself first."""
    c, above = CUSTOMERS.c, CUSTOMERS.alias("above").c
    line = (
        select(c.id, c.parent_customer_id, literal(1).label("level"))
        .where(within(CUSTOMERS, actor), c.id == customer_id)
        .cte("line", recursive=True)
    )
    line = line.union_all(
        select(above.id, above.parent_customer_id, line.c.level + 1).where(
            above.tenant_id == actor.tenant_id,
            above.environment_id == actor.environment_id,
            above.id == line.c.parent_customer_id,
            line.c.level <= DEEPEST_LEVEL,
        )
    )
    return list(connection.execute(select(line.c.id).order_by(line.c.level)).scalars())


def height(connection: Connection, actor: Actor, customer_id: str) -> int:
    """How many levels the customer's own tree has: 1 without children."""
    c, below = CUSTOMERS.c, CUSTOMERS.alias("below").c
    tree = (
        select(c.id, literal(1).label("level"))
        .where(within(CUSTOMERS, actor), c.id == customer_id)
        .cte("tree", recursive=True)
    )
    tree = tree.union_all(
        select(below.id, tree.c.level + 1).where(
            below.tenant_id == actor.tenant_id,
            below.environment_id == actor.environment_id,
            below.parent_customer_id == tree.c.id,
            tree.c.level <= DEEPEST_LEVEL,
        )
    )
    return int(connection.execute(select(func.max(tree.c.level))).scalar_one())


def unfit(parent: Customer, path: Path) -> ParentNotFound | ParentArchived | None:
    """Why nothing may be put below this customer now: it was erased, which is as if it were not there, or archived."""
    match parent.status:
        case CustomerStatus.PUBLISHED:
            return None
        case CustomerStatus.ARCHIVED:
            return ParentArchived(path)
    return ParentNotFound(path)


def new_parent(
    connection: Connection, actor: Actor, customer: Customer, parent: ById | ByExternalId | None, path: Path
) -> str | None:
    """The id of what may be put above the customer. Call with the trees held, or a cycle could slip in between.

    Who stands above it already may stay, whatever became of them: to send a whole record back changes nothing.
    Raises `ParentNotFound`, `ParentArchived`, `HierarchyCycle` or `HierarchyTooDeep`, at `path`.
    """
    if parent is None:
        return None
    found = find(connection, actor, parent)
    if found and found.id == customer.parent_customer_id:
        return found.id
    if found is None:
        raise ParentNotFound(path)
    if problem := unfit(found, path):
        raise problem
    line = ancestry(connection, actor, found.id)
    if customer.id in line:
        raise HierarchyCycle(path)
    if len(line) + height(connection, actor, customer.id) > DEEPEST_LEVEL:
        raise HierarchyTooDeep(path)
    return found.id
