"""Secrets that the application makes for itself, and that all its processes share through the database."""

import secrets
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, select
from sqlmodel import Field, SQLModel

from app.database import Database, InsertNew, Text, table_of

# What the cursors of lists are signed with.
CURSORS = "cursors"


class Secret(SQLModel, table=True):
    """256 random bits, in hexadecimal. Made when first needed; a row that is deleted is made anew."""

    __tablename__ = "secrets"
    __table_args__ = ({"sqlite_strict": True},)

    name: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)


SECRETS = table_of(Secret)
_insert = InsertNew(SECRETS, SECRETS.c.name)
_known: WeakKeyDictionary[Database, dict[str, bytes]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class NewSecret:
    """The secret of that name: this one, unless there is one."""

    name: str
    value: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    def apply(self, connection: Connection) -> str:
        _insert(connection, [{"name": self.name, "value": self.value}])
        return self.stored(connection) or self.value

    def stored(self, connection: Connection) -> str | None:
        return connection.execute(select(SECRETS.c.value).where(SECRETS.c.name == self.name)).scalar()


async def secret(database: Database, name: str) -> bytes:
    """The secret of that name, read once by each process."""
    known = _known.setdefault(database, {})
    if name not in known:
        new = NewSecret(name)
        value: str | None = await database.read(new.stored)
        if value is None:
            value = await database.write(new)
        known[name] = bytes.fromhex(value)
    return known[name]
