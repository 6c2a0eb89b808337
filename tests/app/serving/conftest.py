"""The server with the real application, on a port of its own in this process, once with each parser."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app import identity
from app.opening import opened
from app.serving.guard import Guard
from app.serving.h11 import H11
from app.serving.httptools import HttpTools
from app.serving.listening import listen
from app.serving.server import Server
from app.settings import Settings
from graph.asgi import create_app
from tests.server import PATIENCE

Serve = Callable[..., AbstractContextManager["Here"]]


class Here:
    """A server that is up."""

    def __init__(self, server: Server, port: int, key: str) -> None:
        self.server, self.port, self.key = server, port, key

    def post(self, length: int, *fields: bytes) -> bytes:
        """The head of a request with a key, and a body of that length."""
        lines = (b"POST /graphql HTTP/1.1", b"Host: a", b"Content-Type: application/json", *fields)
        own = (b"X-Api-Key: " + self.key.encode(), b"Content-Length: %d" % length)
        return b"\r\n".join((*lines, *own, b"", b""))


@pytest.fixture(scope="session", params=[HttpTools, H11], ids=["httptools", "h11"])
def parser(request: pytest.FixtureRequest) -> type[Guard]:
    guard: type[Guard] = request.param
    return guard


@pytest.fixture(scope="session")
def keyed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A database's URL, and a key in it. What is served matters little here."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('serving'))}"

    async def made() -> str:
        async with opened(url) as database:
            return (await database.write(identity.NewKey("acme", "live"))).secret

    return url, asyncio.run(made())


@pytest.fixture(scope="session")
def serve(parser: type[Guard], keyed: tuple[str, str]) -> Serve:
    url, key = keyed

    @contextmanager
    def serving(**settings: Any) -> Iterator[Here]:
        chosen = Settings(database_url=url, shutdown_grace=0, failures_per_address="", **settings)
        server = Server(chosen, create_app(chosen), parser)
        with listen("127.0.0.1", 0) as listener:
            port = listener.getsockname()[1]
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            try:
                while not server.started:
                    assert thread.is_alive()
                yield Here(server, port, key)
            finally:
                server.should_exit = True
                thread.join(PATIENCE)
                assert not thread.is_alive()

    return serving


@pytest.fixture(scope="module")
def here(serve: Serve) -> Iterator[Here]:
    """With the limits that it has of itself."""
    with serve() as here:
        yield here


@pytest.fixture(scope="module")
def hurried(serve: Serve) -> Iterator[Here]:
    """Whose clients have a second for everything."""
    with serve(header_timeout=1, body_timeout=1, answer_timeout=1, keep_alive_timeout=1) as here:
        yield here
