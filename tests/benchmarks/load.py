"""A load generator: keep-alive connections that send one request after the other, and the clock beside them.

It parses no more of an answer than it must, so that one core of it keeps one core of any server busy.
"""

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

END_OF_HEADERS = b"\r\n\r\n"


@dataclass
class Taken:
    """What a run of requests came to. Times are in seconds."""

    seconds: float = 0.0
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the requests was answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection(asyncio.Protocol):
    """One of the callers: sends the next request as soon as it has the answer to the last."""

    def __init__(self, requests: Iterator[bytes], judge: Callable[[bytes], str], taken: Taken, done: asyncio.Event):
        self._requests, self._judge, self._taken, self._done = requests, judge, taken, done
        self._answer = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(END_OF_HEADERS)
        if not end or len(body) < length_of(head):
            return
        self._taken.latencies.append(time.perf_counter() - self._began)
        self._taken.outcomes[self._judge(self._answer)] += 1
        self._answer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer or error:
            self._taken.outcomes["connection lost"] += 1
        self._done.set()


def length_of(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        raise ValueError("an answer without Content-Length")
    return int(lowered[at + 15 :].split(b"\r\n", 1)[0])


async def load(
    url: str, requests: Iterator[bytes], connections: int, seconds: float, judge: Callable[[bytes], str]
) -> Taken:
    """Send the requests, one a connection at least, until they or the seconds are over; each of them is answered."""
    parts = urlsplit(url)
    taken, loop = Taken(), asyncio.get_running_loop()
    began = time.perf_counter()

    def until() -> Iterator[bytes]:
        for number, request in enumerate(requests):
            if number >= connections and time.perf_counter() - began > seconds:
                return
            yield request

    shared = until()
    ends = [asyncio.Event() for _ in range(connections)]
    for end in ends:
        connection = partial(Connection, shared, judge, taken, end)
        await loop.create_connection(connection, parts.hostname or "", parts.port or 80)
    for end in ends:
        await end.wait()
    taken.seconds = time.perf_counter() - began
    return taken


def post(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST of JSON, as it goes over the wire."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"host: {parts.netloc}",
        "content-type: application/json",
        "accept: application/json",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + END_OF_HEADERS + body
