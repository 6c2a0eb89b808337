"""What happened, append-only: the audit trail of every change, and the source of webhooks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer
from sqlmodel import Field, SQLModel

from app.database import InsertAll, Json, Text, Timestamp, table_of


class EventType(StrEnum):
    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_UPDATED = "customer.updated"
    CUSTOMER_ARCHIVED = "customer.archived"
    CUSTOMER_RESTORED = "customer.restored"
    CUSTOMER_ERASED = "customer.erased"
    CUSTOMER_PARENT_CHANGED = "customer.parent_changed"
    CUSTOMER_INTEGRATION_LINKED = "customer.integration_linked"
    CUSTOMER_INTEGRATION_UNLINKED = "customer.integration_unlinked"


class Event(SQLModel, table=True):
    """One change of one customer. `changes` is `{field: {"before": …, "after": …}}`, `options` what else was asked."""

    __tablename__ = "events"

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    type: str = Field(sa_type=Text)
    customer_id: str = Field(sa_type=Text)
    # The version that the change made: the order of a customer's events, whatever the clocks said.
    customer_version: int = Field(sa_type=Integer)
    actor_id: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Timestamp)
    changes: dict[str, dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))
    options: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "environment_id", "customer_id"],
            ["customers.tenant_id", "customers.environment_id", "customers.id"],
            name="fk_events_customer",
        ),
        Index("ix_events_customer", "tenant_id", "environment_id", "customer_id", "customer_version", "id"),
        {"sqlite_strict": True},
    )


EVENTS = table_of(Event)
insert = InsertAll(EVENTS)
