"""createApiKey: its outcomes, the mutation."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from app.identity import Scope, granting
from graph.context import Info
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given
from graph.keys.types import ApiKey


@strawberry.type(description="The API key, now stored; its secret is not.")
class CreateApiKeySuccess:
    api_key: ApiKey = strawberry.field(description="The key as it is now.")
    secret: str | None = strawberry.field(
        description="What authenticates: `Authorization: Bearer sk_…`. Shown this once; null in a replay."
    )
    replayed: bool = strawberry.field(description="True when the idempotency key had been used before.")


CreateApiKeyResult = Annotated[
    CreateApiKeySuccess | ValidationErrors | IdempotencyConflict,
    strawberry.union("CreateApiKeyResult", description="Every way in which createApiKey can end."),
]


@strawberry.mutation(
    description=(
        "Create an API key for this tenant and environment. It may do no more than its maker. One that a key makes "
        "ends no later than that key, and stays good when that one is revoked. Needs the scope `admin`."
    )
)
async def create_api_key(
    info: Info,
    scopes: Annotated[
        list[str] | None,
        strawberry.argument(
            description=(
                "Any of your own: `customers:read`, `customers:write`, `admin`. When left out, the first two as far as "
                "you have them."
            )
        ),
    ] = UNSET,
    expires_at: Annotated[
        datetime | None,
        strawberry.argument(
            description=(
                "When it ends: in the future, and no later than the key that you call with, whose end is taken when "
                "left out."
            )
        ),
    ] = UNSET,
    idempotency_key: IdempotencyKey = UNSET,
) -> CreateApiKeyResult | None:
    actor = info.context.actor.allowed(Scope.ADMIN)
    change = granting.grant(actor, given(scopes), given(expires_at), given(idempotency_key))
    granted = await info.context.database.write(change)
    return CreateApiKeySuccess(api_key=ApiKey.of(granted.key), secret=granted.secret, replayed=granted.replayed)
