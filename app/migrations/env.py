"""What Alembic runs: one connection that its caller opened, or SQL that somebody is to read."""

from alembic import context
from sqlmodel import SQLModel

import app.customers.tables
import app.events
import app.idempotency
import app.identity.tables
import app.secrets
import app.transfer.tables  # noqa: F401
from app.migrations import live

# Made by statements beside the models, which say nothing of them: see `app.customers.searchable`.
UNMODELLED = ("customers_search", "ix_customers_search_text", "ix_customers_metadata")

connection = context.config.attributes.get("connection")
dialect = connection.dialect.name if connection else context.config.attributes["dialect"]
context.configure(
    connection=connection,
    dialect_name=dialect,
    dialect_opts={"paramstyle": "named"},
    literal_binds=context.is_offline_mode(),
    target_metadata=SQLModel.metadata,
    # SQLite can't alter a table in place: it is copied.
    render_as_batch=dialect == "sqlite",
    compare_type=True,
    include_name=lambda name, _type, _parents: not (name or "").startswith(UNMODELLED),
    # A migration that leaves its transaction, to build an index, must not leave those before it half done.
    transaction_per_migration=True,
    transactional_ddl=True,
)
if context.is_offline_mode() and dialect == "postgresql":
    for statement in live.TIMEOUTS:
        context.execute(statement)
with context.begin_transaction():
    context.run_migrations()
