"""Tenants, their environments and their API keys, as stored."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from app.database import Text, Timestamp, table_of


class Tenant(SQLModel, table=True):
    __tablename__ = "tenants"
    __table_args__ = ({"sqlite_strict": True},)

    id: str = Field(primary_key=True, sa_type=Text)
    created_at: datetime = Field(sa_type=Timestamp)


class Environment(SQLModel, table=True):
    __tablename__ = "environments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_environments_tenant"),
        {"sqlite_strict": True},
    )

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    created_at: datetime = Field(sa_type=Timestamp)


class ApiKey(SQLModel, table=True):
    """A key as it is kept: what was shown once can't be told from its digest."""

    __tablename__ = "api_keys"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name="fk_api_keys_environment",
        ),
        # Not unique: the only index that does not begin with the tenant, which a caller's key has yet to tell.
        Index("ix_api_keys_digest", "digest"),
        {"sqlite_strict": True},
    )

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    digest: str = Field(sa_type=Text)
    scopes: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Timestamp)
    created_by: str | None = Field(default=None, sa_type=Text)
    expires_at: datetime | None = Field(default=None, sa_type=Timestamp)
    revoked_at: datetime | None = Field(default=None, sa_type=Timestamp)


TENANTS, ENVIRONMENTS, API_KEYS = table_of(Tenant), table_of(Environment), table_of(ApiKey)
