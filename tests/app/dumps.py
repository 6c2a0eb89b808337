"""A schema as text, to be compared: what `alembic check` does not see (CHECKs, predicates, collations) included.

One line for each thing, sorted: the order in which columns and constraints were added is no part of the contract.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData

from app.database import Database

# What a schema is made of on PostgreSQL, in the server's own words.
CATALOG = """
WITH ours AS (
    SELECT oid, relname, relkind, relpersistence, reloptions FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'alembic_version%'
)
SELECT concat_ws(' ', 'relation', relkind, relpersistence, relname, reloptions) FROM ours
UNION ALL
SELECT concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), collname,
                 CASE WHEN attnotnull THEN 'NOT NULL' END, 'identity ' || nullif(attidentity::text, ''),
                 'generated ' || nullif(attgenerated::text, ''), 'DEFAULT ' || pg_get_expr(adbin, adrelid))
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped AND relkind <> 'i'
LEFT JOIN pg_collation c ON c.oid = attcollation
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL
SELECT concat_ws(' ', 'constraint', relname, conname, pg_get_constraintdef(c.oid),
                 CASE WHEN NOT convalidated THEN 'NOT VALID' END)
FROM ours JOIN pg_constraint c ON conrelid = ours.oid
UNION ALL
SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), CASE WHEN NOT indisvalid THEN 'INVALID' END)
FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid)) FROM ours JOIN pg_trigger t ON tgrelid = ours.oid
WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'extension', extname) FROM pg_extension
"""

SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"


def dump(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        return sorted(connection.exec_driver_sql(CATALOG).scalars())
    rows = connection.exec_driver_sql(SQLITE_SCHEMA).all()
    return sorted(line for kind, name, sql in rows for line in lines(kind, name, " ".join(sql.split())))


def lines(kind: str, name: str, sql: str) -> Iterator[str]:
    """A table's statement in parts, as SQLite keeps it: each column and constraint, and what follows them."""
    if kind != "table":
        yield f"{kind} {name}: {sql}"
        return
    inside, closing, options = sql.partition("(")[2].rpartition(")")
    assert closing, sql
    for part in (*split(inside), options.strip()):
        yield f"{kind} {name}: {part}"


def split(definitions: str) -> Iterator[str]:
    """At the commas that are in no parentheses."""
    depth, part = 0, ""
    for character in definitions:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += character
    yield part.strip()


async def made_from(metadata: MetaData, database: Database) -> list[str]:
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    return await database.read(dump)
