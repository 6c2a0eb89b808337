"""Who calls: from the request's headers to the actor, and the refusals on the way."""

from typing import cast

from starlette.requests import Request

from app.database import Database
from app.errors import RefusalCode, Refused
from app.identity import Callers
from app.identity.admitting import admitted
from app.observing import observation_of
from app.rates.limit import Exceeded
from app.rates.limiting import Rates
from graph import rates as shown
from graph.context import Context


async def context(request: Request) -> Context:
    """What the resolvers can reach, for somebody who is known and not too fast. Raises Refused for others.

    What tells a caller more, it puts into `request.state.headers`.
    """
    state, headers = request.app.state, request.state.headers
    callers, rates = cast(Callers, state.callers), cast(Rates, state.rates)
    credential = credential_of(request)
    try:
        actor = callers.known(credential) or await admitted(credential, address_of(request), callers, rates)
        if actor is None:
            headers["www-authenticate"] = 'Bearer error="invalid_token"'  # RFC 6750, 3.1: and not a word more
            raise unauthenticated()
        observation_of(request.scope).actor = actor
        standings = await rates.take(actor)
    except Exceeded as exceeded:
        headers |= shown.exceeded(exceeded)
        raise
    headers |= shown.left(standings)
    return Context(actor, cast(Database, state.database), request.state.request_id, callers)


def credential_of(request: Request) -> str:
    """The API key or token, from one of two headers. Raises Refused when there is none."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and (credential := credential.strip()):
        return credential
    if credential := request.headers.get("x-api-key", ""):
        return credential
    raise unauthenticated()


def unauthenticated() -> Refused:
    return Refused(RefusalCode.UNAUTHENTICATED, "Send a valid API key or token as `Authorization: Bearer …`.")


def address_of(request: Request) -> str | None:
    """Where the request comes from, as the server's settings on proxies have it; None on a Unix socket."""
    return request.client.host if request.client else None
