"""One set of numbers for several processes: in files of a folder that they share, as prometheus_client has it."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

# Read by prometheus_client when it is imported: so it is set before the processes begin.
SHARED = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_numbers() -> Iterator[None]:
    """Have the processes that are started meanwhile count together."""
    with TemporaryDirectory(prefix="billfolk-metrics-") as folder:
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            del os.environ[SHARED]


def are_several() -> bool:
    return SHARED in os.environ


def of_every_process() -> CollectorRegistry:
    """The numbers of all processes, and what the system says of those that live."""
    registry = CollectorRegistry()
    living = list(_living(Path(os.environ[SHARED])))
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Processes(living))
    return registry


def _living(folder: Path) -> Iterator[int]:
    """The processes that have written; the gauges of those that died are taken away, whoever ended them."""
    written = (re.fullmatch(r".*_(\d+)\.db", file.name) for file in folder.iterdir())
    for pid in {int(match[1]) for match in written if match}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
        else:
            yield pid


class _Processes(Collector):
    """Memory, CPU time and files of each process, told apart by `pid`."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = pids

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for pid in self._pids:
            for metric in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                for sample in metric.samples:
                    family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        return families.values()
