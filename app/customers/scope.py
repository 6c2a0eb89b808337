"""`lookup.within` for statements that are built once, before there is an actor."""

from sqlalchemy import ColumnElement, FromClause, and_, bindparam

from app.identity import Actor


def scoped(table: FromClause) -> ColumnElement[bool]:
    """The condition that each of them begins with. `scope` is what it is executed with."""
    return and_(table.c.tenant_id == bindparam("tenant_id"), table.c.environment_id == bindparam("environment_id"))


def scope(actor: Actor) -> dict[str, str]:
    return {"tenant_id": actor.tenant_id, "environment_id": actor.environment_id}
