"""The Starlette application: routes, identity, lifespan."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import identity, purging
from app.database import Database
from app.errors import RefusalCode, Refused
from app.opening import opened
from app.settings import Settings
from graph import graphiql
from graph.context import Context
from graph.http import GraphQLOverHTTP
from graph.schema import schema

READY_WITHIN = 0.9


async def context(request: Request) -> Context:
    """Who calls, from the key that was sent; without a good one, nothing."""
    database = cast(Database, request.app.state.database)
    secret = secret_of(request)
    actor = await database.read(partial(identity.actor_of, secret=secret)) if secret else None
    if actor is None:
        raise Refused(RefusalCode.UNAUTHENTICATED, "Send a valid API key as `Authorization: Bearer sk_…`.")
    return Context(actor, database, request.state.request_id)


def secret_of(request: Request) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and secret.strip():
        return secret.strip()
    return request.headers.get("x-api-key")


async def healthz(_request: Request) -> Response:
    """The truth about the process: it answers."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """The truth about the database, within a second."""
    try:
        await cast(Database, request.app.state.database).ping(READY_WITHIN)
    except Exception:  # whatever it is, this process can't serve
        logging.getLogger("billfolk").warning("the database can't be reached", exc_info=True)
        return PlainTextResponse("the database can't be reached", 503)
    return PlainTextResponse("ok")


def create_app(settings: Settings) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            opened(settings.database_url, settings.database_options()) as database,
            purging.regularly(database, settings.idempotency_retention),
        ):
            app.state.database = database
            yield

    graphql = GraphQLOverHTTP(schema, context=context, page=graphiql.page, max_body=settings.max_body_bytes)
    return Starlette(
        routes=[Route("/graphql", graphql), Route("/healthz", healthz), Route("/readyz", readyz), *graphiql.routes],
        lifespan=lifespan,
    )


app = create_app(Settings())
