"""From a URL to a database that this version can serve."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError

from app import migrations
from app.database import Database, Options
from app.errors import Unusable


@asynccontextmanager
async def opened(url: str, options: Options | None = None) -> AsyncIterator[Database]:
    """The database, its schema at this version's: an empty one is given it, an outdated one is refused."""
    database = Database(url, options)
    try:
        try:
            async with database.engine.connect() as connection:
                empty = await connection.run_sync(migrations.revision) is None
            if empty:
                await database.write(migrations.Upgrade())
            await database.read(migrations.check)
        except DBAPIError as error:
            raise Unusable(f"The database can't be used: {error.orig}") from error
        except OSError as error:
            raise Unusable(f"The database can't be reached: {error}") from error
        yield database
    finally:
        await database.close()
