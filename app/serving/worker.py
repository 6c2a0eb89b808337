"""One of several processes that serve: how it begins, and how it learns to end."""

import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_bool
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any

from app.serving.server import Server
from app.settings import Settings

STOPS = (signal.SIGINT, signal.SIGTERM)

# A worker that lives shorter than this, in seconds, is not replaced at once; one that could not even start, after a
# delay that doubles each time, up to a limit.
BRIEF = 10.0
DELAY = 1.0
LONGEST_DELAY = 30.0

# Nothing is handed on but sockets: the parent's threads and loops would not survive a fork.
spawn = multiprocessing.get_context("spawn")


class Worker:
    """One place for a process, and whichever has it."""

    def __init__(self) -> None:
        self.process: SpawnProcess | None = None
        # In memory that both processes see, without a lock that one of them could die with.
        self.served = spawn.RawValue(c_bool, False)
        self.failures = 0
        self.began = self.due = 0.0

    @property
    def is_serving(self) -> bool:
        return self.process is not None and self.process.is_alive() and self.served.value

    def start(self, sockets: list[socket.socket]) -> None:
        self.began, self.served.value = time.monotonic(), False
        self.process = spawn.Process(target=work, args=(sockets, self.served))
        with signals_held():
            self.process.start()

    def end(self) -> float:
        """Take note that the process has ended; how long to wait before the next one, in seconds."""
        now = time.monotonic()
        if self.served.value:
            self.failures, delay = 0, 0.0 if now - self.began > BRIEF else DELAY
        else:
            self.failures, delay = self.failures + 1, min(DELAY * 2**self.failures, LONGEST_DELAY)
        self.process, self.due = None, now + delay
        return delay


def work(sockets: list[socket.socket], served: Any) -> None:
    """What each of the processes does."""

    def serves() -> None:
        served.value = True

    server = Server(Settings(), when_started=serves, is_one_of_many=True)
    for stop in STOPS:
        signal.signal(stop, server.handle_exit)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    threading.Thread(target=stop_with_parent, args=(server,), daemon=True).start()
    server.run(sockets)


def stop_with_parent(server: Server) -> None:
    parent = multiprocessing.parent_process()
    if parent:
        wait([parent.sentinel])
        server.handle_exit(signal.SIGTERM, None)


@contextmanager
def signals_held() -> Iterator[None]:
    """A process that is started here is sent no signal before it can handle it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
