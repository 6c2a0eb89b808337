"""The issuer's keys: kept, rotated, withdrawn, and out of reach."""

import gzip
import json
import logging
import socket
import time
from asyncio import create_task, gather
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.errors import Unusable
from app.settings import Settings
from tests.api import Api
from tests.graph.conftest import Tenant
from tests.graph.identity.issuer import AUDIENCE, NAME, Issuer, Misbehaviour, claims, jwk_of, private_key, reply
from tests.graph.identity.test_tokens import bearing, becomes, status

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { id } }"


async def test_the_keys_are_fetched_once_for_all(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting()
    tokens = [issuer.token(claims(api.tenant, sub=f"user-{n}")) for n in range(20)]

    assert set(await gather(*(status(api, token) for token in tokens))) == {200}
    assert issuer.fetches == 1


async def test_a_new_key_is_fetched_when_a_token_names_it(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting()
    assert await status(api, issuer.token(claims(api.tenant))) == 200

    issuer.keys["two"] = private_key("EdDSA")
    tokens = [issuer.token(claims(api.tenant, sub=f"user-{n}"), "two") for n in range(20)]

    assert set(await gather(*(status(api, token) for token in tokens))) == {200}
    assert issuer.fetches == 2


async def test_unknown_key_ids_cause_a_fetch_only_now_and_then(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(token_keys_pause=3600)
    assert await status(api, issuer.token(claims(api.tenant))) == 200

    issuer.keys = {f"key-{n}": private_key("ES256") for n in range(50)}
    refused = await gather(*(status(api, issuer.token(claims(api.tenant), kid)) for kid in issuer.keys))

    assert set(refused) == {401}
    assert issuer.fetches == 1


async def test_a_key_that_the_issuer_withdraws_is_good_no_more(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(token_keys_refresh=0.01)
    token = issuer.token(claims(api.tenant))
    issuer.keys["two"] = private_key("ES256")
    assert await status(api, token) == 200
    other = issuer.token(claims(api.tenant), "two")

    del issuer.keys["one"]

    await becomes(401, lambda: status(api, token))
    assert await status(api, other) == 200


async def test_the_old_keys_are_good_while_the_issuer_is_down_and_not_for_ever(
    trusting: Tenant, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "billfolk")
    api = await trusting(token_keys_refresh=0.01, token_keys_stale=1)
    old = issuer.token(claims(api.tenant))
    assert await status(api, old) == 200
    down = time.monotonic()
    issuer.misbehave = partial(reply, body=b"", status=500)

    async def served() -> int:
        answered = await status(api, issuer.token(claims(api.tenant, sub=f"user-{time.monotonic()}")))
        if answered != 200:
            assert time.monotonic() - down > 0.5
        return answered

    await becomes(503, served)
    response = await bearing(api, old).post(VIEWER)
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"]["code"] == "BUSY"
    assert "retry-after" in response.headers
    assert await status(api, api.secret) == 200

    issuer.misbehave = None
    await becomes(200, lambda: status(api, old))
    told = [record.getMessage() for record in caplog.records if "issuer" in record.getMessage()]
    assert told == [
        "the token issuer's keys can't be read: it answers with status 500",
        "the token issuer's keys can be read again",
    ]


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65536)


BOMB = gzip.compress(b" " * 50_000_000, compresslevel=1)


def keys(*listed: object) -> bytes:
    return json.dumps({"keys": listed}).encode()


ANSWERS: dict[str, Misbehaviour] = {
    "without end": endless,
    "compressed": lambda handler: reply(handler, BOMB, encoding="gzip"),
    "an error with keys": lambda handler: reply(handler, keys(jwk_of(private_key("RS256"), kid="one")), 404),
    "nothing": partial(reply, body=b""),
    "a page": partial(reply, body=b"<!doctype html><title>Sign in</title>"),
    "a list": partial(reply, body=b"[]"),
    "deep": partial(reply, body=b'{"keys":' * 20_000),
    "no keys": partial(reply, body=keys()),
    "keys of no known kind": partial(reply, body=keys({"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA"}, 7, {})),
    "broken keys": partial(reply, body=keys({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "one"})),
    "too many keys": partial(reply, body=keys(*[jwk_of(private_key("RS256"), kid="one")] * 101)),
    "twice": partial(reply, body=b'{"keys":[],"keys":[]}'),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_an_issuer_that_answers_strangely_harms_nobody(trusting: Tenant, issuer: Issuer, answer: str) -> None:
    issuer.misbehave = ANSWERS[answer]
    api = await trusting()
    token = issuer.token(claims(api.tenant))

    assert await status(api, token) == 503
    assert await status(api, api.secret) == 200

    issuer.misbehave = None
    await becomes(200, lambda: status(api, token))


async def test_redirects_are_not_followed(trusting: Tenant, issuer: Issuer) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/keys":
            reply(handler, b"", 302, to="/other")
        else:
            reply(handler, issuer.jwks)

    issuer.misbehave = redirect
    api = await trusting()

    assert await status(api, issuer.token(claims(api.tenant))) == 503


async def test_an_issuer_that_is_not_there_keeps_nobody_else_waiting(tenant: Tenant, issuer: Issuer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/keys"
        api = await tenant(**{"token_issuer": NAME, "token_audience": AUDIENCE, "token_keys": url})
        waiting = create_task(status(api, issuer.token(claims(api.tenant))))

        for _ in range(20):
            assert await status(api, api.secret) == 200
        assert not waiting.done()
        waiting.cancel()
        await gather(waiting, return_exceptions=True)


@pytest.mark.slow
async def test_an_issuer_that_drips_is_given_up(trusting: Tenant, issuer: Issuer) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.2)

    issuer.misbehave = drip
    api = await trusting()
    begun = time.monotonic()

    assert await status(api, issuer.token(claims(api.tenant))) == 503
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"token_issuer": NAME}, ["token_audience", "token_keys"]),
        ({"token_issuer": NAME, "token_audience": " , "}, ["token_audience", "token_keys"]),
        ({"token_keys": "http://issuer.test/keys"}, ["token_keys"]),
        ({"token_keys": "ftp://127.0.0.1/keys"}, ["token_keys"]),
        ({"token_keys": "https:///keys"}, ["token_keys"]),
        ({"token_keys": "/no/such/file"}, ["token_keys"]),
        ({"token_leeway": -1}, ["token_leeway"]),
    ],
)
def test_settings_that_cannot_be_right_are_refused(settings: dict[str, str], wrong: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**settings)  # type: ignore[arg-type]  # each is of its field's type

    assert [error["loc"][0] for error in refused.value.errors()] == wrong


async def test_a_file_without_keys_is_told_at_the_start(trusting: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    for content in (b"", b"-----BEGIN PUBLIC KEY-----", b"{}", b'{"keys": []}'):
        file.write_bytes(content)

        with pytest.raises(Unusable, match="BILLFOLK_TOKEN_KEYS can't be used: it"):
            await trusting(token_keys=str(file))


async def test_a_token_that_cannot_be_checked_is_no_failure_of_its_address(tenant: Tenant, issuer: Issuer) -> None:
    issuer.misbehave = partial(reply, body=b"", status=500)
    trust = {"token_issuer": NAME, "token_audience": AUDIENCE, "token_keys": issuer.url, "token_keys_pause": 0}
    api: Api = await tenant(**trust, failures_per_address="2/day")
    token = issuer.token(claims(api.tenant))
    assert {await status(api, token) for _ in range(5)} == {503}

    issuer.misbehave = None

    assert await status(api, token) == 200
