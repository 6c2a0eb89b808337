"""What is not GraphQL: probes, and the answers where nothing is. Errors have GraphQL's shape there too."""

import asyncio
import logging
from asyncio import Task
from collections.abc import Mapping
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.database import Database
from app.errors import RefusalCode, Refused
from app.observing import observation_of
from graph.refusals import present_bug, present_refused

READY_WITHIN = 0.9
MESSAGES = {
    404: "There is nothing at this address. The API is at /graphql.",
    405: "This address does not answer that method.",
}
CODES = {401: RefusalCode.UNAUTHENTICATED}

log = logging.getLogger("billfolk")


async def healthz(_request: Request) -> Response:
    """The truth about the process: it answers."""
    return PlainTextResponse("ok", headers={"cache-control": "no-store"})


class Readiness:
    """The truth about the database, within a second, and about the server's end.

    Everybody may ask: so all who ask at once are told the same.
    """

    def __init__(self) -> None:
        self._asking: Task[bool] | None = None

    async def answer(self, request: Request) -> Response:
        if getattr(request.state, "stopping", False):
            return _answer(request, 503, Refused(RefusalCode.BUSY, "This server is about to stop."))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(cast(Database, request.app.state.database)))
        if await asyncio.shield(self._asking):
            return PlainTextResponse("ok", headers={"cache-control": "no-store"})
        return _answer(request, 503, Refused(RefusalCode.BUSY, "The database can't be reached."))

    async def _ask(self, database: Database) -> bool:
        try:
            await database.ping(READY_WITHIN)
        except Exception:  # whatever it is, this process can't serve
            log.warning("the database can't be reached", exc_info=True)
            return False
        return True


async def refused(request: Request, error: Exception) -> Response:
    """What Starlette refuses: a path that isn't there, a method that isn't answered."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    code = CODES.get(error.status_code, RefusalCode.BAD_USER_INPUT)
    message = MESSAGES.get(error.status_code, error.detail)
    return _answer(request, error.status_code, Refused(code, message), error.headers)


async def failed(request: Request, bug: Exception) -> Response:
    """A bug outside of GraphQL: masked, and logged with the request's id."""
    request_id = observation_of(request.scope).request_id
    return JSONResponse({"errors": [present_bug(bug, request_id)]}, 500, {"x-request-id": request_id})


def _answer(request: Request, status: int, refusal: Refused, headers: Mapping[str, str] | None = None) -> Response:
    observation = observation_of(request.scope)
    observation.codes = (refusal.code,)
    more = {"cache-control": "no-store", "x-request-id": observation.request_id}
    return JSONResponse({"errors": [present_refused(refusal)]}, status, {**more, **(headers or {})})


HANDLERS = {HTTPException: refused, Exception: failed}
