"""The guard of uvicorn's protocol with llhttp's parser, which is the fast one."""

from typing import Any, NoReturn

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.serving import heads, refusals
from app.serving.guard import CHUNK, Guard
from app.serving.refusals import Refusal

# Requests that may wait behind one that is answered: a packet could hold thousands.
QUEUE = 16


class HttpTools(Guard, HttpToolsProtocol):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.parser = Parser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    @property
    def is_queueing(self) -> bool:
        return bool(self.pipeline)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.raw = max(self.raw, 1)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self.limits.url:
            self._stop(refusals.long_url(self.limits.url))

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        refusal = heads.judge(version, self.headers, self.limits)
        if self.parser.get_method() == b"CONNECT" or len(self.pipeline) >= QUEUE:
            refusal = refusals.malformed()
        if refusal:
            self._stop(refusal)
        if not self.parser.should_upgrade():
            super().on_headers_complete()
            self.head_read()
            # A trailer comes after a body: uvicorn would put it among the headers, where it could say who calls.
            self.headers = []

    def on_body(self, body: bytes) -> None:
        self.raw -= len(body) * CHUNK
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self.body_read()

    def head_without_offer(self) -> bytes:
        """The head once more, without the protocol that it offers to change to (RFC 9110, 7.8: to be ignored)."""
        line = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        fields = (name + b": " + value + b"\r\n" for name, value in self.headers if name != b"upgrade")
        return line + b"".join(fields) + b"\r\n"

    def _stop(self, refusal: Refusal) -> NoReturn:
        self.refusal = refusal
        raise ValueError(refusal.message)


class Parser(httptools.HttpRequestParser):
    """llhttp, which takes a request that offers another protocol for one without a body, and its body for another."""

    def __init__(self, protocol: HttpTools) -> None:
        super().__init__(protocol)
        self._protocol = protocol

    def feed_data(self, data: Any) -> None:
        while True:
            try:
                super().feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._protocol.head_without_offer() + data[offer.args[0] :]
            else:
                return
