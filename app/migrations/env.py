"""What Alembic runs: one connection that its caller opened, or SQL on standard output."""

from alembic import context
from sqlmodel import SQLModel

import app.customers.tables
import app.events
import app.idempotency
import app.identity.tables  # noqa: F401

connection = context.config.attributes.get("connection")
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    # SQLite can't alter a table in place: it is copied.
    render_as_batch=connection is not None and connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
