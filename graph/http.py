"""GraphQL over HTTP, to the letter of the working group's specification, as the package graphql-http audits it.

Strawberry's view is not used: it carries websockets, batching and multipart, and nearly all of it would be overridden.
Where the edition of September 2026 has 422 and 294, its predecessors and the audits have 400 and 200, as is done here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.errors import Refused
from app.observing import Observation
from graph import media_types, wire
from graph.answers import Answer, busy, codes_of, refusal, send_answer, without_body
from graph.calls import Call
from graph.execution import NO_WEIGHTS, Execution, Result
from graph.limits import DEFAULTS, Limits
from graph.limits.cost import Weights
from graph.refusals import present, present_bug

MIB = 1024 * 1024
METHODS = "GET, HEAD, POST, OPTIONS"
COST = "x-billfolk-cost"  # with 1, the answer tells in its extensions what the operation costs


class GraphQLOverHTTP:
    """The ASGI endpoint.

    `context` finds out who calls, before the body is read, and may raise Refused; `page` answers browsers, open to all.
    `max_body` is in bytes, `weights` are the fields' costs, `prepares` is whether operations are prepared.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        context: Callable[[Call], Awaitable[object]],
        page: Callable[[Request], Response] | None = None,
        max_body: int = MIB,
        limits: Limits = DEFAULTS,
        weights: Weights = NO_WEIGHTS,
        prepares: bool = True,
    ) -> None:
        self._execution = Execution(schema, limits, weights, prepares=prepares)
        self._context = context
        self._page = page
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call.of(scope, receive)
        if call.method == "HEAD":
            send = without_body(send)
        media = media_types.JSON
        try:
            accepted = media_types.acceptable(call.headers.get("accept", ""))
            if self._page and self._wants_page(call, accepted):
                response = self._page(Request(scope, receive))
                response.headers["x-request-id"] = call.observation.request_id
                response.headers.add_vary_header("Accept")
                await response(scope, receive, send)
                return
            best = next((name for name in accepted if name != media_types.HTML), None)
            media = best or media
            answer = await self._answer(call, best)
        except wire.Disconnected:
            return
        except Refused as refused:
            answer = refusal(refused)
        except Exception as bug:
            answer = Answer(500, {"errors": [present_bug(bug, call.observation.request_id)]})
        await send_answer(send, answer, media, call)

    def _wants_page(self, call: Call, accepted: Mapping[str, float]) -> bool:
        html = accepted.get(media_types.HTML, 0)
        is_best = html > 0 and html == max(accepted.values())
        return is_best and call.method in {"GET", "HEAD"} and "query" not in Request(call.scope).query_params

    async def _answer(self, call: Call, media: str | None) -> Answer:
        if call.method == "OPTIONS":
            return Answer(204, headers={"allow": METHODS})
        if call.method not in {"GET", "HEAD", "POST"}:
            raise wire.NotUnderstood(405, "Send GraphQL by POST or GET.", allow=METHODS)
        if media is None:
            raise wire.NotUnderstood(406, f"Answers are {media_types.GRAPHQL_RESPONSE} or {media_types.JSON}.")
        by_post = call.method == "POST"
        if by_post:
            wire.check_entity(call.headers, self._max_body)
        context = await self._context(call)
        if by_post:
            body = await wire.read_body(call.receive, self._max_body)
            parameters = wire.decode(body)
        else:
            body = call.scope["query_string"]
            parameters = wire.query_parameters(body)
        wants_cost = call.headers.get(COST) == "1"
        operation = wire.operation(parameters, read_only=not by_post, wants_cost=wants_cost, size=len(body))
        with call.observation.executing:
            result = await self._execution.execute(operation, context)
            content: dict[str, Any] = {}
            if result.errors:
                content["errors"] = [present(error, call.observation.request_id) for error in result.errors]
            if result.executed:
                content["data"] = result.data
            if result.extensions:
                content["extensions"] = result.extensions
            if refused := busy(result):
                answer = refusal(refused)
            else:
                answer = Answer(200 if result.executed or media == media_types.JSON else 400, content)
            _observe(call.observation, result, answer)
        return answer


def _observe(observation: Observation, result: Result, answer: Answer) -> None:
    observation.was_known, observation.was_executed = result.was_known, result.executed
    observation.codes = codes_of(answer.content or {})
    if told := result.operation:
        observation.operation_type, observation.operation_name, observation.fields = told.type, told.name, told.fields
