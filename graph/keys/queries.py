"""Listing API keys."""

from functools import partial

import strawberry

from app import identity
from app.identity import Scope
from graph.context import Info
from graph.keys.types import ApiKey


@strawberry.field(
    description="The API keys of this environment, oldest first, ended ones too. Needs the scope `admin`."
)
async def api_keys(info: Info) -> list[ApiKey]:
    actor = info.context.actor.allowed(Scope.ADMIN)
    return [ApiKey.of(key) for key in await info.context.database.read(partial(identity.keys_of, actor=actor))]
