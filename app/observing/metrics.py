"""Numbers for Prometheus. Labels are names of ours (routes, root fields, codes), never a client's choice."""

from collections.abc import Callable
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from starlette.types import Scope

from app.database import Database
from app.database.pool import Pool
from app.observing.requests import Observation

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter began: as many lines again, for nobody


class Labels(NamedTuple):
    """What requests are told apart by. `field` is the one root field, `several`, or nothing."""

    route: str
    operation: str
    field: str
    status: str
    code: str


class Children(NamedTuple):
    requests: Counter
    seconds: Histogram


class Metrics:
    """Counts requests, and holds what is measured elsewhere."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._in_flight = 0
        self._children: dict[Labels, Children] = {}
        self._sampled: list[tuple[Gauge, Callable[[], float]]] = []
        self._requests = Counter(
            "billfolk_requests", "Requests that ended.", Labels._fields, registry=self.registry
        )  # exposed as billfolk_requests_total
        self._seconds = Histogram(
            "billfolk_request_seconds",
            "From a request's headers to the end of its answer.",
            Labels._fields[:3],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._documents = Counter(
            "billfolk_documents",
            "Documents that were executed or refused: hit, when they had been validated before.",
            ["cache"],
            registry=self.registry,
        )
        self._waited = Histogram(
            "billfolk_database_pool_wait_seconds",
            "How long those waited who found every connection of the pool in use.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._hits, self._misses = self._documents.labels("hit"), self._documents.labels("miss")
        self.sample("billfolk_requests_in_flight", "Requests that are being answered.", lambda: self._in_flight)

    def watch(self, database: Database) -> None:
        """Show how much of the database's connections is in use, and who waits for what."""
        pool = database.sync_engine.pool
        assert isinstance(pool, Pool)  # noqa: S101 - it was made with one
        pool.waited = self._waited.observe
        self.sample("billfolk_database_line", "Changes in line for a commit.", lambda: database.in_line)
        self.sample("billfolk_database_pool_size", "The most connections of the pool.", pool.size)
        self.sample("billfolk_database_pool_in_use", "Connections out of the pool.", pool.checkedout)
        self.sample("billfolk_database_pool_waiting", "Who waits for a connection.", lambda: pool.waiting)

    def sample(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Have a gauge that is read when it is asked for; the sum of all processes' where there are several."""
        gauge = Gauge(name, meaning, registry=self.registry, multiprocess_mode="livesum")
        self._sampled.append((gauge, value))

    def refresh(self) -> None:
        """Read what is sampled, now."""
        for gauge, value in self._sampled:
            gauge.set(value())

    def begun(self, observation: Observation, scope: Scope) -> None:
        self._in_flight += 1

    def ended(self, observation: Observation) -> None:
        self._in_flight -= 1
        children = self._of(labels_of(observation))
        children.requests.inc()
        children.seconds.observe(observation.seconds)
        if observation.was_known is not None:
            (self._hits if observation.was_known else self._misses).inc()

    def _of(self, labels: Labels) -> Children:
        found = self._children.get(labels)
        if found is None:
            found = Children(self._requests.labels(*labels), self._seconds.labels(*labels[:3]))
            self._children[labels] = found
        return found


def labels_of(seen: Observation) -> Labels:
    match seen.fields:
        case ():
            field = ""
        case (only,):
            field = only
        case _:
            field = "several"
    code = seen.codes[0] if seen.codes else ""
    return Labels(seen.route or "", seen.operation_type or "", field, str(seen.status), code)
