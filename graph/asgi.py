"""The Starlette application: routes, lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app import purging
from app.identity import calling
from app.observing import Observed, OnItsOwnPort, Telemetry
from app.opening import opened
from app.rates.limiting import limiting
from app.serving.forwarded import Forwarded
from app.settings import Settings
from graph import elsewhere, graphiql
from graph.costs import WEIGHTS
from graph.http import GraphQLOverHTTP
from graph.identity import context
from graph.limits import Limits
from graph.origins import CrossOrigin
from graph.schema import schema

GRAPHQL = "/graphql"
METRICS = "/metrics"
PLACES = (GRAPHQL, METRICS, "/healthz", "/readyz")


class Application(Starlette):
    """Starlette, with one endpoint ahead of what finds and guards all others, and which it doesn't need."""

    def __init__(self, ahead: tuple[str, ASGIApp], **options: Any) -> None:
        super().__init__(**options)
        self._path, self._ahead = ahead

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == self._path:
            scope["app"] = self
            await self._ahead(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, telemetry: Telemetry | None = None) -> Starlette:
    telemetry = telemetry or Telemetry(settings, main=GRAPHQL)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            opened(settings.database_url, settings.database_options()) as database,
            telemetry.watching(database),
            purging.regularly(database, settings.idempotency_retention),
            calling(database, settings.key_cache_seconds, settings.trust()) as callers,
            limiting(settings.rate_terms()) as rates,
        ):
            app.state.database, app.state.callers, app.state.rates = database, callers, rates
            yield

    graphql: ASGIApp = GraphQLOverHTTP(
        schema,
        context=context,
        page=graphiql.page if settings.graphiql else None,
        max_body=settings.max_body_bytes,
        limits=Limits.of(settings),
        weights=WEIGHTS,
        prepares=settings.prepared_operations,
    )
    if settings.origins:
        graphql = CrossOrigin(graphql, settings.origins)
    routes = [
        # For one that is mounted in another application: at its own address it is ahead of these.
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
    # Before all others: they go by the client that it finds.
    middleware.insert(0, Middleware(Forwarded, proxies=settings.trusted_proxies, headers=settings.proxy_headers))
    for wrap, arguments, options in reversed(middleware):
        graphql = wrap(graphql, *arguments, **options)
    app = Application(
        (GRAPHQL, graphql),
        routes=routes,
        middleware=middleware,
        exception_handlers=elsewhere.HANDLERS,
        lifespan=lifespan,
    )
    # /graphql/ is nothing, and no other place to be sent to with the body and the key once more.
    app.router.redirect_slashes = False
    return app


app = create_app(Settings())
