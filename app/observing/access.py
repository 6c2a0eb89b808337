"""The log's line for each request."""

from collections.abc import Mapping
from typing import Any

from starlette.types import Scope

from app.observing.lines import LEVELS, Lines
from app.observing.requests import Observation
from app.observing.throttle import Throttle

# A status, and the first error's code.
Kind = tuple[int, str]


class RequestLog:
    """Tells of each request in one line; of those that are refused, or nobody's, in a few however many they are.

    `level` is the least that is told: a request that was served is `info`, a refused one `warning`, a failed one
    `error`. `with_client` adds the client's address. Requests that were served and are not `main` (probes, the page's
    files) are not told.
    """

    def __init__(self, lines: Lines, level: str = "info", *, main: str, with_client: bool = False) -> None:
        self._lines = lines
        self._least = LEVELS[level]
        self._main = main
        self._with_client = with_client
        self._alike = Throttle[Kind](self._tell_alike)

    def begun(self, observation: Observation, scope: Scope) -> None:
        if self._with_client and scope.get("client"):
            observation.client = scope["client"][0]

    def ended(self, observation: Observation) -> None:
        status, codes = observation.status, observation.codes
        level = "error" if status >= 500 else "warning" if status >= 400 or codes else "info"
        if LEVELS[level] < self._least or (level == "info" and observation.route != self._main):
            return
        # What was executed for somebody is told each time, and so is a bug.
        is_alike = status >= 400 or observation.actor is None or not observation.was_executed
        if is_alike and status != 500 and not self._alike.passes((status, codes[0] if codes else "")):
            return
        self._lines.write_soon(level, f"{observation.method} {observation.route or 'elsewhere'}", _fields(observation))

    def close(self) -> None:
        self._alike.close()
        self._lines.flush()

    def _tell_alike(self, kind: Kind, count: int) -> None:
        status, code = kind
        fields = {"status": status, "code": code or None, "count": count}
        self._lines.write("warning" if code else "info", "more requests ended alike", fields)


def _fields(seen: Observation) -> Mapping[str, Any]:
    actor = seen.actor
    return {
        "request_id": seen.request_id,
        "trace_id": seen.trace_id,
        "status": seen.status or None,
        "duration_ms": round(seen.seconds * 1000, 3),
        "bytes": seen.bytes,
        "operation": seen.operation_name,
        "operation_type": seen.operation_type,
        "fields": seen.fields,
        "codes": seen.codes,
        "tenant": actor.tenant_id if actor else None,
        "environment": actor.environment_id if actor else None,
        "actor": actor.alias if actor else None,
        "client": seen.client,
    }
