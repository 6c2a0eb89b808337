"""`python -m tests.benchmarks.observing`: what it costs to tell of one request, in microseconds of CPU time.

The application answers at once, and has nothing to wait for: what is left is the observing.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.identity import Actor
from app.observing import Observed, Observer, observation_of
from app.observing.access import RequestLog
from app.observing.lines import Lines
from app.observing.metrics import Metrics
from app.observing.traces import Traces

ROUTE = "/graphql"
ACTOR = Actor("acme", "live", "key_01M8221J3WJG8RE6G0877ZXCQ9", frozenset())
HEADERS = [
    (name.encode(), b"something") for name in ("host", "authorization", "content-type", "content-length", "accept")
]


async def application(scope: Scope, _receive: Receive, send: Send) -> None:
    """What `graph.http` tells of a mutation, and an answer."""
    seen = observation_of(scope)
    with seen.executing:
        seen.actor, seen.was_known, seen.was_executed = ACTOR, True, True
        seen.operation_type, seen.operation_name, seen.fields = "mutation", "SignUp", ("createCustomer",)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * 512})


async def cost(app: ASGIApp, requests: int) -> float:
    """Microseconds of this thread's CPU time for a request, of the best of five rounds."""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None:
        pass

    def scope() -> dict[str, Any]:
        common = {"type": "http", "scheme": "http", "http_version": "1.1", "query_string": b"", "headers": HEADERS}
        return {**common, "method": "POST", "path": ROUTE}

    best = float("inf")
    for _ in range(5):
        began = time.thread_time()
        for _ in range(requests):
            await app(scope(), receive, send)
        best = min(best, (time.thread_time() - began) / requests * 1e6)
    return best


class Nowhere(SpanExporter):
    def export(self, spans: Sequence[object]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


@contextmanager
def observers() -> Iterator[dict[str, list[Observer]]]:
    provider, unsampled = TracerProvider(), TracerProvider(sampler=ALWAYS_OFF)
    provider.add_span_processor(BatchSpanProcessor(Nowhere()))
    with tempfile.TemporaryFile() as file:
        yield {
            "nobody, but the request's id": [],
            "a line to a file": [RequestLog(Lines("json", file.fileno()), main=ROUTE)],
            "no line, at the level warning": [RequestLog(Lines("json"), "warning", main=ROUTE)],
            "metrics": [Metrics()],
            "traces, none sampled": [Traces(unsampled)],
            "traces, all sampled": [Traces(provider)],
        }
    provider.shutdown()
    unsampled.shutdown()


def main(requests: int = 10_000) -> None:
    with observers() as all_of_them:
        bare = asyncio.run(cost(application, requests))
        for name, who in all_of_them.items():
            took = asyncio.run(cost(Observed(application, who, [ROUTE]), requests)) - bare
            print(f"{took:6.1f} µs  {name}")


if __name__ == "__main__":
    main()
