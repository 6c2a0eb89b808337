"""Several processes that serve from one listening socket, and the one that looks after them.

uvicorn has such a supervisor. Its workers outlive it when it is killed, it does not hear a second signal, and one
worker that can't start ends them all: therefore this one.
"""

import logging
import os
import signal
import socket
import sys
import time
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from app.errors import Unusable
from app.serving.configuration import LAST_WORDS
from app.serving.worker import STOPS, Worker
from app.settings import Settings

log = logging.getLogger("billfolk")

# Seconds between two looks at the workers.
PAUSE = 0.2

# Seconds that workers have beyond their own limits to end.
MARGIN = 5.0


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
            if all(worker.failures and not worker.is_serving for worker in self._workers):
                self._signals.append(signal.SIGTERM)
                self._end()
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
        if worker.process and not worker.process.is_alive():
            code, pid = worker.process.exitcode, worker.process.pid
            log.error("Worker %s ended with exit code %s. Another starts in %g s", pid, code, worker.end())
        if worker.process is None and time.monotonic() >= worker.due:
            worker.start(self._sockets)

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
