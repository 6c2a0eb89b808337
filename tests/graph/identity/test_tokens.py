"""Calling with a token of an issuer that is trusted."""

import time
from asyncio import sleep
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api import Api
from tests.graph.conftest import Tenant
from tests.graph.identity.issuer import AUDIENCE, Issuer, claims, pem_of, private_key
from tests.lines import told

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { id tenantId environmentId scopes } }"


def bearing(api: Api, token: str) -> Api:
    return Api(api.client, api.database, api.tenant, api.environment, token)


async def viewer(api: Api, token: str) -> Any:
    return (await bearing(api, token).execute(VIEWER))["viewer"]


async def status(api: Api, token: str) -> int:
    return (await bearing(api, token).post(VIEWER)).status_code


async def becomes(expected: int, answered: Callable[[], Awaitable[int]]) -> None:
    """Wait until that is the answer, letting other things happen meanwhile."""
    deadline = time.monotonic() + 30
    while await answered() != expected:
        assert time.monotonic() < deadline
        await sleep(0.005)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_token_acts_for_its_subject_in_its_tenant_and_environment(
    trusting: Tenant, issuer: Issuer, algorithm: str
) -> None:
    issuer.keys = {"one": private_key(algorithm)}
    api = await trusting()
    token = issuer.token(claims(api.tenant, sub="auth0|5f7c8ec7c33c6c004bbafe82"))

    assert await viewer(api, token) == {
        "id": "sub:auth0|5f7c8ec7c33c6c004bbafe82",
        "tenantId": api.tenant,
        "environmentId": "sandbox",
        "scopes": ["customers:read", "customers:write"],
    }
    customer = await bearing(api, token).created(externalId="acme")
    assert (customer["createdBy"], customer["tenantId"]) == ("sub:auth0|5f7c8ec7c33c6c004bbafe82", api.tenant)
    assert (await api.find(externalId="acme"))["id"] == customer["id"]


async def test_api_keys_are_good_beside_tokens(trusting: Tenant) -> None:
    api = await trusting()

    assert await status(api, api.secret) == 200


async def test_tokens_are_refused_while_no_issuer_is_trusted(tenant: Tenant, issuer: Issuer) -> None:
    api = await tenant()

    assert await status(api, issuer.token(claims(api.tenant))) == 401


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("customers:read", ["customers:read"]),
        ("  admin   openid ", ["admin"]),
        (["customers:write", "profile", 7, None], ["customers:write"]),
        ("customers", []),
        ("", []),
        (None, []),
        ({"admin": True}, []),
    ],
)
async def test_scopes_are_a_text_or_a_list_and_those_of_others_are_ignored(
    trusting: Tenant, issuer: Issuer, scope: object, granted: list[str]
) -> None:
    api = await trusting()

    assert (await viewer(api, issuer.token(claims(api.tenant, scope=scope))))["scopes"] == granted


async def test_a_scope_that_the_token_lacks_is_forbidden_as_with_keys(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting()
    reader = bearing(api, issuer.token(claims(api.tenant, scope="customers:read")))

    error = await reader.refused("mutation { revokeApiKey(id: 1) { __typename } }")
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert error["message"] == "The caller lacks the scope admin."
    assert "key" not in error["message"]


async def test_claims_are_found_by_their_whole_name_or_along_their_dots(trusting: Tenant, issuer: Issuer) -> None:
    names = {
        "token_tenant_claim": "https://billfolk.example/tenant",
        "token_environment_claim": "context.environment.name",
        "token_subject_claim": "client_id",
        "token_scopes_claim": "realm_access.roles",
    }
    api = await trusting(**names)
    named = {
        "https://billfolk.example/tenant": api.tenant,
        "context": {"environment": {"name": "sandbox"}},
        "client_id": "backend",
        "realm_access": {"roles": ["admin"]},
    }

    seen = await viewer(api, issuer.token(claims("another", **named)))
    assert (seen["id"], seen["tenantId"], seen["scopes"]) == ("sub:backend", api.tenant, ["admin"])


async def test_a_fixed_tenant_and_environment_hold_whatever_a_token_claims(
    trusting: Tenant, issuer: Issuer, api: Api
) -> None:
    fixed = await trusting(token_tenant=api.tenant, token_environment=api.environment)

    for payload in (claims("another", environment="live"), claims("", tenant=None, environment=None)):
        assert (await viewer(fixed, issuer.token(payload)))["tenantId"] == api.tenant


@pytest.mark.parametrize("other", [{"environment": "live"}, {"tenant": "tenant-of-nobody"}])
async def test_a_token_makes_no_tenant_and_no_environment(
    trusting: Tenant, issuer: Issuer, other: dict[str, str]
) -> None:
    api = await trusting()
    token = issuer.token(claims(api.tenant, **other))

    assert await status(api, token) == 401
    assert await status(api, token) == 401


async def test_an_environment_that_is_made_later_is_found(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(key_cache_seconds=0)
    token = issuer.token(claims(api.tenant, environment="live"))
    assert await status(api, token) == 401

    await Api(api.client, api.database, api.tenant, "live").key()

    assert (await viewer(api, token))["environmentId"] == "live"


async def test_a_token_that_is_known_ends_in_time(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(token_leeway=0)
    # PyJWT compares whole seconds.
    end = int(time.time()) + 2
    token = issuer.token(claims(api.tenant, exp=end))

    while True:
        before = time.time()
        answered = await status(api, token)
        after = time.time()
        if answered == 401:
            break
        assert before < end
    assert after >= end


async def test_the_issuers_clock_may_be_a_little_off(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(token_leeway=60)
    now = int(time.time())

    for times in ({"exp": now - 30}, {"nbf": now + 30}, {"iat": now + 30}):
        assert await status(api, issuer.token(claims(api.tenant, **times))) == 200
    for times in ({"exp": now - 90}, {"nbf": now + 120}, {"iat": now + 120}):
        assert await status(api, issuer.token(claims(api.tenant, **times))) == 401


async def test_any_of_several_audiences_is_the_right_one(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(token_audience=f"other, {AUDIENCE}")

    assert await status(api, issuer.token(claims(api.tenant, aud=["third", "other"]))) == 200
    assert await status(api, issuer.token(claims(api.tenant, aud="third"))) == 401


async def test_an_access_token_may_say_that_it_is_one(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting()

    for type_ in ("JWT", "jwt", "at+jwt", "application/at+jwt"):
        assert await status(api, issuer.token(claims(api.tenant), typ=type_)) == 200
    for type_ in ("dpop+jwt", "logout+jwt", "JOSE"):
        assert await status(api, issuer.token(claims(api.tenant), typ=type_)) == 401


async def test_the_log_knows_a_subject_by_its_digest_alone(
    trusting: Tenant, issuer: Issuer, capfd: pytest.CaptureFixture[str]
) -> None:
    api = await trusting()
    tokens = [issuer.token(claims(api.tenant, sub=sub)) for sub in ("ada@example.com", "ada@example.com", "bob")]
    capfd.readouterr()
    for number, token in enumerate(tokens):
        await bearing(api, token).created(externalId=f"acme-{number}")

    printed = capfd.readouterr().err
    first, second, third = (line["actor"] for line in told(printed, "POST /graphql"))
    assert first == second != third
    assert "example.com" not in printed
    assert not any(part in printed for token in tokens for part in token.split("."))


async def test_keys_that_a_subject_makes_outlive_its_token(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting()
    admin = bearing(api, issuer.token(claims(api.tenant, scope="admin customers:read")))

    made = await admin.mutate("createApiKey")
    [key] = [
        key
        for key in (await api.execute("{ apiKeys { id createdBy expiresAt scopes } }"))["apiKeys"]
        if key["id"] == made["apiKey"]["id"]
    ]

    assert key["createdBy"] == "sub:user-1"
    assert (key["expiresAt"], key["scopes"]) == (None, ["customers:read"])
    assert (await admin.mutate("createApiKey", scopes=["customers:write"]))["__typename"] == "ValidationErrors"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_the_keys_may_be_a_file_in_pem(trusting: Tenant, issuer: Issuer, tmp_path: Path, algorithm: str) -> None:
    issuer.keys = {"any": private_key(algorithm)}
    file = tmp_path / "issuer.pem"
    file.write_bytes(pem_of(issuer.keys["any"]))
    api = await trusting(token_keys=str(file))

    assert await status(api, issuer.token(claims(api.tenant), "any")) == 200


async def test_the_keys_may_be_a_file_of_a_set_that_is_replaced(
    trusting: Tenant, issuer: Issuer, tmp_path: Path
) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(issuer.jwks)
    api = await trusting(token_keys=str(file))
    assert await status(api, issuer.token(claims(api.tenant))) == 200

    issuer.keys["two"] = private_key("ES256")
    assert await status(api, issuer.token(claims(api.tenant), "two")) == 401
    file.write_bytes(issuer.jwks)

    assert await status(api, issuer.token(claims(api.tenant), "two")) == 200
