"""What Prometheus reads."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.gates import all_lanes_held, reader_held
from tests.lines import lines
from tests.server import ROOT, environment, free_port, run, serving

pytestmark = pytest.mark.anyio

TOKEN = "0123456789abcdef"  # noqa: S105 - a test's
BEARER = {"authorization": f"Bearer {TOKEN}"}
Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


@asynccontextmanager
async def served(database_url: str, **settings: Any) -> AsyncIterator[Api]:
    app = create_app(Settings(database_url=database_url, metrics_token=TOKEN, **settings))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client,
    ):
        yield await Api(client, app.state.database).acting()


def parsed(exposed: str) -> Numbers:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposed)
        for sample in family.samples
    }


async def numbers(api: Api) -> Numbers:
    return parsed((await api.client.get("/metrics", headers=BEARER)).text)


def of(found: Numbers, name: str, **labels: str) -> float:
    """The sum of a metric's samples that have these labels."""
    return sum(
        value for (called, having), value in found.items() if called == name and labels.items() <= dict(having).items()
    )


async def test_requests_are_counted_by_field_status_and_code(database_url: str) -> None:
    async with served(database_url) as api:
        await api.created(externalId="a")
        await api.execute("{ viewer { id } }")
        await api.execute("{ viewer { id } }")
        await api.execute("query ClientsName { a: viewer { id } nodes(ids: []) { id } }")
        await api.refused("{ nothing }")
        await api.refused('mutation { eraseCustomer(by: {id: "x"}, confirmExternalId: "x") { __typename } }')
        await api.client.post("/graphql", json={"query": "{ viewer { id } }"})
        await api.client.get("/no/such/place")
        found = await numbers(api)

    requests = {
        tuple(dict(labels)[name] for name in ("route", "operation", "field", "status", "code")): value
        for (name, labels), value in found.items()
        if name == "billfolk_requests_total"
    }
    assert requests == {
        ("/graphql", "mutation", "createCustomer", "200", ""): 1,
        ("/graphql", "query", "viewer", "200", ""): 2,
        ("/graphql", "query", "several", "200", ""): 1,
        ("/graphql", "", "", "200", "GRAPHQL_VALIDATION_FAILED"): 1,
        ("/graphql", "mutation", "eraseCustomer", "200", "FORBIDDEN"): 1,
        ("/graphql", "", "", "401", "UNAUTHENTICATED"): 1,
        ("", "", "", "404", "BAD_USER_INPUT"): 1,
    }
    assert of(found, "billfolk_request_seconds_count", field="viewer") == 2
    assert of(found, "billfolk_request_seconds_bucket", field="viewer", le="+Inf") == 2
    assert of(found, "billfolk_documents_total", cache="hit") == 1
    assert of(found, "billfolk_documents_total", cache="miss") == 5


async def test_no_text_of_a_client_is_a_label(database_url: str) -> None:
    async with served(database_url) as api:
        await api.execute("query canary { canary: viewer { canary: id } }")
        await api.client.request("CANARY", "/canary", headers={"x-request-id": "canary"})
        await api.client.post("/graphql", json={"query": "{ canary }", "operationName": "canary"})
        exposed = (await api.client.get("/metrics", headers=BEARER)).text

    assert "billfolk_requests_total" in exposed
    assert "canary" not in exposed


async def test_the_pool_and_the_requests_in_flight_are_shown(database_url: str) -> None:
    async with served(database_url, database_pool_size=1) as api:
        await api.find(externalId="nobody")  # with which the key is known
        async with reader_held(api.database):
            waiting = [asyncio.create_task(api.find(externalId="nobody")) for _ in range(3)]
            async with asyncio.timeout(30):
                busy: Numbers = {}
                while of(busy, "billfolk_database_pool_waiting") < 3:
                    busy = await numbers(api)
        await asyncio.gather(*waiting)
        quiet = await numbers(api)

    # The one that asks for the numbers is in flight too.
    assert of(busy, "billfolk_requests_in_flight") == 4
    assert of(quiet, "billfolk_requests_in_flight") == 1
    assert of(busy, "billfolk_database_pool_size") == of(busy, "billfolk_database_pool_in_use") == 1
    assert of(quiet, "billfolk_database_pool_in_use") == of(quiet, "billfolk_database_pool_waiting") == 0
    assert of(quiet, "billfolk_database_pool_wait_seconds_count") >= 3
    assert of(quiet, "process_resident_memory_bytes") > 0 or sys.platform != "linux"


async def test_changes_that_wait_for_a_commit_are_shown(database_url: str) -> None:
    async with served(database_url) as api:
        await api.find(externalId="nobody")
        async with all_lanes_held(api.database):
            waiting = [asyncio.create_task(api.created(externalId=f"c{n}")) for n in range(3)]
            async with asyncio.timeout(30):
                busy: Numbers = {}
                while of(busy, "billfolk_database_line") < 3:
                    busy = await numbers(api)
        await asyncio.gather(*waiting)
        quiet = await numbers(api)

    assert of(busy, "billfolk_database_line") == 3
    assert of(quiet, "billfolk_database_line") == 0


@pytest.mark.parametrize(
    "sent", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}, {"authorization": f"Basic {TOKEN}"}]
)
async def test_without_the_token_there_are_no_numbers(database_url: str, sent: dict[str, str]) -> None:
    async with served(database_url) as api:
        response = await api.client.get("/metrics", headers=sent)
        posted = await api.client.post("/metrics", headers=BEARER)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert posted.status_code == 405


async def test_every_metric_of_the_readme_is_there(database_url: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `(billfolk_\w+)`", readme, re.MULTILINE))
    async with served(database_url) as api:
        await api.execute("{ viewer { id } }")
        found = {re.sub(r"_(bucket|count|sum)$", "", name) for name, _ in await numbers(api)}

    assert documented == {name for name in found if name.startswith("billfolk_")}


async def test_openmetrics_is_answered_when_it_is_asked_for(database_url: str) -> None:
    async with served(database_url) as api:
        response = await api.client.get(
            "/metrics", headers={**BEARER, "accept": "application/openmetrics-text; version=1.0.0"}
        )

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


async def test_metrics_are_off_by_default(api: Api) -> None:
    assert (await api.client.get("/metrics")).status_code == 404


@pytest.mark.slow
def test_what_is_off_is_not_imported() -> None:
    program = "import sys, graph.asgi; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", program]
    imported = subprocess.check_output(command, env=environment({}), cwd=ROOT, text=True, timeout=60).split()  # noqa: S603 - ours
    assert "graph" in imported
    assert not {"prometheus_client", "opentelemetry", "requests", "google"} & set(imported)


@pytest.mark.slow
def test_metrics_have_a_port_of_their_own(tmp_path: Path) -> None:
    port = free_port()
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, BILLFOLK_METRICS_PORT=str(port)) as server:
        own = f"http://127.0.0.1:{port}"
        found = parsed(httpx.get(f"{own}/metrics").text)
        host = {"host": f"127.0.0.1:{port}"}
        statuses = [
            httpx.get(f"{own}/graphql").status_code,
            httpx.post(f"{own}/metrics").status_code,
            httpx.get(f"{server.url}/metrics").status_code,
            httpx.get(f"{server.url}/metrics", headers=host).status_code,
        ]
        assert server.stop() == 0

    assert of(found, "billfolk_requests_total", route="/healthz", status="200") >= 1
    assert statuses == [404, 405, 404, 404]


@pytest.mark.slow
def test_a_metrics_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    port = str(free_port())
    ended = run(
        "serve", "--port", port, BILLFOLK_METRICS_PORT=port, BILLFOLK_DATABASE_URL=f"sqlite:///{tmp_path / 'x.db'}"
    )

    assert ended.returncode == 1
    assert ended.stderr == f"billfolk: Can't listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.slow
def test_workers_count_together_and_those_that_died_are_no_longer_measured(own_database: str, tmp_path: Path) -> None:
    port = free_port()
    settings = {"BILLFOLK_WORKERS": "2", "BILLFOLK_METRICS_PORT": str(port)}

    def read() -> Numbers:
        return parsed(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text)

    def workers(found: Numbers) -> set[int]:
        return {int(dict(labels)["pid"]) for name, labels in found if name == "process_cpu_seconds_total"}

    def read_when_two_serve(but: int = 0) -> Numbers:
        """The numbers once two processes have their pools, and the one that was killed has none."""
        deadline = time.monotonic() + 60
        while len(workers(found := read()) - {but}) < 2 or of(found, "billfolk_database_pool_size") != 20:
            assert time.monotonic() < deadline, found
        return found

    with serving(own_database, tmp_path, **settings) as server:
        read_when_two_serve()
        body, headers = {"query": "{ viewer { id } }"}, {"x-api-key": server.key}
        for _ in range(30):
            # A new connection each time, which either of them takes.
            assert httpx.post(f"{server.url}/graphql", json=body, headers=headers).status_code == 200
        before = read()
        killed = min(workers(before))
        os.kill(killed, signal.SIGKILL)
        after = read_when_two_serve(but=killed)
        assert server.stop() == 0

    for found in (before, after):
        assert of(found, "billfolk_requests_total", field="viewer") == 30
        assert of(found, "billfolk_request_seconds_count", field="viewer") == 30
        assert of(found, "billfolk_documents_total") == 30
        assert of(found, "billfolk_requests_in_flight") == 0
    assert killed not in workers(after)
    assert all(line["event"] for line in lines(server.printed))
