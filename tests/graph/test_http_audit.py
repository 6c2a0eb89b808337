"""The working group's own audits, as the npm package graphql-http has them."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp

from graph.http import GraphQLOverHTTP
from tests.graph import toy

PACKAGES = ["graphql-http@1.23.1", "graphql@16"]
AUDITS = 61


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1, and give the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, ws="none", lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the audits with npm, and give the folder."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("there is no Node with npm")
    folder = tmp_path_factory.mktemp("audit")
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)  # noqa: S603  # ours
    if installed.returncode and not os.environ.get("CI"):
        pytest.skip("npm can't install graphql-http")
    assert installed.returncode == 0, installed.stderr
    return folder


async def anybody(_request: Request) -> None:
    return None


@pytest.mark.slow
def test_passes_every_audit(node: Path) -> None:
    script = Path(__file__).with_name("audit.mjs")
    with served(GraphQLOverHTTP(toy.schema, context=anybody, page=toy.page)) as url:
        command = [shutil.which("node") or "node", str(script), url]
        ran = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603  # ours
    results = json.loads(ran.stdout)
    failed = [
        f"{result['id']} {result['name']}: {result.get('reason')}" for result in results if result["status"] != "ok"
    ]
    assert failed == []
    assert len(results) == AUDITS
