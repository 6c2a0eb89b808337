"""What reaches each member of the unions of API keys' mutations."""

from typing import Any

from app.identity import Scope
from tests.api import Api
from tests.graph.scenarios import reaches


async def administrator(api: Api) -> Api:
    """The tenant with every scope."""
    return await api.acting(*Scope)


@reaches("createApiKey", "CreateApiKeySuccess")
async def _(api: Api) -> Any:
    return await (await administrator(api)).mutate("createApiKey")


@reaches("createApiKey", "ValidationErrors")
async def _(api: Api) -> Any:
    return await (await administrator(api)).mutate("createApiKey", scopes=["everything"])


@reaches("createApiKey", "IdempotencyConflict")
async def _(api: Api) -> Any:
    admin = await administrator(api)
    await admin.mutate("createApiKey", idempotencyKey="key")
    return await admin.mutate("createApiKey", scopes=["admin"], idempotencyKey="key")


@reaches("revokeApiKey", "RevokeApiKeySuccess")
async def _(api: Api) -> Any:
    admin = await administrator(api)
    made = await admin.mutate("createApiKey")
    return await admin.mutate("revokeApiKey", id=made["apiKey"]["id"])


@reaches("revokeApiKey", "ValidationErrors")
async def _(api: Api) -> Any:
    return await (await administrator(api)).mutate("revokeApiKey", id="key_", idempotencyKey="é")


@reaches("revokeApiKey", "IdempotencyConflict")
async def _(api: Api) -> Any:
    admin = await administrator(api)
    await admin.mutate("createApiKey", idempotencyKey="key")
    return await admin.mutate("revokeApiKey", id="key_", idempotencyKey="key")


@reaches("revokeApiKey", "ApiKeyNotFound")
async def _(api: Api) -> Any:
    return await (await administrator(api)).mutate("revokeApiKey", id="key_")
