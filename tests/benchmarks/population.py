"""Customers by the million, the same on each run, loaded as fast as each engine takes them."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import orjson
from sqlalchemy import make_url
from ulid_transform import ulid_at_time

from app.customers import searchable
from app.customers.creation import sortable
from app.customers.tables import CUSTOMERS
from app.database import Timestamp
from app.identity import NewKey
from app.opening import opened

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
FIRST = "Ada Åsa Boris Chloé Dmitri Élodie Fatima Georg Hana Ivan Jörg Kwame Léa Mia Noor Olga Pia Rosa Sven Ёлка 美咲"
LAST = "Smith Müller García O'Neil Kovács Nguyen Rossi Olsen Dupont Haddad Okafor Silva Novak Jensen Иванов 田中さん"
KINDS = "GmbH Inc. Ltd. SARL AB Oy Pty KK"
COUNTRIES = ["DE", "US", "FR", "GB", "SE", "JP", "IN", "BR", "NL", None]

PART = 10_000  # customers a transaction

FILL = (
    """INSERT INTO customers_search_rows (tenant_id, environment_id, id)
       SELECT tenant_id, environment_id, id FROM customers ORDER BY rowid""",
    """INSERT INTO customers_search (rowid, lines) SELECT number, char(10) || search_text
       FROM customers_search_rows JOIN customers USING (tenant_id, environment_id, id) ORDER BY number""",
)


def customers(count: int, tenant: str, environment: str) -> Iterator[dict[str, Any]]:
    """Rows of `customers`, one minute after the other; one in twenty has no name, one in twenty is archived."""
    dice = random.Random(count)  # noqa: S311 - no secret
    first, last, kinds = FIRST.split(), LAST.split(), KINDS.split()
    for number in range(count):
        at = BEGINNING + timedelta(minutes=number, microseconds=dice.randrange(1_000_000))
        external_id = f"{dice.randrange(16**8):08x}-{number}"
        person = f"{dice.choice(first)} {dice.choice(last)}"
        name = f"{person} {dice.choice(kinds)} {dice.randrange(count)}" if dice.random() < 0.95 else None
        email = f"{dice.choice(FIRST[:3])}{dice.randrange(count)}.{number}@customers.example"
        yield {
            "tenant_id": tenant,
            "environment_id": environment,
            "id": f"cust_{ulid_at_time(at.timestamp())}",
            "external_id": external_id,
            "name": name,
            "email": email,
            "address_country": dice.choice(COUNTRIES),
            "timezone": "UTC",
            "metadata": {"plan": dice.choice(["free", "pro", "team"]), "crm": str(number)},
            "status": "PUBLISHED" if dice.random() < 0.95 else "ARCHIVED",
            "version": 1,
            "created_at": at,
            "updated_at": at + timedelta(seconds=dice.randrange(10_000_000)),
            "created_by": "loader",
            "updated_by": "loader",
            **sortable(name, email, external_id),
        }


def parts(count: int, tenant: str, environment: str) -> Iterator[list[dict[str, Any]]]:
    rows = customers(count, tenant, environment)
    while part := [row for row, _ in zip(rows, range(PART), strict=False)]:
        yield part


async def load(url: str, count: int, tenant: str = "bench", environment: str = "live") -> str:
    """An empty database with so many customers, and the secret of a key to them."""
    async with opened(url) as database:
        key = await database.write(NewKey(tenant, environment))
        if database.is_sqlite:
            await asyncio.to_thread(load_sqlite, make_url(url).database or "", count, tenant, environment)
        else:
            await load_postgresql(url, count, tenant, environment)
    return key.secret


def load_sqlite(file: str, count: int, tenant: str, environment: str) -> None:
    dialect = sqlite_dialect()
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    _rows, _trigrams, *triggers = searchable.SQLITE
    for event in ("insert", "update", "delete"):
        connection.execute(f"DROP TRIGGER customers_search_{event}")
    for part in parts(count, tenant, environment):
        names = list(part[0])
        connection.execute("BEGIN")
        connection.executemany(
            f"INSERT INTO customers ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608 - ours
            [
                [
                    Timestamp().process_bind_param(value, dialect)
                    if isinstance(value, datetime)
                    else orjson.dumps(value).decode()
                    if isinstance(value, dict)
                    else value
                    for value in row.values()
                ]
                for row in part
            ],
        )
        connection.execute("COMMIT")
    # An inverted index is built in a fraction of the time that it takes to keep it up to date.
    for statement in (*FILL, *triggers, "PRAGMA wal_checkpoint(TRUNCATE)"):
        connection.execute(statement)
    connection.close()


def sqlite_dialect() -> Any:
    from sqlalchemy.dialects import sqlite

    return sqlite.dialect()


async def load_postgresql(url: str, count: int, tenant: str, environment: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        # COPY is binary, and so is its jsonb: a version, then the text.
        await connection.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            format="binary",
            encoder=lambda value: b"\x01" + orjson.dumps(value),
            decoder=lambda value: orjson.loads(value[1:]),
        )
        for statement in searchable.POSTGRESQL:
            await connection.execute(f"DROP INDEX {statement.split()[2]}")
        for part in parts(count, tenant, environment):
            await connection.copy_records_to_table(
                CUSTOMERS.name, columns=list(part[0]), records=[tuple(row.values()) for row in part]
            )
        for statement in searchable.POSTGRESQL:
            await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE customers")
    finally:
        await connection.close()
