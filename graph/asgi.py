"""The Starlette application: routes, identity, lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from app import identity, purging
from app.database import Database
from app.errors import RefusalCode, Refused
from app.observing import Observed, OnItsOwnPort, Telemetry, observation_of
from app.opening import opened
from app.settings import Settings
from graph import elsewhere, graphiql
from graph.context import Context
from graph.costs import WEIGHTS
from graph.http import GraphQLOverHTTP
from graph.limits import Limits
from graph.schema import schema

GRAPHQL = "/graphql"
METRICS = "/metrics"
PLACES = (GRAPHQL, METRICS, "/healthz", "/readyz")


async def context(request: Request) -> Context:
    """Who calls, from the key that was sent; without a good one, nothing."""
    database = cast(Database, request.app.state.database)
    secret = secret_of(request)
    actor = await database.read(partial(identity.actor_of, secret=secret)) if secret else None
    if actor is None:
        raise Refused(RefusalCode.UNAUTHENTICATED, "Send a valid API key as `Authorization: Bearer sk_…`.")
    observation_of(request.scope).actor = actor
    return Context(actor, database, request.state.request_id)


def secret_of(request: Request) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and secret.strip():
        return secret.strip()
    return request.headers.get("x-api-key")


def create_app(settings: Settings, telemetry: Telemetry | None = None) -> Starlette:
    telemetry = telemetry or Telemetry(settings, main=GRAPHQL)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            opened(settings.database_url, settings.database_options()) as database,
            telemetry.watching(database),
            purging.regularly(database, settings.idempotency_retention),
        ):
            app.state.database = database
            yield

    graphql = GraphQLOverHTTP(
        schema,
        context=context,
        page=graphiql.page if settings.graphiql else None,
        max_body=settings.max_body_bytes,
        limits=Limits.of(settings),
        weights=WEIGHTS,
    )
    routes = [
        Route(GRAPHQL, graphql),
        Route("/healthz", elsewhere.healthz),
        Route("/readyz", elsewhere.Readiness().answer),
        *(graphiql.routes if settings.graphiql else ()),
    ]
    middleware = [Middleware(Observed, telemetry.observers, routes=PLACES)]
    if telemetry.exposition:
        metrics = Route(METRICS, telemetry.exposition.answer)
        if settings.metrics_port is None:
            routes.append(metrics)
        else:
            there = Starlette(routes=[metrics], exception_handlers=elsewhere.HANDLERS)
            middleware.insert(0, Middleware(OnItsOwnPort, settings.metrics_port, there))
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=elsewhere.HANDLERS, lifespan=lifespan)
    # /graphql/ is nothing, and no other place to be sent to with the body and the key once more.
    app.router.redirect_slashes = False
    return app


app = create_app(Settings())
