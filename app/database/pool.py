"""Connections that are kept, and who had to wait for one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from sqlalchemy import AsyncAdaptedQueuePool, PoolProxiedConnection, QueuePool


class Pool(QueuePool):
    """SQLAlchemy's, which also tells `waited` how long each wait took, in seconds."""

    waiting = 0
    waited: Callable[[float], None] | None = None

    def connect(self) -> PoolProxiedConnection:
        if self.checkedout() < self.size():
            return super().connect()
        with self.counted():
            return super().connect()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a wait."""
        self.waiting += 1
        began = perf_counter()
        try:
            yield
        finally:
            self.waiting -= 1
            if self.waited:
                self.waited(perf_counter() - began)


class AsyncPool(Pool, AsyncAdaptedQueuePool):
    """The same for an event loop."""
