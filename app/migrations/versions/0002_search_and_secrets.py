"""search and secrets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

from app.database import Text
from app.errors import Unusable

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EXTENSIONS = ("pg_trgm", "btree_gin")

SEARCH = (
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
    """
    INSERT INTO customers_search_rows (tenant_id, environment_id, id)
    SELECT tenant_id, environment_id, id FROM customers ORDER BY tenant_id, environment_id, id
    """,
    """
    INSERT INTO customers_search (rowid, lines)
    SELECT number, char(10) || search_text FROM customers_search_rows
    JOIN customers USING (tenant_id, environment_id, id) ORDER BY number
    """,
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


def upgrade() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", Text, nullable=False),
        sa.Column("value", Text, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "sqlite":
        for statement in SEARCH:
            op.execute(statement)
        return
    for name in EXTENSIONS:
        try:
            op.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
        except DBAPIError as error:
            raise Unusable(
                f"Search needs PostgreSQL's extension {name} (of its contrib package), which this account can't "
                f"create. An administrator can: CREATE EXTENSION {name}"
            ) from error


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER customers_search_{event}")
        op.execute("DROP TABLE customers_search")
        op.execute("DROP TABLE customers_search_rows")
    else:
        for name in reversed(EXTENSIONS):
            op.execute(f"DROP EXTENSION {name}")
    op.drop_table("secrets")
