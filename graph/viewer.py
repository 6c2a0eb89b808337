"""Who the caller is, as the server sees it."""

from typing import Self

import strawberry

from app.identity import Actor
from graph.context import Info


@strawberry.type(description="In whose name this request acts.")
class Viewer:
    id: strawberry.ID = strawberry.field(
        description=(
            "The actor's id, which `createdBy` and `updatedBy` will say: that of an API key, or `sub:` and a token's "
            "subject."
        )
    )
    tenant_id: str = strawberry.field(description="The tenant, which is all that the caller can see.")
    environment_id: str = strawberry.field(description="The tenant's environment.")
    scopes: list[str] = strawberry.field(description="What the caller may do: `customers:read`, for example.")

    @classmethod
    def of(cls, actor: Actor) -> Self:
        return cls(
            id=strawberry.ID(actor.id),
            tenant_id=actor.tenant_id,
            environment_id=actor.environment_id,
            scopes=sorted(actor.scopes),
        )


@strawberry.field(description="Who you are to this server. Needs no scope.")
async def viewer(info: Info) -> Viewer:
    return Viewer.of(info.context.actor)
