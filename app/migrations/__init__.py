"""The schema's history, one for both engines, and where a database stands in it."""

from app.database import Database
from app.migrations.standing import check, is_current, require, revision, revisions, standing

__all__ = ["check", "is_current", "pending_sql", "require", "revision", "revisions", "standing", "upgrade"]


async def upgrade(database: Database) -> None:
    """Bring the schema to this version's. Done already, it does nothing; of several at once, one does it."""
    if not is_current(await standing(database)):
        from app.migrations import moving

        await moving.upgrade(database)


def pending_sql(dialect: str, at: str | None) -> str:
    """What `upgrade` would execute on a database that stands there, to be read and run by hand."""
    if is_current(at):
        return ""
    from app.migrations import moving

    return moving.pending_sql(dialect, at)
