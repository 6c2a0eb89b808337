"""Connections that are kept, and who had to wait for one."""

from collections.abc import Callable
from time import perf_counter

from sqlalchemy import AsyncAdaptedQueuePool, PoolProxiedConnection


class Pool(AsyncAdaptedQueuePool):
    """SQLAlchemy's, which also tells `waited` how long each wait took, in seconds."""

    waiting = 0
    waited: Callable[[float], None] | None = None

    def connect(self) -> PoolProxiedConnection:
        if self.checkedout() < self.size():
            return super().connect()
        self.waiting += 1
        began = perf_counter()
        try:
            return super().connect()
        finally:
            self.waiting -= 1
            if self.waited:
                self.waited(perf_counter() - began)
