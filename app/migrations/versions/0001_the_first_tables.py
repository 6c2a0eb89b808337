"""the first tables."""

import sqlalchemy as sa
from alembic import op

from app.database import Json, Text, Timestamp

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", Text, nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "environments",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("id", Text, nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_environments_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sqlite_strict=True,
    )
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("environment_id", Text, nullable=False),
        sa.Column("id", Text, nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("scopes", Text, nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("created_by", Text, nullable=True),
        sa.Column("expires_at", Timestamp(), nullable=True),
        sa.Column("revoked_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name="fk_api_keys_environment",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "environment_id", "id"),
        sqlite_strict=True,
    )
    op.create_index("ix_api_keys_digest", "api_keys", ["digest"], unique=False)

    op.create_table(
        "customers",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("environment_id", Text, nullable=False),
        sa.Column("id", Text, nullable=False),
        sa.Column("external_id", Text, nullable=False),
        sa.Column("name", Text, nullable=True),
        sa.Column("email", Text, nullable=True),
        sa.Column("contact", Text, nullable=True),
        sa.Column("address_line1", Text, nullable=True),
        sa.Column("address_line2", Text, nullable=True),
        sa.Column("address_city", Text, nullable=True),
        sa.Column("address_state", Text, nullable=True),
        sa.Column("address_postal_code", Text, nullable=True),
        sa.Column("address_country", Text, nullable=True),
        sa.Column("timezone", Text, nullable=False),
        sa.Column("metadata", Json(), nullable=False),
        sa.Column("parent_customer_id", Text, nullable=True),
        sa.Column("status", Text, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("updated_at", Timestamp(), nullable=False),
        sa.Column("created_by", Text, nullable=False),
        sa.Column("updated_by", Text, nullable=False),
        sa.Column("sort_name", Text, nullable=False),
        sa.Column("search_text", Text, nullable=False),
        sa.CheckConstraint("status IN ('PUBLISHED', 'ARCHIVED', 'DELETED')", name="ck_customers_status"),
        sa.CheckConstraint("length(address_city) BETWEEN 0 AND 100", name="ck_customers_address_city_length"),
        sa.CheckConstraint("length(address_line1) BETWEEN 0 AND 255", name="ck_customers_address_line1_length"),
        sa.CheckConstraint("length(address_line2) BETWEEN 0 AND 255", name="ck_customers_address_line2_length"),
        sa.CheckConstraint(
            "length(address_postal_code) BETWEEN 0 AND 20", name="ck_customers_address_postal_code_length"
        ),
        sa.CheckConstraint("length(address_state) BETWEEN 0 AND 100", name="ck_customers_address_state_length"),
        sa.CheckConstraint("length(contact) BETWEEN 0 AND 20", name="ck_customers_contact_length"),
        sa.CheckConstraint("length(email) BETWEEN 0 AND 254", name="ck_customers_email_length"),
        sa.CheckConstraint("length(external_id) BETWEEN 1 AND 255", name="ck_customers_external_id_length"),
        sa.CheckConstraint("length(name) BETWEEN 0 AND 255", name="ck_customers_name_length"),
        sa.CheckConstraint("parent_customer_id <> id", name="ck_customers_parent"),
        sa.CheckConstraint("version >= 1", name="ck_customers_version"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id", "parent_customer_id"],
            ["customers.tenant_id", "customers.environment_id", "customers.id"],
            name="fk_customers_parent",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "environment_id", "id"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_customers_created_at", "customers", ["tenant_id", "environment_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_customers_email", "customers", ["tenant_id", "environment_id", "email"], unique=False)
    op.create_index(
        "ix_customers_parent", "customers", ["tenant_id", "environment_id", "parent_customer_id"], unique=False
    )
    op.create_index(
        "ix_customers_sort_name", "customers", ["tenant_id", "environment_id", "sort_name", "id"], unique=False
    )
    op.create_index(
        "ix_customers_updated_at", "customers", ["tenant_id", "environment_id", "updated_at", "id"], unique=False
    )
    op.create_index(
        "uq_customers_external_id",
        "customers",
        ["tenant_id", "environment_id", "external_id"],
        unique=True,
        sqlite_where=sa.text("status = 'PUBLISHED'"),
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )

    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("environment_id", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("operation", Text, nullable=False),
        sa.Column("fingerprint", Text, nullable=False),
        sa.Column("outcome", Json(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "environment_id", "key"),
        sqlite_strict=True,
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)

    op.create_table(
        "events",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("environment_id", Text, nullable=False),
        sa.Column("id", Text, nullable=False),
        sa.Column("type", Text, nullable=False),
        sa.Column("customer_id", Text, nullable=False),
        sa.Column("customer_version", sa.Integer(), nullable=False),
        sa.Column("actor_id", Text, nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("changes", Json(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id", "customer_id"],
            ["customers.tenant_id", "customers.environment_id", "customers.id"],
            name="fk_events_customer",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "environment_id", "id"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_events_customer",
        "events",
        ["tenant_id", "environment_id", "customer_id", "customer_version", "id"],
        unique=False,
    )

    op.create_table(
        "integration_mappings",
        sa.Column("tenant_id", Text, nullable=False),
        sa.Column("environment_id", Text, nullable=False),
        sa.Column("customer_id", Text, nullable=False),
        sa.Column("provider", Text, nullable=False),
        sa.Column("provider_id", Text, nullable=False),
        sa.CheckConstraint("provider IN ('STRIPE', 'RAZORPAY', 'PAYPAL')", name="ck_integration_mappings_provider"),
        sa.CheckConstraint("length(provider_id) BETWEEN 1 AND 255", name="ck_integration_mappings_provider_id_length"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "environment_id", "customer_id"],
            ["customers.tenant_id", "customers.environment_id", "customers.id"],
            name="fk_integration_mappings_customer",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "environment_id", "customer_id", "provider"),
        sa.UniqueConstraint(
            "tenant_id", "environment_id", "provider", "provider_id", name="uq_integration_mappings_provider_id"
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("integration_mappings")
    op.drop_index("ix_events_customer", "events")

    op.drop_table("events")
    op.drop_index("ix_idempotency_keys_created_at", "idempotency_keys")

    op.drop_table("idempotency_keys")
    op.drop_index("uq_customers_external_id", "customers")
    op.drop_index("ix_customers_updated_at", "customers")
    op.drop_index("ix_customers_sort_name", "customers")
    op.drop_index("ix_customers_parent", "customers")
    op.drop_index("ix_customers_email", "customers")
    op.drop_index("ix_customers_created_at", "customers")

    op.drop_table("customers")
    op.drop_index("ix_api_keys_digest", "api_keys")

    op.drop_table("api_keys")
    op.drop_table("environments")
    op.drop_table("tenants")
