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
from app.observing import Observation, observation_of
from graph import media_types, wire
from graph.answers import Answer, busy, codes_of, refusal, send_answer, without_body
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
    `max_body` is in bytes, `weights` are the fields' costs, `prepares` is whether operations are prepared. The
    request's id is in `request.state.request_id`; what `context` puts into `request.state.headers` is sent with the
    answer, whatever that is.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        context: Callable[[Request], Awaitable[object]],
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
        request, observation = Request(scope, receive), observation_of(scope)
        request.state.request_id = request_id = observation.request_id
        request.state.headers = {}
        accepted = media_types.acceptable(wire.header(request, "accept"))
        media = next((name for name in accepted if name != media_types.HTML), None)
        if request.method == "HEAD":
            send = without_body(send)
        try:
            if self._page and self._wants_page(request, accepted):
                response = self._page(request)
                response.headers["x-request-id"] = request_id
                response.headers.add_vary_header("Accept")
                await response(scope, receive, send)
                return
            answer = await self._answer(request, media, observation)
        except wire.Disconnected:
            return
        except Refused as refused:
            answer = refusal(refused)
        except Exception as bug:
            answer = Answer(500, {"errors": [present_bug(bug, request_id)]})
        headers = {**request.state.headers, "x-request-id": request_id}
        await send_answer(send, answer, media or media_types.JSON, headers, observation)

    def _wants_page(self, request: Request, accepted: Mapping[str, float]) -> bool:
        html = accepted.get(media_types.HTML, 0)
        is_best = html > 0 and html == max(accepted.values())
        return is_best and request.method in {"GET", "HEAD"} and "query" not in request.query_params

    async def _answer(self, request: Request, media: str | None, observation: Observation) -> Answer:
        if request.method == "OPTIONS":
            return Answer(204, headers={"allow": METHODS})
        if request.method not in {"GET", "HEAD", "POST"}:
            raise wire.NotUnderstood(405, "Send GraphQL by POST or GET.", allow=METHODS)
        if media is None:
            raise wire.NotUnderstood(406, f"Answers are {media_types.GRAPHQL_RESPONSE} or {media_types.JSON}.")
        by_post = request.method == "POST"
        if by_post:
            wire.check_entity(request, self._max_body)
        context = await self._context(request)
        if by_post:
            parameters = wire.decode(await wire.read_body(request, self._max_body))
        else:
            parameters = wire.query_parameters(request.scope["query_string"])
        wants_cost = wire.header(request, COST) == "1"
        operation = wire.operation(parameters, read_only=not by_post, wants_cost=wants_cost)
        with observation.executing:
            result = await self._execution.execute(operation, context)
            content: dict[str, Any] = {}
            if result.errors:
                content["errors"] = [present(error, observation.request_id) for error in result.errors]
            if result.executed:
                content["data"] = result.data
            if result.extensions:
                content["extensions"] = result.extensions
            if refused := busy(result):
                answer = refusal(refused)
            else:
                answer = Answer(200 if result.executed or media == media_types.JSON else 400, content)
            _observe(observation, result, answer)
        return answer


def _observe(observation: Observation, result: Result, answer: Answer) -> None:
    observation.was_known, observation.was_executed = result.was_known, result.executed
    observation.codes = codes_of(answer.content or {})
    if told := result.operation:
        observation.operation_type, observation.operation_name, observation.fields = told.type, told.name, told.fields
