"""Customers and their links to providers, as stored. CHECKs repeat the model's limits in the database."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.customers import searchable
from app.customers.models import PROVIDER_ID, CustomerStatus, IntegrationProvider, NewCustomer
from app.database import Json, Text, Timestamp, table_of
from app.texts import TextRule

SCOPE = ("tenant_id", "environment_id")
PUBLISHED = text("status = 'PUBLISHED'")
NOT_PUBLISHED = text("status <> 'PUBLISHED'")
HAS_COUNTRY = text("address_country IS NOT NULL")


def length_check(table: str, column: str, rule: TextRule) -> CheckConstraint:
    """The rule's limits as a CHECK; `length` counts characters on both engines."""
    return CheckConstraint(f"length({column}) BETWEEN {rule.least} AND {rule.most}", name=f"ck_{table}_{column}_length")


def length_checks(table: str, model: type[BaseModel]) -> list[CheckConstraint]:
    """A CHECK for each text of the model that is bounded."""
    return [
        length_check(table, name, rule)
        for name, field in model.model_fields.items()
        for rule in field.metadata
        if isinstance(rule, TextRule) and rule.most is not None
    ]


def one_of(table: str, column: str, choices: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


class Customer(SQLModel, table=True):
    """A customer as it stands now, in the caller's terms."""

    __tablename__ = "customers"

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    external_id: str = Field(sa_type=Text)
    name: str | None = Field(default=None, sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    contact: str | None = Field(default=None, sa_type=Text)
    address_line1: str | None = Field(default=None, sa_type=Text)
    address_line2: str | None = Field(default=None, sa_type=Text)
    address_city: str | None = Field(default=None, sa_type=Text)
    address_state: str | None = Field(default=None, sa_type=Text)
    address_postal_code: str | None = Field(default=None, sa_type=Text)
    address_country: str | None = Field(default=None, sa_type=Text)
    timezone: str = Field(sa_type=Text)
    # Not `metadata`: SQLAlchemy keeps that name of every model for itself.
    metadata_: dict[str, str] = Field(sa_column=Column("metadata", Json, key="metadata_", nullable=False))
    parent_customer_id: str | None = Field(default=None, sa_type=Text)
    status: str = Field(sa_type=Text)
    version: int = Field(sa_type=Integer)
    created_at: datetime = Field(sa_type=Timestamp)
    updated_at: datetime = Field(sa_type=Timestamp)
    created_by: str = Field(sa_type=Text)
    updated_by: str = Field(sa_type=Text)
    # The name casefolded, or empty: NULLs and collations sort differently on each engine.
    sort_name: str = Field(sa_type=Text)
    search_text: str = Field(sa_type=Text)

    __table_args__ = (
        ForeignKeyConstraint(
            [*SCOPE, "parent_customer_id"],
            ["customers.tenant_id", "customers.environment_id", "customers.id"],
            name="fk_customers_parent",
        ),
        # No foreign key to the environment: each create would lock its one row, and a key only exists with it.
        Index(
            "uq_customers_external_id",
            *SCOPE,
            "external_id",
            unique=True,
            sqlite_where=PUBLISHED,
            postgresql_where=PUBLISHED,
        ),
        # A list is of one status, or a merge of lists that are: so each of them is read in its order, from an index.
        Index("ix_customers_status_created_at", *SCOPE, "status", "created_at", "id"),
        Index("ix_customers_status_updated_at", *SCOPE, "status", "updated_at", "id"),
        Index("ix_customers_status_sort_name", *SCOPE, "status", "sort_name", "id"),
        Index("ix_customers_parent_status", *SCOPE, "parent_customer_id", "status", "created_at", "id"),
        # With the status too, or SQLite would take these for no better than those above.
        Index("ix_customers_status_email", *SCOPE, "status", "email"),
        Index(
            "ix_customers_status_external_id",
            *(*SCOPE, "status", "external_id"),
            sqlite_where=NOT_PUBLISHED,
            postgresql_where=NOT_PUBLISHED,
        ),
        Index(
            "ix_customers_status_country",
            *(*SCOPE, "status", "address_country"),
            sqlite_where=HAS_COUNTRY,
            postgresql_where=HAS_COUNTRY,
        ),
        *length_checks("customers", NewCustomer),
        one_of("customers", "status", CustomerStatus),
        CheckConstraint("version >= 1", name="ck_customers_version"),
        CheckConstraint("parent_customer_id <> id", name="ck_customers_parent"),
        {"sqlite_strict": True},
    )


class StoredMapping(SQLModel, table=True):
    """A provider's own id of a customer. It stays taken when the customer is archived."""

    __tablename__ = "integration_mappings"

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    customer_id: str = Field(primary_key=True, sa_type=Text)
    provider: str = Field(primary_key=True, sa_type=Text)
    provider_id: str = Field(sa_type=Text)

    __table_args__ = (
        ForeignKeyConstraint(
            [*SCOPE, "customer_id"],
            ["customers.tenant_id", "customers.environment_id", "customers.id"],
            name="fk_integration_mappings_customer",
        ),
        UniqueConstraint(*SCOPE, "provider", "provider_id", name="uq_integration_mappings_provider_id"),
        one_of("integration_mappings", "provider", IntegrationProvider),
        length_check("integration_mappings", "provider_id", PROVIDER_ID),
        {"sqlite_strict": True},
    )


CUSTOMERS, MAPPINGS = table_of(Customer), table_of(StoredMapping)
searchable.attach(CUSTOMERS)
