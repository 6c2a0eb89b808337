"""`/metrics`, as Prometheus reads it: behind a token, on a port of its own, or both."""

import asyncio
import hmac

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.observing import workers
from app.observing.metrics import Metrics


class Exposition:
    """What the endpoint answers with. Without a `token` it answers everybody who reaches it."""

    def __init__(self, metrics: Metrics, token: str | None = None) -> None:
        self._metrics = metrics
        self._token = token
        self._own = CollectorRegistry()
        self._own.register(metrics.registry)
        ProcessCollector(registry=self._own)
        GCCollector(registry=self._own)

    async def answer(self, request: Request) -> Response:
        if not self._may_read(request.headers.get("authorization", "")):
            raise HTTPException(401, "Send the token as `Authorization: Bearer …`.", {"www-authenticate": "Bearer"})
        write, media = choose_encoder(request.headers.get("accept", ""))
        self._metrics.refresh()
        registry = workers.of_every_process() if workers.are_several() else self._own
        # Not on the loop: it takes milliseconds, and with several processes reads files.
        body = await asyncio.to_thread(write, registry)
        return Response(body, headers={"content-type": media, "cache-control": "no-store"})

    def _may_read(self, sent: str) -> bool:
        if self._token is None:
            return True
        scheme, _, token = sent.partition(" ")
        return scheme.casefold() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token.encode())
