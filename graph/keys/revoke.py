"""revokeApiKey: its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app.identity import Scope, revoking
from graph.context import Info
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given
from graph.keys.errors import ApiKeyNotFound
from graph.keys.types import ApiKey


@strawberry.type(description="The API key is good no more.")
class RevokeApiKeySuccess:
    api_key: ApiKey = strawberry.field(description="The key as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


RevokeApiKeyResult = Annotated[
    RevokeApiKeySuccess | ValidationErrors | IdempotencyConflict | ApiKeyNotFound,
    strawberry.union("RevokeApiKeyResult", description="Every way in which revokeApiKey can end."),
]


@strawberry.mutation(
    description=(
        "End an API key at once, your own too. One that was revoked before keeps its `revokedAt`. "
        "Needs the scope `admin`."
    )
)
async def revoke_api_key(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The key's id, not its secret.")],
    idempotency_key: IdempotencyKey = UNSET,
) -> RevokeApiKeyResult | None:
    actor = info.context.actor.allowed(Scope.ADMIN)
    revoked = await info.context.database.write(revoking.revoke(actor, id, given(idempotency_key)))
    info.context.callers.forget(revoked.key.digest)
    return RevokeApiKeySuccess(api_key=ApiKey.of(revoked.key), replayed=revoked.replayed)
