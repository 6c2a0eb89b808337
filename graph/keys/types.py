"""An API key as the API shows it."""

from datetime import datetime
from typing import Self

import strawberry

from app.identity.tables import ApiKey as Stored


@strawberry.type(description="A key to this API. What authenticates is its secret, which is shown once and not stored.")
class ApiKey:
    id: strawberry.ID = strawberry.field(
        description="Of the key, not its secret: what `createdBy` says of what it made."
    )
    scopes: list[str] = strawberry.field(description="What it may do: `customers:read`, for example.")
    created_at: datetime = strawberry.field(description="When it was made.")
    created_by: strawberry.ID | None = strawberry.field(
        description="Who made it, an actor's id as in `viewer`; null when it was made on the server."
    )
    expires_at: datetime | None = strawberry.field(description="When it ends by itself; null for never.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null when it was not.")

    @classmethod
    def of(cls, stored: Stored) -> Self:
        return cls(
            id=strawberry.ID(stored.id),
            scopes=stored.scopes.split(","),
            created_at=stored.created_at,
            created_by=strawberry.ID(stored.created_by) if stored.created_by else None,
            expires_at=stored.expires_at,
            revoked_at=stored.revoked_at,
        )
