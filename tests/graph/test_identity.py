"""Who gets in, and how far."""

from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest

from app import identity
from tests.api import Api

pytestmark = pytest.mark.anyio

VIEWER = {"query": "{ viewer { id tenantId environmentId scopes } }"}


async def test_a_key_is_taken_from_either_header(api: Api) -> None:
    for headers in (
        {"authorization": f"Bearer {api.secret}"},
        {"authorization": f"bearer  {api.secret}"},
        {"x-api-key": api.secret},
    ):
        viewer = (await api.client.post("/graphql", json=VIEWER, headers=headers)).json()["data"]["viewer"]

        assert (viewer["tenantId"], viewer["environmentId"]) == (api.tenant, api.environment)
        assert viewer["scopes"] == ["customers:read", "customers:write"]


NONE, WRONG = "Bearer", 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, NONE),
        ({"authorization": "Bearer "}, NONE),
        ({"authorization": "Basic c2tfOg=="}, NONE),
        ({"x-api-key": ""}, NONE),
        ({"authorization": "Bearer sk_unknown"}, WRONG),
        ({"authorization": f"Bearer sk_{'a' * 43}"}, WRONG),
        ({"authorization": f"Bearer sk_{'a' * 100_000}"}, WRONG),
        ({"authorization": b"Bearer sk_\xff"}, WRONG),
        ({"authorization": "Bearer a.b.c"}, WRONG),
        ({"x-api-key": "sk_unknown"}, WRONG),
    ],
)
async def test_without_a_good_key_nothing_is_answered(
    client: httpx.AsyncClient, headers: dict[str, str], challenge: str
) -> None:
    response = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == challenge
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert "data" not in response.json()


async def test_a_key_ends_when_it_is_revoked_or_past_its_time(api: Api) -> None:
    past = Api(api.client, api.database, secret=await api.key(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    revoked = Api(api.client, api.database, secret=await api.key(id="key_01M820GBEJ0JNFMSS8J2Q70ZWF"))

    await api.database.write(identity.Revocation("key_01M820GBEJ0JNFMSS8J2Q70ZWF"))

    assert (await past.post(VIEWER["query"])).status_code == 401
    assert (await revoked.post(VIEWER["query"])).status_code == 401


async def test_a_key_is_stored_as_its_digest_only(api: Api) -> None:
    stored = await api.database.read(identity.keys)

    assert identity.digest_of(api.secret) in {key.digest for key in stored}
    assert api.secret not in repr(stored)
