"""GraphQL over HTTP as it is served: by uvicorn, from sockets, with the schema and the keys that are real."""

import gzip
import json
import socket
from collections.abc import Iterator

import httpx2 as httpx
import pytest

from tests.graph.toy import GRAPHQL
from tests.server import Server, serving

JSON = "application/json"
QUERY = {"query": "{ __typename }"}
DATA = {"data": {"__typename": "Query"}}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with serving(f"sqlite:///{folder / 'x.db'}", folder) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        yield client


def raw(server: Server, sent: str) -> tuple[str, dict[str, str], bytes]:
    """The status line, the headers and every byte of the body that come back before the connection is closed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent.encode())
        received = b""
        while more := connection.recv(65_536):
            received += more
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}, body


def refused(response: httpx.Response, status: int, code: str = "BAD_USER_INPUT") -> None:
    assert response.status_code == status
    assert response.headers["content-type"].split(";")[0] in {GRAPHQL, JSON}
    assert response.headers["x-request-id"]
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert error["message"].endswith(".")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_are_405_with_those_that_are_allowed(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/graphql")

    refused(response, 405)
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_mutation_by_a_safe_method_is_405(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/graphql", params={"query": "mutation { __typename }"})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "media",
    [
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        f"{JSON}; charset=utf-16",
        "application/jsonx",
    ],
)
def test_other_media_types_are_415(client: httpx.Client, media: str) -> None:
    response = client.post("/graphql", content=json.dumps(QUERY), headers={"content-type": media})

    refused(response, 415)
    assert response.headers["accept-post"] == JSON


@pytest.mark.parametrize("media", ["APPLICATION/JSON", f'{JSON} ; CHARSET="UTF-8"', f"{JSON};charset=utf-8;x=y"])
def test_media_types_are_read_in_any_case_and_with_parameters(client: httpx.Client, media: str) -> None:
    response = client.post("/graphql", content=json.dumps(QUERY), headers={"content-type": media})

    assert response.json() == DATA


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity"])
def test_compressed_requests_are_415(client: httpx.Client, encoding: str) -> None:
    content = gzip.compress(json.dumps(QUERY).encode())
    headers = {"content-type": JSON, "content-encoding": encoding}
    response = client.post("/graphql", content=content, headers=headers)

    refused(response, 415)
    assert response.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("accept", ["text/plain", "image/*", f"{JSON};q=0", f"{JSON}; charset=utf-16"])
def test_what_cannot_be_answered_is_406(client: httpx.Client, accept: str) -> None:
    refused(client.post("/graphql", json=QUERY, headers={"accept": accept}), 406)


@pytest.mark.parametrize(
    ("accept", "media", "status"),
    [
        (GRAPHQL, GRAPHQL, 400),
        (JSON, JSON, 200),
        ("*/*", JSON, 200),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL, 400),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON, 200),
        (GRAPHQL.upper(), GRAPHQL, 400),
    ],
)
@pytest.mark.parametrize("query", ["{", "{ nothing }", "query A { __typename } query B { __typename }"])
def test_the_status_of_a_refused_document_depends_on_what_is_accepted(
    client: httpx.Client, accept: str, media: str, status: int, query: str
) -> None:
    response = client.post("/graphql", json={"query": query}, headers={"accept": accept})

    assert response.status_code == status
    assert response.headers["content-type"] == f"{media}; charset=utf-8"
    assert "Accept" in response.headers["vary"]
    assert response.json().keys() == {"errors"}


def test_of_two_operations_one_must_be_named(client: httpx.Client) -> None:
    document = "query A { a: __typename } query B { b: __typename }"
    unnamed = client.post("/graphql", json={"query": document}, headers={"accept": GRAPHQL})
    named = client.post("/graphql", json={"query": document, "operationName": "B"})

    refused(unnamed, 400)
    assert named.json() == {"data": {"b": "Query"}}


def test_there_is_no_batching(client: httpx.Client) -> None:
    refused(client.post("/graphql", json=[QUERY, QUERY]), 400)


def test_get_runs_queries(client: httpx.Client) -> None:
    response = client.get("/graphql", params=QUERY, headers={"accept": GRAPHQL})

    assert (response.status_code, response.json()) == (200, DATA)


def test_head_is_get_without_a_body_and_the_connection_goes_on(server: Server) -> None:
    line = f"/graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: x\r\nx-api-key: {server.key}\r\naccept: {GRAPHQL}\r\n"
    got = raw(server, f"GET {line}connection: close\r\n\r\n")
    status, headers, body = raw(server, f"HEAD {line}\r\nGET {line}connection: close\r\n\r\n")

    assert status == got[0] == "HTTP/1.1 200 OK"
    assert headers["content-length"] == got[1]["content-length"]
    assert headers["content-type"] == got[1]["content-type"]
    # What follows the head is the next answer.
    assert body.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body.endswith(b"\r\n\r\n" + got[2])


def test_options_has_no_body(server: Server) -> None:
    status, headers, body = raw(server, "OPTIONS /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")

    assert (status, body) == ("HTTP/1.1 204 No Content", b"")
    assert headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert "content-length" not in headers


def test_a_body_that_is_refused_by_its_headers_is_not_asked_for(server: Server) -> None:
    head = "POST /graphql HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json\r\n"
    status, headers, _ = raw(server, f"{head}content-length: 999999999\r\nconnection: close\r\n\r\n")
    without_key, _, _ = raw(server, f"{head}content-length: 20\r\nconnection: close\r\n\r\n")

    assert status.startswith("HTTP/1.1 413 ")
    assert headers["content-type"].startswith(JSON)
    assert without_key.startswith("HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "path", ["/", "/graphql/", "/graphql/x", "/GraphQL", "/graphiql/nothing.js", "/healthz/", "/docs"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_where_nothing_is_the_answer_is_json(client: httpx.Client, path: str, method: str) -> None:
    response = client.request(method, path)

    refused(response, 405 if method != "GET" and path.startswith("/graphiql/") else 404)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_answer_get_and_head_alone(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    posted = client.post(path, json=QUERY)

    assert (got.status_code, got.text, head.status_code, head.content) == (200, "ok", 200, b"")
    assert head.headers["content-length"] == "2"
    assert got.headers["cache-control"] == "no-store"
    refused(posted, 405)
    assert sorted(posted.headers["allow"].split(", ")) == ["GET", "HEAD"]


def test_the_url_of_a_get_is_not_in_the_log(server: Server, client: httpx.Client) -> None:
    client.get("/graphql", params={"query": '{ customer(by: {externalId: "canary"}) { id } }'})

    assert "/graphql" in server.printed
    assert "canary" not in server.printed
