"""the indexes of lists."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.migrations import live

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCOPE = ("tenant_id", "environment_id")
NOT_PUBLISHED = sa.text("status <> 'PUBLISHED'")
HAS_COUNTRY = sa.text("address_country IS NOT NULL")

NEW: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "ix_customers_status_created_at": ((*SCOPE, "status", "created_at", "id"), {}),
    "ix_customers_status_updated_at": ((*SCOPE, "status", "updated_at", "id"), {}),
    "ix_customers_status_sort_name": ((*SCOPE, "status", "sort_name", "id"), {}),
    "ix_customers_parent_status": ((*SCOPE, "parent_customer_id", "status", "created_at", "id"), {}),
    "ix_customers_status_email": ((*SCOPE, "status", "email"), {}),
    "ix_customers_status_external_id": (
        (*SCOPE, "status", "external_id"),
        {"sqlite_where": NOT_PUBLISHED, "postgresql_where": NOT_PUBLISHED},
    ),
    "ix_customers_status_country": (
        (*SCOPE, "status", "address_country"),
        {"sqlite_where": HAS_COUNTRY, "postgresql_where": HAS_COUNTRY},
    ),
}
NEW_ON_POSTGRESQL: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "ix_customers_search_text": (
        ("tenant_id", "search_text"),
        {"postgresql_using": "gin", "postgresql_ops": {"search_text": "gin_trgm_ops"}},
    ),
    "ix_customers_metadata": (
        ("tenant_id", "metadata"),
        {"postgresql_using": "gin", "postgresql_ops": {"metadata": "jsonb_path_ops"}},
    ),
}
OLD: Mapping[str, tuple[str, ...]] = {
    "ix_customers_created_at": (*SCOPE, "created_at", "id"),
    "ix_customers_updated_at": (*SCOPE, "updated_at", "id"),
    "ix_customers_sort_name": (*SCOPE, "sort_name", "id"),
    "ix_customers_email": (*SCOPE, "email"),
    "ix_customers_parent": (*SCOPE, "parent_customer_id"),
}


def new() -> Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]]:
    return NEW if op.get_context().dialect.name == "sqlite" else {**NEW, **NEW_ON_POSTGRESQL}


def upgrade() -> None:
    for name, (columns, options) in new().items():
        live.create_index(name, "customers", columns, **options)
    for name in OLD:
        live.drop_index(name, "customers")


def downgrade() -> None:
    for name, columns in OLD.items():
        live.create_index(name, "customers", columns)
    for name in new():
        live.drop_index(name, "customers")
