"""From settings to observers. What is not asked for is not imported."""

import asyncio
import os
from asyncio import create_task
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pydantic import SecretStr

from app.database import Database
from app.errors import Unusable
from app.observing.access import RequestLog
from app.observing.lines import Lines
from app.observing.requests import Observer
from app.settings.operations import OperationsSettings

if TYPE_CHECKING:
    from app.observing.exposition import Exposition
    from app.observing.metrics import Metrics
    from app.observing.traces import Traces

# How old the numbers of a process may be that did not answer itself, in seconds.
SAMPLED_EVERY = 1.0


class Telemetry:
    """What one server tells of itself: a log, and metrics and traces when they are asked for.

    `main` is the route whose requests are the server's purpose. `exposition` is what `/metrics` answers with, or none.
    """

    def __init__(self, settings: OperationsSettings, *, main: str, traces: "Traces | None" = None) -> None:
        self.log = RequestLog(
            Lines(settings.log_format), settings.log_level, main=main, with_client=settings.log_client_address
        )
        self.metrics = _metrics() if settings.has_metrics else None
        self.traces = traces or _traces()
        # A trace's id is in the log; so it is the first to begin and, seen from the log, still there at the end.
        self.observers: list[Observer] = [seen for seen in (self.traces, self.metrics, self.log) if seen]
        self.exposition = _exposition(self.metrics, settings.metrics_token) if self.metrics else None

    @asynccontextmanager
    async def watching(self, database: Database) -> AsyncIterator[None]:
        """Observe the database too, meanwhile; afterwards, tell what is still to be told."""
        if self.traces:
            from app.observing import transactions

            transactions.trace(database.sync_engine, self.traces.tracer)
        if self.metrics:
            self.metrics.watch(database)
        sampling = create_task(_sampling(self.metrics)) if self.metrics else None
        try:
            yield
        finally:
            if sampling:
                sampling.cancel()
                await asyncio.wait([sampling])
            self.log.close()
            if self.traces:
                await self.traces.close()


def _metrics() -> "Metrics":
    try:
        from app.observing.metrics import Metrics
    except ImportError:
        raise Unusable("Metrics need an extra: pip install 'billfolk[observability]'") from None
    return Metrics()


def _exposition(metrics: "Metrics", token: SecretStr | None) -> "Exposition":
    from app.observing.exposition import Exposition

    return Exposition(metrics, token.get_secret_value() if token else None)


def _traces() -> "Traces | None":
    exporter = _exporter()
    if exporter == "none" or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from app.observing import traces
    except ImportError:
        raise Unusable("Traces need an extra: pip install 'billfolk[observability]'") from None
    return traces.sent_by(exporter)


def _exporter() -> str:
    """The exporter that the environment names; OTLP when it says only where to send."""
    is_told_where = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{name}ENDPOINT") for name in ("", "TRACES_"))
    return os.environ.get("OTEL_TRACES_EXPORTER") or ("otlp" if is_told_where else "none")


async def _sampling(metrics: "Metrics") -> None:
    """With several processes, keep the numbers up to date that another one will answer with."""
    from app.observing import workers

    while workers.are_several():
        metrics.refresh()
        await asyncio.sleep(SAMPLED_EVERY)
