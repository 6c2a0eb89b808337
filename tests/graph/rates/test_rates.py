"""Callers are held to their rates, and addresses to a number of failures."""

import re
from asyncio import gather, sleep
from collections.abc import Mapping
from secrets import token_urlsafe
from time import monotonic

import httpx2 as httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette

from app.identity import Scope
from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.graph.conftest import Tenant

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { id } }"
OFF = {"rate_per_key": "", "rate_per_tenant": "", "failures_per_address": ""}


async def statuses(api: Api, number: int) -> list[int]:
    return [(await api.post(VIEWER)).status_code for _ in range(number)]


async def sent(client: httpx.AsyncClient, secret: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": VIEWER}, headers={"x-api-key": secret})


def unknown() -> str:
    return f"sk_{token_urlsafe(32)}"


def told(response: httpx.Response) -> Mapping[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith(("ratelimit", "retry-after"))}


async def until_served(api: Api) -> None:
    begun = monotonic()
    while (await api.post(VIEWER)).status_code == 429:
        assert monotonic() - begun < 30
        await sleep(0.01)


async def test_good_answers_tell_the_rates_and_what_is_left_of_them(tenant: Tenant) -> None:
    api = await tenant(rate_per_key="5/day", rate_per_tenant="7/hour")
    await api.post(VIEWER)

    assert told(await api.post(VIEWER)) == {
        "ratelimit-policy": '"key";q=5;w=86400, "tenant";q=7;w=3600',
        "ratelimit": '"key";r=3;t=86400, "tenant";r=5;t=3600',
    }


async def test_a_key_that_asks_too_often_is_told_to_wait(tenant: Tenant) -> None:
    api = await tenant(rate_per_key="3/day")
    assert await statuses(api, 4) == [200, 200, 200, 429]

    refused = await api.post(VIEWER)

    [error] = refused.json()["errors"]
    seconds = error["extensions"]["retry_after"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retry_after": seconds}
    assert 1 <= seconds <= 86_400
    assert re.fullmatch(r"Too many requests by this API key or token. Try again in \d+ seconds?.", error["message"])
    assert told(refused) == {
        "retry-after": str(seconds),
        "ratelimit-policy": '"key";q=3;w=86400',
        "ratelimit": f'"key";r=0;t={seconds}',
    }
    assert "www-authenticate" not in refused.headers
    # Another key of the same tenant is another caller.
    assert await statuses(await api.acting(), 3) == [200, 200, 200]


async def test_a_tenants_callers_share_its_rate_and_other_tenants_do_not(tenant: Tenant) -> None:
    api = await tenant(rate_per_tenant="4/day")
    both = [api, await api.acting()]
    assert [await statuses(caller, 2) for caller in both] == [[200, 200]] * 2

    for caller in both:
        refused = await caller.post(VIEWER)
        assert refused.status_code == 429
        assert refused.json()["errors"][0]["message"].startswith("Too many requests of this tenant.")
    other = await Api(api.client, api.database).acting()
    assert await statuses(other, 1) == [200]


async def test_requests_that_come_together_are_each_counted(tenant: Tenant) -> None:
    api = await tenant(rate_per_key="20/day")

    answered = await gather(*(api.post(VIEWER) for _ in range(50)))

    assert sorted(response.status_code for response in answered) == [200] * 20 + [429] * 30


async def test_high_rates_which_are_counted_in_shares_are_exact_too(tenant: Tenant) -> None:
    api = await tenant(rate_per_key="600/day", rate_per_tenant="1000/day")
    answered = [await api.post(VIEWER) for _ in range(610)]

    assert [response.status_code for response in answered] == [200] * 600 + [429] * 10
    left = [re.findall(r";r=(\d+)", response.headers["ratelimit"]) for response in answered[:600]]
    assert left == [[str(599 - n), str(999 - n)] for n in range(600)]


async def test_what_is_used_up_comes_back_even_to_who_goes_on_asking(tenant: Tenant) -> None:
    api = await tenant(rate_per_key="2/second")
    while 429 not in await statuses(api, 10):
        pass

    await until_served(api)


async def test_without_rates_nothing_is_told(tenant: Tenant) -> None:
    api = await tenant(**OFF)

    answered = await api.post(VIEWER)

    assert (answered.status_code, told(answered)) == (200, {})
    assert (await sent(api.client, unknown())).status_code == 401


async def test_by_default_rates_are_high(tenant: Tenant) -> None:
    answered = await (await tenant()).post(VIEWER)

    assert told(answered) == {
        "ratelimit-policy": '"key";q=120000;w=60, "tenant";q=240000;w=60',
        "ratelimit": '"key";r=119999;t=60, "tenant";r=239999;t=60',
    }


async def test_who_guesses_keys_is_told_to_wait_before_any_is_looked_for(tenant: Tenant) -> None:
    api = await tenant(failures_per_address="3/day")
    assert [(await sent(api.client, unknown())).status_code for _ in range(5)] == [401, 401, 401, 429, 429]

    refused = await sent(api.client, await api.key())

    # Even a good key, which nobody has seen yet: to tell, it would have to be looked for.
    assert refused.status_code == 429
    [error] = refused.json()["errors"]
    assert error["message"].startswith("Too many requests with unknown keys or tokens from this address.")
    assert told(refused)["ratelimit-policy"] == '"address";q=3;w=86400'


async def test_keys_that_were_good_still_get_in_from_where_others_fail(tenant: Tenant) -> None:
    api = await tenant(failures_per_address="3/day", key_cache_seconds=0)
    assert (await api.post(VIEWER)).status_code == 200

    for _ in range(5):
        await sent(api.client, unknown())

    assert await statuses(api, 3) == [200, 200, 200]


async def test_a_key_that_ended_is_a_failure_like_any_other(tenant: Tenant) -> None:
    api = await tenant(failures_per_address="3/day")
    ended = await api.acting(*Scope)
    await ended.mutate("revokeApiKey", id=(await ended.execute(VIEWER))["viewer"]["id"])

    assert await statuses(ended, 5) == [401, 401, 401, 429, 429]


async def test_a_request_without_a_key_is_no_failure(tenant: Tenant) -> None:
    api = await tenant(failures_per_address="1/day")

    for _ in range(3):
        assert (await api.client.post("/graphql", json={"query": VIEWER})).status_code == 401


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
async def test_a_network_of_ipv6_counts_as_one_address(
    database_url: str, first: str, second: str, is_same: bool
) -> None:
    app = create_app(Settings(database_url=database_url, failures_per_address="1/day"))
    async with app.router.lifespan_context(app):
        assert await failing(app, first) == 401
        assert await failing(app, second) == (429 if is_same else 401)


async def failing(app: Starlette, address: str) -> int:
    transport = httpx.ASGITransport(app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client:
        return (await sent(client, unknown())).status_code


@pytest.mark.parametrize("rate", ["many", "10", "10/fortnight", "0/minute", "-1/minute", "1.5/minute"])
@pytest.mark.parametrize("name", ["rate_per_key", "rate_per_tenant", "failures_per_address"])
def test_what_is_no_rate_cannot_be_set(name: str, rate: str) -> None:
    with pytest.raises(ValidationError):
        Settings(**{name: rate})  # type: ignore[arg-type]  # each is of its field's type


def test_what_is_no_redis_cannot_be_set() -> None:
    with pytest.raises(ValidationError, match="must begin with redis://"):
        Settings(redis_url="http://127.0.0.1:6379")
