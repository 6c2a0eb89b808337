"""What must never be told, sent in every place; then all that the process told is searched for it."""

import asyncio
import gzip
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.opening import connected
from tests.graph.observing.receiver import receiving
from tests.lines import lines, told
from tests.server import Server, free_port, serving

# What could be found of a person, a secret and an address; and what a query would be known by.
CANARY = "canary"
PERSON = f"{CANARY}.lovelace@example.com"
SECRET = f"sk_{CANARY}0123456789"
ADDRESS = "203.0.113.77"
UNTOLD = (CANARY, "lovelace", SECRET, ADDRESS, "CreateCustomerInput", "INSERT", "SELECT", "UPDATE c", "externalId")

UPDATE = "mutation($by: CustomerBy!, $patch: CustomerPatch!) { updateCustomer(by: $by, patch: $patch) { __typename } }"
CREATE = "mutation($i: CreateCustomerInput!) { createCustomer(input: $i) { __typename } }"


def hostile(server: Server) -> Iterator[dict[str, Any]]:
    """Requests, as httpx takes them."""
    url = f"{server.url}/graphql"
    key = {"x-api-key": server.key}
    headers = {
        **key,
        "user-agent": PERSON,
        "referer": f"https://example.com/?email={PERSON}",
        "cookie": f"session={SECRET}",
        "x-forwarded-for": ADDRESS,
        "x-request-id": PERSON,
        "traceparent": PERSON,
        "tracestate": f"{CANARY}={CANARY}",
        "baggage": f"user={PERSON}",
        "origin": f"https://{CANARY}.example.com",
        f"x-{CANARY}": PERSON,
    }
    customer = {"externalId": PERSON, "email": PERSON, "name": PERSON, "metadata": {CANARY: PERSON}}

    def post(query: str, variables: Any = None, **more: Any) -> dict[str, Any]:
        return {
            "method": "POST",
            "url": url,
            "headers": headers,
            "json": {"query": query, "variables": variables} | more,
        }

    yield post(CREATE, {"i": customer})
    yield post(CREATE, {"i": customer})  # taken
    yield post(CREATE, {"i": {"externalId": f"{PERSON}2"}})
    yield post(UPDATE, {"by": {"externalId": f"{PERSON}2"}, "patch": {"name": CANARY}})  # a bug: see below
    yield post(CREATE, {"i": {**customer, "addressCountry": PERSON, "timezone": PERSON}})
    yield post(CREATE, {"i": {"externalId": [PERSON], CANARY: PERSON}})
    yield post(CREATE, {"i": PERSON, CANARY: PERSON})
    yield post(f'mutation {{ createCustomer(input: {{externalId: "{PERSON}", email: "{PERSON}"}}) {{ __typename }} }}')
    yield post(f'{{ {CANARY}: customer(by: {{externalId: "{PERSON}"}}) {{ {CANARY}: name }} }}')
    yield post(f'{{ customer(by: {{externalId: "{PERSON}" }}) {{ {CANARY} }} }}')
    yield post(f'{{ customers(after: "{PERSON}", filter: {{search: "{PERSON}"}}) {{ totalCount }} }}')
    yield post(f'{{ node(id: "{PERSON}") {{ id }} }} "{PERSON}"')
    yield post("{ viewer { id } }", operationName=PERSON)
    yield post("{ viewer { id } }", operationName=[PERSON])
    yield post(PERSON, extensions={"persistedQuery": PERSON})
    yield {"method": "POST", "url": url, "headers": headers, "json": [{"query": PERSON}]}
    for broken in (f'{{"query": "{PERSON}', f"query={PERSON}", f'{{"query": "\ud800{PERSON}"}}'):
        body = broken.encode("utf-8", "surrogatepass")
        yield {
            "method": "POST",
            "url": url,
            "headers": {**headers, "content-type": "application/json"},
            "content": body,
        }
    for more in ({"content-type": f"text/{CANARY}"}, {"accept": f"text/{CANARY}"}, {"content-encoding": CANARY}):
        content = gzip.compress(json.dumps({"query": PERSON}).encode())
        yield {
            "method": "POST",
            "url": url,
            "headers": {"content-type": "application/json", **headers, **more},
            "content": content,
        }
    yield {
        "method": "GET",
        "url": url,
        "headers": headers,
        "params": {"query": f'{{ customer(by: {{externalId: "{PERSON}"}}) {{ id }} }}'},
    }
    yield {
        "method": "GET",
        "url": url,
        "headers": headers,
        "params": {"query": "{ viewer { id } }", "variables": PERSON, CANARY: PERSON},
    }
    yield {"method": "GET", "url": f"{url}/{PERSON}?email={PERSON}", "headers": headers}
    yield {"method": "GET", "url": f"{server.url}/{PERSON}/%2e%2e/{CANARY}", "headers": headers}
    for method in ("PUT", CANARY.upper()):
        yield {"method": method, "url": url, "headers": headers, "content": PERSON}
    for authorization in (f"Bearer {SECRET}", f"Basic {SECRET}", SECRET, f"Bearer {SECRET} {PERSON}"):
        yield {
            "method": "POST",
            "url": url,
            "headers": {"authorization": authorization},
            "json": {"query": "{ viewer { id } }"},
        }
    yield {"method": "POST", "url": url, "headers": {"x-api-key": SECRET}, "json": {"query": "{ viewer { id } }"}}
    yield {"method": "GET", "url": f"{server.url}/metrics", "headers": {"authorization": f"Bearer {SECRET}"}}


RAW = (
    f"NONSENSE {PERSON}\r\n\r\n",
    f"GET /{PERSON} HTTP/9.9\r\nhost: {CANARY}\r\n\r\n",
    f"GET / HTTP/1.1\r\nhost: {CANARY}\r\n{PERSON}\r\n\r\n",
    f"POST /graphql HTTP/1.1\r\nhost: {CANARY}\r\ncontent-length: {CANARY}\r\n\r\n{PERSON}",
    f"GET /graphql?query={PERSON} HTTP/1.1\r\nhost: {CANARY}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    f"GET /graphql?query={PERSON} HTTP/1.1\r\nhost: {CANARY}\r\nconnection: upgrade\r\nupgrade: {CANARY}\r\n\r\n",
)


def send_raw(server: Server, sent: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(sent.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


# A bug of which the driver says something that holds the value.
BROKEN = {
    "sqlite": (
        "CREATE VIRTUAL TABLE words USING fts5 (word)",
        "CREATE TRIGGER broken BEFORE UPDATE OF name ON customers BEGIN"
        " SELECT count(*) FROM words WHERE words MATCH NEW.name || ':x'; END",
    ),
    "postgresql": (
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '%', NEW.name; END $$",
        "CREATE TRIGGER broken BEFORE UPDATE OF name ON customers FOR EACH ROW EXECUTE FUNCTION broken()",
    ),
}


async def break_the_data(database_url: str) -> None:
    async with connected(database_url) as database, database.direct.connect() as connection:
        await connection.execution_options(billfolk_writes=True)
        for statement in BROKEN["sqlite" if database.is_sqlite else "postgresql"]:
            await connection.exec_driver_sql(statement)
        await connection.commit()


@pytest.mark.slow
@pytest.mark.parametrize("format", ["json", "text"])
def test_nothing_of_a_client_and_no_secret_is_told(own_database: str, tmp_path: Path, format: str) -> None:
    port = free_port()
    with receiving() as receiver:
        settings = {
            "BILLFOLK_LOG_LEVEL": "debug",
            "BILLFOLK_LOG_FORMAT": format,
            "BILLFOLK_METRICS_PORT": str(port),
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        }
        with serving(own_database, tmp_path, **settings) as server:
            asyncio.run(break_the_data(own_database))
            with httpx.Client(timeout=30) as client:
                answers = [client.request(**request) for request in hostile(server)]
            for sent in RAW:
                send_raw(server, sent)
            metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            key = server.key
            assert server.stop() == 0
            # Without the first start's words to a person.
            printed = re.sub(r"^A first API key.*?^curl .*?$", "", server.printed, flags=re.MULTILINE | re.DOTALL)

    masked = [answer.json() for answer in answers if "INTERNAL" in answer.text]
    assert len(masked) == 1
    request_id = masked[0]["errors"][0]["extensions"]["requestId"]
    assert f"Request {request_id} failed in updateCustomer" in printed
    assert {answer.status_code for answer in answers} >= {200, 400, 401, 404, 405, 406, 415}
    traces = b"".join(receiver.bodies).decode("utf-8", "replace")
    assert all(shown in traces for shown in ("createCustomer", "POST /graphql"))
    assert "createCustomer" in metrics
    if format == "json":
        [bug] = told(printed, f"Request {request_id} failed in updateCustomer")
        assert bug["exception"].startswith("sqlalchemy.exc.")
        assert bug["request_id"] == request_id
        assert len(lines(printed)) > 10
    for told_by in (printed, metrics, traces):
        assert [word for word in (*UNTOLD, key) if word.casefold() in told_by.casefold()] == []
