"""The schema's history, one for both engines, and where a database stands in it."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.errors import Unusable


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file: where the scripts are, and what they run on."""
    made = Config()
    made.set_main_option("script_location", "app:migrations")
    made.attributes["connection"] = connection
    return made


class Upgrade:
    """The change that brings the schema to this version's. Done already, it does nothing."""

    def apply(self, connection: Connection) -> None:
        command.upgrade(config(connection), "head")


def check(connection: Connection) -> None:
    """Refuse a database that this version can't serve."""
    at = revision(connection)
    scripts = ScriptDirectory.from_config(config())
    if at == scripts.get_current_head():
        return
    if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
        raise Unusable("The database was made by a newer version of Billfolk. Install that version.")
    raise Unusable("The database's schema is out of date. Run: python -m app migrate")


def revision(connection: Connection) -> str | None:
    """Where the database stands; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()
