"""From a URL to a database that this version can serve."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.exc import DBAPIError

from app import migrations
from app.database import Database, Options, sqlite
from app.errors import Refused, Unusable


@asynccontextmanager
async def opened(url: str, options: Options | None = None) -> AsyncIterator[Database]:
    """The database, its schema at this version's: an empty one is given it, an outdated one is refused."""
    async with connected(url, options) as database:
        with explained():
            if database.is_sqlite:
                sqlite.probe(database.engine.url)
            async with database.engine.connect() as connection:
                empty = await connection.run_sync(migrations.revision) is None
            if empty:
                await migrations.upgrade(database)
            await database.read(migrations.check)
        yield database


@asynccontextmanager
async def connected(url: str, options: Options | None = None) -> AsyncIterator[Database]:
    """The database as it is, closed afterwards."""
    database = Database(url, options)
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def explained() -> Iterator[None]:
    """What keeps the database from being used, in one line for the operator."""
    try:
        yield
    except DBAPIError as error:
        told, *_ = str(error.orig).splitlines()  # PostgreSQL's second line may show a row.
        raise Unusable(f"The database can't be used: {told}") from error
    except sqlite3.Error as error:
        raise Unusable(f"The database can't be used: {error}") from error
    except Refused as error:
        # What follows its first sentence is for callers of the API.
        raise Unusable(error.message.partition(".")[0]) from error
    except OSError as error:
        raise Unusable(f"The database can't be reached: {error}") from error
