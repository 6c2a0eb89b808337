"""Pages of other origins: which may call, and what keeps the others from acting in somebody's name."""

from collections.abc import Mapping

import httpx2 as httpx
import pytest
from pydantic import ValidationError

from app.settings import Settings
from tests.api import Api
from tests.graph.conftest import Tenant

pytestmark = pytest.mark.anyio

PAGE = "https://app.example.com"
VIEWER = {"query": "{ viewer { id } }"}


def cors(response: httpx.Response) -> Mapping[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


async def preflight(api: Api, origin: str, method: str = "POST", **headers: str) -> httpx.Response:
    asked = {"origin": origin, "access-control-request-method": method, **headers}
    return await api.client.options("/graphql", headers=asked)


async def call(api: Api, origin: str | None = PAGE) -> httpx.Response:
    headers = {"x-api-key": api.secret, **({"origin": origin} if origin else {})}
    return await api.client.post("/graphql", json=VIEWER, headers=headers)


async def test_no_page_may_call_unless_its_origin_is_listed(tenant: Tenant) -> None:
    for settings in ({}, {"cors_origins": "https://other.example.com,http://localhost:3000"}):
        api = await tenant(**settings)

        assert "access-control-allow-origin" not in cors(await preflight(api, PAGE))
        assert "access-control-allow-origin" not in cors(await call(api))


@pytest.mark.parametrize("origins", [PAGE, f"http://localhost:3000, {PAGE}"])
async def test_a_page_of_a_listed_origin_calls_and_reads_what_it_needs(tenant: Tenant, origins: str) -> None:
    api = await tenant(cors_origins=origins)
    sent = "authorization,content-type,x-request-id"

    asked = await preflight(api, PAGE, **{"access-control-request-headers": sent})
    assert asked.status_code == 200
    assert cors(asked)["access-control-allow-origin"] == PAGE
    assert cors(asked)["access-control-allow-headers"] == sent
    assert {"GET", "POST"} == set(cors(asked)["access-control-allow-methods"].split(", "))

    answered = await call(api)
    assert answered.json()["data"]["viewer"]
    assert cors(answered)["access-control-allow-origin"] == PAGE
    assert "Origin" in answered.headers["vary"].split(", ")
    readable = cors(answered)["access-control-expose-headers"].split(", ")
    assert {"x-request-id", "ratelimit", "ratelimit-policy", "retry-after"} <= set(readable)


async def test_refusals_can_be_read_by_the_page_too(tenant: Tenant) -> None:
    api = await tenant(cors_origins=PAGE)
    refused = await api.client.post("/graphql", json=VIEWER, headers={"origin": PAGE})

    assert refused.status_code == 401
    assert cors(refused)["access-control-allow-origin"] == PAGE


async def test_a_star_lets_every_page_call_but_with_no_credentials_of_the_browsers(tenant: Tenant) -> None:
    api = await tenant(cors_origins="*")

    for response in (await preflight(api, PAGE), await call(api)):
        assert cors(response)["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in cors(response)


async def test_only_methods_that_there_are_may_be_asked_for(tenant: Tenant) -> None:
    api = await tenant(cors_origins=PAGE)

    assert (await preflight(api, PAGE, "DELETE")).status_code == 400


async def test_who_is_no_page_gets_the_same_answer_as_without_origins(tenant: Tenant) -> None:
    plain, open_ = await tenant(), await tenant(cors_origins=PAGE)

    for api in (plain, open_):
        answered = await call(api, None)
        assert cors(answered) == {}
        assert answered.headers["vary"] == "Accept"
        assert (await api.client.options("/graphql")).status_code == 204


@pytest.mark.parametrize(
    "origins",
    ["https://app.example.com/", "app.example.com", "null", "https://App.example.com", "https://*.example.com", "**"],
)
def test_what_is_no_origin_cannot_be_listed(origins: str) -> None:
    with pytest.raises(ValidationError, match="an origin is a scheme"):
        Settings(cors_origins=f"{PAGE},{origins}")


FORMS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]


@pytest.mark.parametrize("content_type", FORMS)
async def test_what_a_page_can_post_without_asking_is_refused_before_anybody_is_identified(
    api: Api, content_type: str
) -> None:
    body = b'{"query": "mutation { archiveCustomer(by: {externalId: \\"acme\\"}) { __typename } }"}'
    for key in (api.secret, "sk_unknown"):
        headers = {"content-type": content_type, "origin": "https://evil.example", "x-api-key": key}
        refused = await api.client.post("/graphql", content=body, headers=headers)

        assert refused.status_code == 415


async def test_no_answer_sets_a_cookie(api: Api) -> None:
    key = {"x-api-key": api.secret}
    answers = [
        await api.client.get("/graphql", headers={"accept": "text/html"}),
        await api.client.get("/graphql", params=VIEWER, headers=key),
        await api.client.post("/graphql", json=VIEWER, headers=key),
        await api.client.post("/graphql", json=VIEWER),
        await api.client.get("/healthz"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 401, 200]
    assert not any("set-cookie" in answer.headers for answer in answers)


async def test_a_cookie_identifies_nobody(api: Api) -> None:
    cookies = {"authorization": f"Bearer {api.secret}", "x-api-key": api.secret, "cookie": f"session={api.secret}"}
    sent = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}

    assert (await api.client.post("/graphql", json=VIEWER, headers=sent)).status_code == 401
