"""The schema moved along its history, by Alembic."""

from io import StringIO

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from app.database import Database
from app.errors import Unusable
from app.migrations.session import session


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file: where the scripts are, and what they run on."""
    made = Config(output_buffer=StringIO())
    made.set_main_option("script_location", "app:migrations")
    made.attributes["connection"] = connection
    return made


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


async def upgrade(database: Database) -> None:
    async with session(database) as connection:
        # Alembic looks again where the database stands, now that nobody else can move it.
        await connection.run_sync(lambda opened: command.upgrade(config(opened), "head"))


def pending_sql(dialect: str, at: str | None) -> str:
    settings = config()
    settings.attributes["dialect"] = dialect
    try:
        command.upgrade(settings, f"{at or 'base'}:head", sql=True)
    except CommandError as error:
        raise Unusable(f"The pending migrations can't be written as SQL: {error}") from error
    assert isinstance(settings.output_buffer, StringIO)  # noqa: S101 - it is ours
    return settings.output_buffer.getvalue()
