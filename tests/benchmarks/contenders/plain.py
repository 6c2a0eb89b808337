"""A Starlette POST without GraphQL: the same key, rules, rows and commit, by way of the same boundary."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import customers, identity
from app.database import Database
from app.errors import Expected
from app.opening import opened
from tests.benchmarks.contenders.listening import main
from tests.benchmarks.contenders.subject import SHOWN, snake

COLUMNS = {name: snake(name) for name in SHOWN} | {"metadata": "metadata_"}


async def create(request: Request) -> Response:
    database: Database = request.app.state.database
    secret = request.headers.get("authorization", "").partition(" ")[2]
    actor = await database.read(partial(identity.actor_of, secret=secret))
    if actor is None:
        return answer(401, {"code": "UNAUTHENTICATED"})
    input = {snake(name): value for name, value in orjson.loads(await request.body())["input"].items()}
    try:
        created = await database.write(customers.create(actor, input))
    except Expected as error:
        return answer(422, {"code": error.code, "message": error.message})
    customer = created.customer
    return answer(200, {name: getattr(customer, column) for name, column in COLUMNS.items()})


def answer(status: int, content: Any) -> Response:
    body = orjson.dumps(content, default=datetime.isoformat, option=orjson.OPT_UTC_Z)
    return Response(body, status, media_type="application/json")


def make(url: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(url) as database:
            app.state.database = database
            yield

    return Starlette(routes=[Route("/customers", create, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    main(make)
