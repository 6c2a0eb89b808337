"""Where the data lives, and how it is reached."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings

from app.database import Options


class DatabaseSettings(BaseSettings):
    """Data"""

    database_url: str = Field(
        "sqlite:///billfolk.db",
        description="Where the data lives: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://…`.",
    )
    direct_database_url: str | None = Field(
        None,
        description="With pgbouncer: PostgreSQL itself, for what needs a session of its own, such as migrations.",
    )
    database_pgbouncer: bool = Field(
        False, description="Whether `BILLFOLK_DATABASE_URL` leads to a pgbouncer in transaction mode."
    )
    database_pool_size: int = Field(10, ge=1, description="The most connections of one process.")
    database_pool_timeout: float = Field(
        5.0,
        gt=0,
        description="How long a request waits for a connection or for its commit to begin, in seconds, before it is "
        "told BUSY.",
    )
    database_queue_size: int = Field(
        1024, ge=1, description="How many changes may wait for their commit; one more is told BUSY at once."
    )
    database_batch_by_tenant: bool = Field(
        False, description="With Citus: whether a commit holds the changes of one tenant only, and so one machine's."
    )
    database_statement_timeout: float = Field(
        10.0,
        gt=0,
        description="How long a statement may take on PostgreSQL, in seconds, before it is ended as TIMEOUT.",
    )
    database_retry_timeout: float = Field(
        20.0, gt=0, description="How long a transaction is tried again, in seconds, when the connection is lost."
    )
    idempotency_retention_hours: int = Field(
        24, ge=24, le=87_600, description="How long an idempotency key is kept at least, in hours."
    )

    @property
    def idempotency_retention(self) -> timedelta:
        return timedelta(hours=self.idempotency_retention_hours)

    def database_options(self) -> Options:
        return Options(
            pool_size=self.database_pool_size,
            pool_timeout=self.database_pool_timeout,
            statement_timeout=self.database_statement_timeout,
            retry_timeout=self.database_retry_timeout,
            pgbouncer=self.database_pgbouncer,
            direct_url=self.direct_database_url,
            queue_size=self.database_queue_size,
            batch_by_tenant=self.database_batch_by_tenant,
        )
