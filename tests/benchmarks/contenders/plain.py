"""POSTs on Starlette without GraphQL: the same key, rules, rows, commits and queries, by way of the same boundary."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import customers
from app.customers import ById, listing
from app.customers.listing import CustomerFilter
from app.database import Database
from app.errors import Expected
from app.identity import Actor, Callers, calling
from app.opening import opened
from app.paging import Window
from tests.benchmarks.contenders.listening import main
from tests.benchmarks.contenders.subject import SHOWN, snake

COLUMNS = {name: snake(name) for name in SHOWN} | {"metadata": "metadata_"}
KEY_CACHE_SECONDS = 4.0  # as `serve` has it

Handler = Callable[[Database, Actor, Any], Awaitable[Any]]


def endpoint(handle: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def authenticated(request: Request) -> Response:
        database: Database = request.app.state.database
        secret = request.headers.get("authorization", "").partition(" ")[2]
        callers: Callers = request.app.state.callers
        actor = callers.known(secret) or await callers.find(secret)
        if actor is None:
            return answer(401, {"code": "UNAUTHENTICATED"})
        try:
            return answer(200, await handle(database, actor, orjson.loads(await request.body())))
        except Expected as error:
            return answer(422, {"code": error.code, "message": error.message})

    return authenticated


async def create(database: Database, actor: Actor, asked: Any) -> Any:
    input = {snake(name): value for name, value in asked["input"].items()}
    return shown((await database.write(customers.create(actor, input))).customer)


async def read(database: Database, actor: Actor, asked: Any) -> Any:
    found = await database.read(partial(customers.find, actor=actor, by=ById(asked["id"])))
    return found and shown(found)


async def page(database: Database, actor: Actor, asked: Any) -> Any:
    after = asked.get("after")
    window = Window(asked["first"], after and (datetime.fromisoformat(after[0]), after[1]))
    filter = CustomerFilter.model_validate(asked.get("filter", {}))
    found = await database.read(partial(listing.page, actor=actor, window=window, filter=filter))
    return {"nodes": [shown(customer) for customer in found.rows], "hasNextPage": found.more}


def shown(customer: customers.Customer) -> dict[str, Any]:
    return {name: getattr(customer, column) for name, column in COLUMNS.items()}


def answer(status: int, content: Any) -> Response:
    body = orjson.dumps(content, default=datetime.isoformat, option=orjson.OPT_UTC_Z)
    return Response(body, status, media_type="application/json")


def make(url: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(url) as database, calling(database, KEY_CACHE_SECONDS, None) as callers:
            app.state.database, app.state.callers = database, callers
            yield

    handlers: dict[str, Handler] = {"/customers": create, "/customer": read, "/page": page}
    routes = [Route(path, endpoint(handle), methods=["POST"]) for path, handle in handlers.items()]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    main(make)
