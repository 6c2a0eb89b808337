"""A client that speaks HTTP byte by byte, as no library would."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tests.server import PATIENCE

GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> Any:
        """The one error of a refusal."""
        assert self.headers["content-type"].startswith("application/json"), self
        [error] = json.loads(self.body)["errors"]
        return error


class Wire:
    def __init__(self, port: int, received: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if received:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
        self.socket.connect(("127.0.0.1", port))
        self.left = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> "Wire":
        self.socket.sendall(data)
        return self

    def send_while_it_listens(self, data: bytes) -> None:
        """As much as the other side takes."""
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            return

    def answer(self) -> Answer:
        """The next one."""
        while b"\r\n\r\n" not in self.left:
            self._read()
        head, _, self.left = self.left.partition(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        headers = dict(field.lower().split(": ", 1) for field in fields)
        length = int(headers.get("content-length", "0"))
        while len(self.left) < length:
            self._read()
        body, self.left = self.left[:length], self.left[length:]
        return Answer(int(status.split()[1]), headers, body)

    def _read(self) -> None:
        data = self.socket.recv(65_536)
        assert data, f"the connection ended behind {self.left!r}"
        self.left += data

    def rest(self) -> bytes:
        """What comes until the connection ends."""
        try:
            while data := self.socket.recv(65_536):
                self.left += data
        except ConnectionResetError:
            pass
        return self.left
