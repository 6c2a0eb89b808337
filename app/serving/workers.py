"""Several processes that serve from one listening socket, and the one that looks after them.

uvicorn has such a supervisor. Its workers outlive it when it is killed, it does not hear a second signal, and one
worker that can't start ends them all: therefore this one.
"""

import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from app.errors import Unusable
from app.serving.server import LAST_WORDS, Server
from app.settings import Settings

log = logging.getLogger("billfolk")

STOPS = (signal.SIGINT, signal.SIGTERM)

# Seconds between two looks at the workers.
PAUSE = 0.2

# A worker that lives shorter than this, in seconds, is replaced after a delay that doubles each time, up to a limit.
BRIEF = 10.0
LONGEST_DELAY = 30.0

# Seconds that workers have beyond their own limits to end.
MARGIN = 5.0

# Nothing is handed on but the socket: the parent's threads and loops would not survive a fork.
spawn = multiprocessing.get_context("spawn")


@dataclass
class Worker:
    """One place for a process, and whichever has it."""

    process: SpawnProcess | None = None
    began: float = 0.0
    delay: float = 0.0
    due: float = 0.0
    has_failed: bool = False


class Workers:
    """Starts the processes, replaces those that end, and ends them all when it is told to stop.

    SIGTERM and SIGINT mean what they mean to one process alone. When this process is killed, its workers stop, too.
    """

    def __init__(self, sockets: list[socket.socket], number: int, settings: Settings) -> None:
        if sys.platform == "win32":
            raise Unusable("Several workers share a socket and are sent signals, which takes a Unix")
        self._sockets = sockets
        self._workers = [Worker() for _ in range(number)]
        self._patience = settings.shutdown_grace + settings.shutdown_timeout + LAST_WORDS + MARGIN
        self._signals: list[int] = []

    def run(self) -> None:
        for stop in STOPS:
            signal.signal(stop, self._note)
        while not self._signals:
            for worker in self._workers:
                self._tend(worker)
            if all(worker.process is None and worker.has_failed for worker in self._workers):
                raise Unusable("No worker could start")
            self._wait()
        self._end()

    def _note(self, sig: int, _frame: FrameType | None) -> None:
        self._signals.append(sig)

    def _alive(self) -> list[SpawnProcess]:
        return [worker.process for worker in self._workers if worker.process and worker.process.is_alive()]

    def _wait(self) -> None:
        """Until a worker ends, but not long: a signal is to be noticed, and a worker that is due to be started."""
        wait([process.sentinel for process in self._alive()], PAUSE)

    def _tend(self, worker: Worker) -> None:
        now = time.monotonic()
        if worker.process and not worker.process.is_alive():
            code, pid = worker.process.exitcode, worker.process.pid
            worker.delay = 0.0 if now - worker.began > BRIEF else min(max(1.0, 2 * worker.delay), LONGEST_DELAY)
            worker.due, worker.has_failed, worker.process = now + worker.delay, (code or 0) > 0, None
            log.error("Worker %s ended with exit code %s. Another starts in %g s", pid, code, worker.delay)
        if worker.process is None and now >= worker.due:
            worker.process, worker.began = spawn.Process(target=work, args=(self._sockets,)), now
            with signals_held():
                worker.process.start()

    def _end(self) -> None:
        for process in self._alive():
            os.kill(process.pid or 0, self._signals[0])
        deadline = time.monotonic() + self._patience
        while alive := self._alive():
            if len(self._signals) > 1 or time.monotonic() > deadline:
                for process in alive:
                    process.kill()
                sys.exit(128 + self._signals[-1])
            self._wait()


def work(sockets: list[socket.socket]) -> None:
    """What each of the processes does."""
    server = Server(Settings(), is_one_of_many=True)
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
