"""Who calls: from the request's headers to the actor, and the refusals on the way."""

from collections.abc import Mapping
from typing import cast

from starlette.datastructures import State

from app.database import Database
from app.errors import RefusalCode, Refused
from app.identity import Callers
from app.identity.admitting import admitted
from app.rates.limit import Exceeded
from app.rates.limiting import Rates
from graph import rates as shown
from graph.calls import Call
from graph.context import Context


async def context(call: Call) -> Context:
    """What the resolvers can reach, for somebody who is known and not too fast. Raises Refused for others."""
    state: State = call.scope["app"].state
    callers, rates = cast(Callers, state.callers), cast(Rates, state.rates)
    credential = credential_of(call.headers)
    try:
        actor = callers.known(credential) or await admitted(credential, call.address, callers, rates)
        if actor is None:
            call.answering["www-authenticate"] = 'Bearer error="invalid_token"'  # RFC 6750, 3.1: and not a word more
            raise unauthenticated()
        call.observation.actor = actor
        standings = await rates.take(actor)
    except Exceeded as exceeded:
        call.answering |= shown.exceeded(exceeded)
        raise
    call.answering |= shown.left(standings)
    return Context(actor, cast(Database, state.database), call.observation.request_id, callers)


def credential_of(headers: Mapping[str, str]) -> str:
    """The API key or token, from one of two headers. Raises Refused when there is none."""
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and (credential := credential.strip()):
        return credential
    if credential := headers.get("x-api-key", ""):
        return credential
    raise unauthenticated()


def unauthenticated() -> Refused:
    return Refused(RefusalCode.UNAUTHENTICATED, "Send a valid API key or token as `Authorization: Bearer …`.")
