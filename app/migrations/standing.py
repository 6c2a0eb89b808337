"""Where a database stands in the schema's history.

Told without Alembic, which takes a quarter of a server's start to import and is needed only where something is moved.
"""

import sqlite3
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, create_engine, inspect, text

from app.database import Database
from app.errors import Unusable

VERSIONS = Path(__file__).with_name("versions")
TABLE = "alembic_version"


@cache
def revisions() -> tuple[str, ...]:
    """Every revision that this version knows, the first first: its file's name begins with it."""
    return tuple(sorted(file.stem.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py")))


def revision(connection: Connection) -> str | None:
    """Where the database stands; None when it is empty."""
    if not inspect(connection).has_table(TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar_one_or_none()  # noqa: S608 - ours


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
    if at is not None and at not in revisions():
        raise Unusable("The database was made by a newer version of Billfolk. Install that version.")
    return at == revisions()[-1]


def check(connection: Connection) -> None:
    """Refuse a database that this version can't serve."""
    require(revision(connection))


def require(at: str | None) -> None:
    if not is_current(at):
        raise Unusable("The database's schema is out of date. Run: python -m app migrate")
