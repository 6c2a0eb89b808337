"""One process that serves: uvicorn's server with guarded connections, and an end in which nobody is left waiting."""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from app.serving.configuration import configuration, is_no_clients_fault, protocol
from app.serving.crowd import Crowd
from app.serving.guard import Guard
from app.settings import Settings

# uvicorn's main loop ticks ten times a second.
CHECKS = 5

CLOSE = (b"connection", b"close")

# Of the garbage collector: what a request leaves is freed without it, and a full collection takes as long as many
# requests. So it begins rarely, and looks at nothing that was there before the first of them.
GENERATIONS = (50_000, 20, 100)


class Server(uvicorn.Server):
    """Serves until it is told to stop.

    After SIGTERM, requests are taken for `shutdown_grace` seconds more, and each answer ends its connection: so clients
    go elsewhere between two requests, not in the middle of one. Then no connection is accepted, and what was asked is
    answered within `shutdown_timeout` seconds. SIGINT leaves out the first part. A second signal ends the process at
    once, unless `is_one_of_many`: then it may be the same signal, sent to the process and to its whole group.
    """

    server_state: Crowd

    def __init__(
        self,
        settings: Settings,
        # An import string, so that the application knows nothing of the API that translates for it.
        app: ASGIApp | str = "graph.asgi:app",
        http: type[Guard] | None = None,
        *,
        when_started: Callable[[], None] | None = None,
        is_one_of_many: bool = False,
    ) -> None:
        super().__init__(configuration(settings, app, http or protocol()))
        logging.getLogger("uvicorn.error").addFilter(is_no_clients_fault)
        self.server_state = Crowd(settings.limits())
        self._grace = settings.shutdown_grace
        self._timeout = settings.shutdown_timeout
        self._when_started = when_started
        self._is_one_of_many = is_one_of_many
        self._is_stopping = False
        self._stops_at: float | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        gc.disable()
        try:
            await super().serve(sockets)
        finally:
            gc.enable()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()
        gc.set_threshold(*GENERATIONS)
        gc.enable()
        if self._when_started:
            self._when_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal. uvicorn would raise it again at the end: being told to stop is no failure."""
        if self._is_stopping and not self._is_one_of_many:
            os._exit(128 + sig)
        self._is_stopping = True
        if sig == signal.SIGINT:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        now = asyncio.get_running_loop().time()
        if counter % CHECKS == 0:
            self.server_state.check(now)
        if self._is_stopping and self._stops_at is None:
            self._stops_at = now + self._grace
            self._begin_to_stop()
        if self._stops_at is not None and now >= self._stops_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def _begin_to_stop(self) -> None:
        # What lies here is in every request's `state`.
        self.lifespan.state["stopping"] = True
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]
        self.server_state.drain()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        checking = asyncio.create_task(self._check_until_the_end())
        try:
            await super().shutdown(sockets)
        finally:
            checking.cancel()
            with suppress(asyncio.CancelledError):
                await checking
            self.server_state.drop()
            await asyncio.sleep(0)
            self.server_state.noted.close()

    async def _check_until_the_end(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._timeout
        while loop.time() < end:
            await asyncio.sleep(0.5)
            self.server_state.check(loop.time())
        self.server_state.abandon()
