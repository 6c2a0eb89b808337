"""The schema's history, one for both engines, and where a database stands in it."""

import sqlite3
from io import StringIO
from pathlib import Path
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine

from app.database import Database
from app.errors import Unusable
from app.migrations.session import session

__all__ = ["check", "config", "pending_sql", "require", "revision", "scripts", "session", "standing", "upgrade"]


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file: where the scripts are, and what they run on."""
    made = Config(output_buffer=StringIO())
    made.set_main_option("script_location", "app:migrations")
    made.attributes["connection"] = connection
    return made


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def revision(connection: Connection) -> str | None:
    """Where the database stands; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


async def standing(database: Database) -> str | None:
    """Where the database stands. Nothing is written: a file that does not exist is empty, and stays missing."""
    if database.is_sqlite:
        return _standing_of_file(Path(database.engine.url.database or ""))
    async with database.direct.connect() as connection:
        return await connection.run_sync(revision)


def _standing_of_file(file: Path) -> str | None:
    if not file.is_file():
        return None
    # Not by our own engine, which makes the file and sets its journal mode, and not with mode=ro: such a reader leaves
    # the side files of WAL mode behind.
    address = f"file:{quote(str(file.absolute()))}?mode=rw"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
    with engine.connect() as connection:
        return revision(connection)


def is_current(at: str | None) -> bool:
    """Whether a database that stands there has this version's schema. A later one is refused."""
    if at is not None and at not in {script.revision for script in scripts().walk_revisions()}:
        raise Unusable("The database was made by a newer version of Billfolk. Install that version.")
    return at == scripts().get_current_head()


def check(connection: Connection) -> None:
    """Refuse a database that this version can't serve."""
    require(revision(connection))


def require(at: str | None) -> None:
    if not is_current(at):
        raise Unusable("The database's schema is out of date. Run: python -m app migrate")


async def upgrade(database: Database) -> None:
    """Bring the schema to this version's. Done already, it does nothing; of several at once, one does it."""
    if is_current(await standing(database)):
        return
    async with session(database) as connection:
        # Alembic looks again where the database stands, now that nobody else can move it.
        await connection.run_sync(lambda opened: command.upgrade(config(opened), "head"))


def pending_sql(dialect: str, at: str | None) -> str:
    """What `upgrade` would execute on a database that stands there, to be read and run by hand."""
    if is_current(at):
        return ""
    settings = config()
    settings.attributes["dialect"] = dialect
    try:
        command.upgrade(settings, f"{at or 'base'}:head", sql=True)
    except CommandError as error:
        raise Unusable(f"The pending migrations can't be written as SQL: {error}") from error
    assert isinstance(settings.output_buffer, StringIO)  # noqa: S101 - it is ours
    return settings.output_buffer.getvalue()
