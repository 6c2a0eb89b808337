"""What the log says of requests."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx
import pytest

from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.lines import lines, told

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("alone_in_the_log")]

Capture = pytest.CaptureFixture[str]
REQUEST = "POST /graphql"
ALIKE = "more requests ended alike"


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[Api]:
    """A server of the test's own in this process, which logs as the settings say, and a tenant."""
    app = create_app(Settings(failures_per_address="", **settings))
    transport = httpx.ASGITransport(app, client=("203.0.113.7", 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client,
    ):
        yield await Api(client, app.state.database).acting()


async def test_a_request_is_one_line_with_what_an_operator_asks_first(api: Api, capfd: Capture) -> None:
    response = await api.client.post(
        "/graphql",
        json={"query": "query WhoAmI { viewer { id } again: viewer { id } __typename }"},
        headers={"x-api-key": api.secret, "x-request-id": "req-1"},
    )
    viewer = response.json()["data"]["viewer"]["id"]
    [line] = lines(capfd.readouterr().err)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("time"))
    assert 0 < line.pop("duration_ms") < 60_000
    assert line == {
        "level": "info",
        "event": REQUEST,
        "request_id": "req-1",
        "status": 200,
        "bytes": len(response.content),
        "operation": "WhoAmI",
        "operation_type": "query",
        "fields": ["viewer", "__typename"],
        "tenant": api.tenant,
        "environment": api.environment,
        "actor": viewer,
    }


async def test_root_fields_are_found_in_fragments(api: Api, capfd: Capture) -> None:
    await api.execute(
        "{ ...A ... { ...A __typename } } fragment A on Query { v: viewer { id } ...B }"
        " fragment B on Query { nodes(ids: []) { id } }"
    )

    assert lines(capfd.readouterr().err)[0]["fields"] == ["viewer", "nodes", "__typename"]


async def test_a_refusal_in_a_field_is_told_by_its_code(api: Api, capfd: Capture) -> None:
    await api.refused('mutation { eraseCustomer(by: {id: "x"}, confirmExternalId: "x") { __typename } }')
    [line] = lines(capfd.readouterr().err)

    assert (line["level"], line["status"], line["codes"]) == ("warning", 200, ["FORBIDDEN"])
    assert line["fields"] == ["eraseCustomer"]


async def test_an_operations_name_is_cut(api: Api, capfd: Capture) -> None:
    await api.execute(f"query {'N' * 5000} {{ viewer {{ id }} }}")

    assert lines(capfd.readouterr().err)[0]["operation"] == "N" * 100


@pytest.mark.parametrize("secret", ["sk_0123456789", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"])
async def test_a_secret_in_place_of_a_request_id_is_not_taken_for_one(api: Api, secret: str, capfd: Capture) -> None:
    response = await api.client.get("/graphql", headers={"x-request-id": secret})

    assert response.headers["x-request-id"] != secret
    assert secret not in capfd.readouterr().err


async def test_probes_and_the_pages_files_are_not_told(api: Api, capfd: Capture) -> None:
    for path in ("/healthz", "/readyz", "/graphiql/page.js"):
        assert (await api.client.get(path)).status_code == 200

    assert lines(capfd.readouterr().err) == []


async def test_the_clients_address_is_told_when_a_setting_asks(database_url: str, capfd: Capture) -> None:
    for is_asked_for in (False, True):
        async with served(database_url=database_url, log_client_address=is_asked_for) as api:
            await api.execute("{ viewer { id } }")
        [line] = told(capfd.readouterr().err, REQUEST)
        assert line.get("client") == ("203.0.113.7" if is_asked_for else None)


@pytest.mark.parametrize(("level", "expected"), [("info", [200, 401]), ("warning", [401]), ("error", [])])
async def test_the_level_says_which_requests_are_told(
    database_url: str, level: str, expected: list[int], capfd: Capture
) -> None:
    async with served(database_url=database_url, log_level=level) as api:
        await api.execute("{ viewer { id } }")
        await api.client.post("/graphql", json={"query": "{ viewer { id } }"})

    assert [line["status"] for line in told(capfd.readouterr().err, REQUEST)] == expected


async def test_people_get_text(database_url: str, capfd: Capture) -> None:
    async with served(database_url=database_url, log_format="text") as api:
        await api.execute("query Q { viewer { id } }")
    [line] = capfd.readouterr().err.splitlines()

    assert re.match(r"\d\d:\d\d:\d\d\.\d{6} info +POST /graphql request_id=\w+ status=200 ", line)
    assert f" operation=Q operation_type=query fields=viewer tenant={api.tenant} " in line


async def test_refused_documents_do_not_flood_the_log(database_url: str, capfd: Capture) -> None:
    async with served(database_url=database_url) as api:
        for query in ["{ nothing }", "{", "query ($i: [ID!]!) { nodes(ids: $i) { id } }"] * 100:
            await api.post(query)
        for n in range(100):
            await api.client.post("/graphql", json={"query": "{ viewer { id } }"}, headers={"x-api-key": f"wrong{n}"})
            await api.client.get(f"/nothing/{n}")
            await api.client.get("/graphql", headers={"accept": "text/html"})
        for _ in range(10):
            await api.execute("{ viewer { id } }")
    printed = capfd.readouterr().err

    counted = Counter[str]()
    for line in lines(printed):
        code = line.get("codes", [line.get("code")])[0]
        if line.get("status") == 404:
            code = "404"
        elif code is None and "tenant" not in line:
            code = "page"
        counted[code] += line.get("count", 1)
    assert counted == {
        "GRAPHQL_VALIDATION_FAILED": 100,
        "GRAPHQL_PARSE_FAILED": 100,
        "BAD_USER_INPUT": 100,
        "UNAUTHENTICATED": 100,
        "404": 100,
        "page": 100,
        None: 10,
    }
    # One line at once for each of the six, and one for the rest of each every five seconds.
    assert len(lines(printed)) - 10 < 100


@pytest.mark.slow
async def test_what_was_held_back_is_told_while_the_server_goes_on(database_url: str, capfd: Capture) -> None:
    alike: list[dict[str, Any]] = []
    async with served(database_url=database_url) as api, asyncio.timeout(60):
        for _ in range(3):
            await api.post("{")
        while not alike:
            await asyncio.sleep(0.1)
            alike = [line for line in told(capfd.readouterr().err, ALIKE) if line["code"] == "GRAPHQL_PARSE_FAILED"]

    assert [line["count"] for line in alike] == [2]
