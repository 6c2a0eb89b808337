"""What makes `search_text` quick to search: every three characters in a row (trigrams), indexed. Metadata, too.

PostgreSQL keeps them itself, by its extension pg_trgm. On SQLite they are in an FTS5 table beside `customers`, which
triggers keep in step; a migration that copies `customers`, as SQLite's often must, has to make the triggers anew.
"""

from sqlalchemy import DDL, ExecutableDDLElement, Table, event

# pg_trgm for the trigrams; btree_gin so that the tenant can stand beside them, and no tenant pays for others' texts.
EXTENSIONS = ("CREATE EXTENSION IF NOT EXISTS pg_trgm", "CREATE EXTENSION IF NOT EXISTS btree_gin")

# Here and not in the model: SQLite has no such indexes, and Alembic would miss them there.
POSTGRESQL = (
    "CREATE INDEX ix_customers_search_text ON customers USING gin (tenant_id, search_text gin_trgm_ops)",
    "CREATE INDEX ix_customers_metadata ON customers USING gin (tenant_id, metadata jsonb_path_ops)",
)

# The rows have numbers of their own: VACUUM may change SQLite's rowids of a table whose key is no integer.
# The index keeps no copy of a text (`content=''`), and so forgets it for good.
SQLITE = (
    """
    CREATE TABLE customers_search_rows (
        number INTEGER PRIMARY KEY,
        tenant_id TEXT NOT NULL,
        environment_id TEXT NOT NULL,
        id TEXT NOT NULL,
        UNIQUE (tenant_id, environment_id, id)
    ) STRICT
    """,
    """
    CREATE VIRTUAL TABLE customers_search USING fts5 (
        lines, tokenize='trigram case_sensitive 1', content='', columnsize=0, detail='none'
    )
    """,
    # Each line begins after a line break: so does what begins with two given characters.
    """
    CREATE TRIGGER customers_search_insert AFTER INSERT ON customers BEGIN
        INSERT INTO customers_search_rows (tenant_id, environment_id, id)
        VALUES (new.tenant_id, new.environment_id, new.id);
        INSERT INTO customers_search (rowid, lines)
        SELECT number, char(10) || new.search_text FROM customers_search_rows
        WHERE tenant_id = new.tenant_id AND environment_id = new.environment_id AND id = new.id;
    END
    """,
    """
    CREATE TRIGGER customers_search_update AFTER UPDATE OF search_text ON customers
    WHEN new.search_text <> old.search_text BEGIN
        INSERT INTO customers_search (customers_search, rowid, lines)
        SELECT 'delete', number, char(10) || old.search_text FROM customers_search_rows
        WHERE tenant_id = old.tenant_id AND environment_id = old.environment_id AND id = old.id;
        INSERT INTO customers_search (rowid, lines)
        SELECT number, char(10) || new.search_text FROM customers_search_rows
        WHERE tenant_id = new.tenant_id AND environment_id = new.environment_id AND id = new.id;
    END
    """,
    """
    CREATE TRIGGER customers_search_delete AFTER DELETE ON customers BEGIN
        INSERT INTO customers_search (customers_search, rowid, lines)
        SELECT 'delete', number, char(10) || old.search_text FROM customers_search_rows
        WHERE tenant_id = old.tenant_id AND environment_id = old.environment_id AND id = old.id;
        DELETE FROM customers_search_rows
        WHERE tenant_id = old.tenant_id AND environment_id = old.environment_id AND id = old.id;
    END
    """,
)


def attach(customers: Table) -> None:
    """Make it all with the table, on either engine."""
    for statement in EXTENSIONS:
        event.listen(customers, "before_create", _ddl(statement, "postgresql"))
    for dialect, statements in (("postgresql", POSTGRESQL), ("sqlite", SQLITE)):
        for statement in statements:
            event.listen(customers, "after_create", _ddl(statement, dialect))


def _ddl(statement: str, dialect: str) -> ExecutableDDLElement:
    return DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # it is untyped
