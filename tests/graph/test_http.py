"""GraphQL over HTTP: methods, parameters, statuses, identity."""

import httpx2
import pytest

from app.errors import RefusalCode
from graph.http import GraphQLOverHTTP
from tests.graph.toy import KEY, ask, client, context, schema

JSON = "application/json"
QUERY = {"query": "{ echo }"}

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
async def test_names_the_methods_that_are_allowed(method: str) -> None:
    async with client() as http:
        response = await http.request(method, "/")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert response.json()["errors"][0]["message"]


async def test_options_needs_no_key_and_has_no_body() -> None:
    async with client(**{"x-api-key": ""}) as http:
        response = await http.options("/")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


async def test_get_runs_queries() -> None:
    parameters = {"query": "query Q($t: String!) { echo(text: $t) }", "variables": '{"t": "é"}', "operationName": "Q"}
    async with client() as http:
        response = await http.get("/", params={**parameters, "extensions": "", "unknown": "ignored"})
    assert response.json() == {"data": {"echo": "é"}}


async def test_head_is_get_without_its_body() -> None:
    async with client() as http:
        got = await http.get("/", params=QUERY)
        response = await http.head("/", params=QUERY)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_get_runs_no_mutations(method: str) -> None:
    async with client() as http:
        response = await http.request(method, "/", params={"query": 'mutation { invite(input: {externalId: "a"}) }'})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "url",
    ["/", "/?query=%ff", "/?query={echo}&query={echo}", "/?query={echo}&variables=[1]", "/?query={echo}&variables={"],
)
async def test_refuses_a_url_that_is_no_request(url: str) -> None:
    async with client() as http:
        response = await http.get(url)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize("name", ["query", "operationName", "variables", "extensions"])
@pytest.mark.parametrize("value", [0, 1.5, True, ["array"], {"an": "object"}, "text"])
async def test_checks_the_type_of_each_parameter(name: str, value: object) -> None:
    is_right = isinstance(value, str) if name in {"query", "operationName"} else isinstance(value, dict)
    async with client() as http:
        response = await http.post("/", json={**QUERY, name: value})
    assert response.status_code == (200 if is_right else 400)
    assert is_right or response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_optional_parameters_may_be_null_and_unknown_ones_are_ignored() -> None:
    parameters = {**QUERY, "variables": None, "operationName": None, "extensions": None, "id": 1}
    async with client() as http:
        response = await http.post("/", json=parameters)
    assert response.json() == {"data": {"echo": "hi"}}


async def test_there_is_no_batching() -> None:
    async with client() as http:
        response = await http.post("/", json=[QUERY, QUERY])
    assert response.status_code == 400
    assert "batching" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo(text: 5) }", "BAD_USER_INPUT"),
        ("query ($t: String!) { echo(text: $t) }", "BAD_USER_INPUT"),
        ("query A { echo } query B { echo }", "BAD_USER_INPUT"),
        ("fragment F on Query { echo }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { echo }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_refused_document_is_400_without_data_and_200_for_legacy_clients(query: str, code: str) -> None:
    modern, legacy = await ask(query), await ask(query, headers={"accept": JSON})
    assert (modern.status_code, legacy.status_code) == (400, 200)
    assert modern.json() == legacy.json()
    assert modern.json().keys() == {"errors"}
    assert modern.json()["errors"][0]["extensions"]["code"] == code


async def test_runs_the_operation_that_is_named() -> None:
    document = 'query A { echo(text: "a") } query B { echo(text: "b") }'
    async with client() as http:
        response = await http.post("/", json={"query": document, "operationName": "B"})
        unknown = await http.post("/", json={"query": document, "operationName": "canary"})
    assert response.json() == {"data": {"echo": "b"}}
    assert "canary" not in unknown.text


async def test_a_browser_gets_the_page_without_a_key() -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    async with client(accept=accept, **{"x-api-key": ""}) as http:
        response, head = await http.get("/"), await http.head("/")
        query = await http.get("/", params=QUERY)
    assert (response.status_code, response.text) == (200, "<title>GraphiQL</title>")
    assert response.headers["vary"] == "Accept"
    assert response.headers["x-request-id"]
    assert (head.status_code, head.content) == (200, b"")
    assert query.status_code == 401


async def test_without_a_page_a_browser_gets_json_or_nothing() -> None:
    transport = httpx2.ASGITransport(GraphQLOverHTTP(schema, context=context))
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy", headers={"x-api-key": KEY}) as http:
        only_html = await http.get("/", headers={"accept": "text/html"})
        browser = await http.get("/", headers={"accept": "text/html, */*;q=0.8"})
    assert (only_html.status_code, browser.status_code) == (406, 400)


async def test_a_client_that_prefers_json_gets_no_page() -> None:
    async with client(accept=f"{JSON}, text/html;q=0.9") as http:
        response = await http.get("/")
    assert response.status_code == 400


async def test_no_key_is_401_and_says_which_scheme() -> None:
    response = await ask("{ echo }", headers={"x-api-key": "sk_wrong"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {"errors": [{"message": "Send a key.", "extensions": {"code": "UNAUTHENTICATED"}}]}


@pytest.mark.parametrize(
    ("code", "status"),
    [("RATE_LIMITED", 429), ("BUSY", 503), ("TIMEOUT", 504), ("FORBIDDEN", 403), ("TOO_LARGE", 413), ("INTERNAL", 500)],
)
async def test_a_refusal_before_execution_sets_the_status(code: str, status: int) -> None:
    response = await ask("{ echo }", headers={"accept": JSON, "x-fail": code})
    assert response.status_code == status
    assert response.headers["retry-after"] == "2"
    assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_every_refusal_has_a_status() -> None:
    for code in RefusalCode:
        assert (await ask("{ echo }", headers={"x-fail": code})).status_code >= 400


async def test_answers_are_not_cached() -> None:
    assert (await ask("{ echo }")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("sent", ["a", "req_01J.x-Y", "a" * 128])
async def test_keeps_the_request_id_that_came(sent: str) -> None:
    response = await ask("{ requestId }", headers={"x-request-id": sent})
    assert response.headers["x-request-id"] == sent
    assert response.json() == {"data": {"requestId": sent}}


@pytest.mark.parametrize("sent", ["", "a b", "a" * 129, "a;b", "<script>"])
async def test_makes_a_request_id_of_its_own(sent: str) -> None:
    one, other = await ask("{ requestId }", headers={"x-request-id": sent}), await ask("{ requestId }")
    assert one.headers["x-request-id"] not in {sent, other.headers["x-request-id"]}
    assert one.json() == {"data": {"requestId": one.headers["x-request-id"]}}
