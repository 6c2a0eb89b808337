"""Tokens that nobody should take."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jwt
import pytest

from app.identity.tokens import ALGORITHMS
from app.settings import Settings
from tests.api import Api
from tests.graph.conftest import Tenant
from tests.graph.identity.issuer import Issuer, claims, encoded, jwk_of, pem_of, private_key, reply
from tests.graph.identity.test_tokens import bearing, becomes, status

pytestmark = pytest.mark.anyio

Forgery = Callable[[Issuer, dict[str, Any]], str]
STRANGER = private_key("RS256", 1)


def signed(issuer: Issuer, header: object, payload: object, algorithm: str = "RS256") -> str:
    """By the issuer's own key, whatever the parts say; bytes are taken as they are."""
    message = f"{encoded(header)}.{encoded(payload)}"
    implementation = jwt.get_algorithm_by_name(algorithm)
    return f"{message}.{encoded(implementation.sign(message.encode(), issuer.keys['one']))}"


def hmac_signed(secret: bytes, payload: object, algorithm: str = "HS256") -> str:
    """With what is public as the secret, as a careless server would check it."""
    message = f"{encoded({'alg': algorithm, 'kid': 'one'})}.{encoded(payload)}"
    return f"{message}.{encoded(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"


def by_a_stranger(payload: dict[str, Any], **header: Any) -> str:
    return jwt.encode(payload, STRANGER, algorithm="RS256", headers={"kid": "one", **header})


def with_end(payload: dict[str, Any], end: str) -> bytes:
    return json.dumps({**payload, "exp": "END"}).replace('"END"', end).encode()


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


GOOD = {"alg": "RS256", "kid": "one"}

FORGERIES: dict[str, Forgery] = {
    "alg none": lambda i, c: f"{encoded({'alg': 'none'})}.{encoded(c)}.",
    "alg None": lambda i, c: f"{encoded({'alg': 'None', 'kid': 'one'})}.{encoded(c)}.",
    "no alg": lambda i, c: signed(i, {"kid": "one"}, c),
    "alg is a list": lambda i, c: signed(i, {**GOOD, "alg": ["RS256"]}, c),
    "alg in another case": lambda i, c: signed(i, {**GOOD, "alg": "rs256"}, c),
    "another alg of the same key": lambda i, c: signed(i, {**GOOD, "alg": "RS512"}, c, "RS512"),
    "PSS by the same key": lambda i, c: signed(i, {**GOOD, "alg": "PS256"}, c, "PS256"),
    "HMAC with the PEM": lambda i, c: hmac_signed(pem_of(i.keys["one"]), c),
    "HMAC with the JWK": lambda i, c: hmac_signed(json.dumps(jwk_of(i.keys["one"])).encode(), c),
    "HMAC with nothing": lambda i, c: hmac_signed(b"", c),
    "the key of another algorithm": lambda i, c: signed(i, {**GOOD, "alg": "ES256"}, c),
    "no signature": lambda i, c: i.token(c).rpartition(".")[0] + ".",
    "another's signature": lambda i, c: i.token(c).rpartition(".")[0] + "." + by_a_stranger(c).rpartition(".")[2],
    "signed by a stranger": lambda i, c: by_a_stranger(c),
    "the key brought along": lambda i, c: by_a_stranger(c, jwk=jwk_of(STRANGER, kid="one")),
    "the key's address brought along": lambda i, c: by_a_stranger(c, jku=i.url + "/stranger", x5u=i.url),
    "the certificate brought along": lambda i, c: by_a_stranger(c, x5c=["MIIB"]),
    "kid is a path": lambda i, c: by_a_stranger(c, kid="../../../../dev/null"),
    "kid is SQL": lambda i, c: by_a_stranger(c, kid="x' UNION SELECT 'secret"),
    "kid is a URL": lambda i, c: by_a_stranger(c, kid=i.url),
    "kid is no text": lambda i, c: signed(i, {**GOOD, "kid": {"one": 1}}, c),
    "kid is long": lambda i, c: by_a_stranger(c, kid="k" * 5000),
    "crit": lambda i, c: signed(i, {**GOOD, "crit": ["exp"], "exp": 1}, c),
    "an empty crit": lambda i, c: signed(i, {**GOOD, "crit": []}, c),
    "an unencoded payload": lambda i, c: signed(i, {**GOOD, "b64": False, "crit": ["b64"]}, c),
    "alg is there twice": lambda i, c: signed(i, b'{"alg":"none","alg":"RS256","kid":"one"}', c),
    "a claim is there twice": lambda i, c: signed(i, GOOD, json.dumps(c)[:-1].encode() + b',"scope":"admin"}'),
    "the header is no object": lambda i, c: signed(i, [GOOD], c),
    "the header is nothing": lambda i, c: f".{encoded(c)}.x",
    "the claims are no object": lambda i, c: signed(i, GOOD, [c]),
    "the claims are no JSON": lambda i, c: signed(i, GOOD, b"{'iss': 1}"),
    "the claims are not UTF-8": lambda i, c: signed(i, GOOD, b'{"iss": "\xff"}'),
    "the claims are nested": lambda i, c: signed(i, GOOD, nested(900)),
    "the header is nested": lambda i, c: signed(i, nested(900), c),
    "the whole is huge": lambda i, c: i.token({**c, "more": "x" * 100_000}),
    "it is encrypted, by its parts": lambda i, c: i.token(c) + ".a.b",
    "one part is missing": lambda i, c: i.token(c).rpartition(".")[0],
    "not in base64": lambda i, c: i.token(c).replace(".", ".%", 1),
    "spaces within": lambda i, c: i.token(c).replace(".", ". ", 1),
    "an unencodable type": lambda i, c: signed(i, {**GOOD, "typ": 7}, c),
    "another issuer": lambda i, c: i.token({**c, "iss": "https://issuer.test"}),
    "no issuer": lambda i, c: i.token({k: v for k, v in c.items() if k != "iss"}),
    "issuers": lambda i, c: signed(i, GOOD, {**c, "iss": [c["iss"]]}),
    "another audience": lambda i, c: i.token({**c, "aud": "billfolk2"}),
    "no audience": lambda i, c: i.token({k: v for k, v in c.items() if k != "aud"}),
    "audience of a strange type": lambda i, c: i.token({**c, "aud": {"billfolk": 1}}),
    "expired": lambda i, c: i.token({**c, "exp": int(time.time()) - 31}),
    "without end": lambda i, c: i.token({k: v for k, v in c.items() if k != "exp"}),
    "the end is a text": lambda i, c: i.token({**c, "exp": "99999999999"}),
    "the end is true": lambda i, c: i.token({**c, "exp": True}),
    "the end is infinite": lambda i, c: signed(i, GOOD, with_end(c, "1e999")),
    "the end is NaN": lambda i, c: signed(i, GOOD, with_end(c, "NaN")),
    "not yet valid": lambda i, c: i.token({**c, "nbf": int(time.time()) + 60}),
    "the begin is a text": lambda i, c: i.token({**c, "nbf": "0"}),
    "issued tomorrow": lambda i, c: i.token({**c, "iat": int(time.time()) + 86_400}),
    "no subject": lambda i, c: i.token({k: v for k, v in c.items() if k != "sub"}),
    "an empty subject": lambda i, c: i.token({**c, "sub": ""}),
    "the subject is a number": lambda i, c: signed(i, GOOD, {**c, "sub": 7}),
    "the subject is long": lambda i, c: i.token({**c, "sub": "s" * 252}),
    "a control character in the subject": lambda i, c: i.token({**c, "sub": "a\nb"}),
    "NUL in the subject": lambda i, c: i.token({**c, "sub": "a\x00b"}),
    "half a pair in the subject": lambda i, c: i.token({**c, "sub": "a\ud800"}),
    "no tenant": lambda i, c: i.token({k: v for k, v in c.items() if k != "tenant"}),
    "tenants": lambda i, c: i.token({**c, "tenant": [c["tenant"]]}),
    "NUL in the tenant": lambda i, c: i.token({**c, "tenant": "a\x00b"}),
    "half a pair in the environment": lambda i, c: i.token({**c, "environment": "\udfff"}),
}


REFUSED = (
    401,
    'Bearer error="invalid_token"',
    {
        "message": "Send a valid API key or token as `Authorization: Bearer …`.",
        "extensions": {"code": "UNAUTHENTICATED"},
    },
)


@pytest.fixture
async def api(trusting: Tenant) -> Api:
    return await trusting()


async def test_forgeries_are_refused_and_not_told_why(api: Api, issuer: Issuer) -> None:
    good = claims(api.tenant)
    refusals = {}
    for name, forged in FORGERIES.items():
        response = await bearing(api, forged(issuer, good)).post("{ __typename }")
        [error] = response.json().get("errors", [None])
        refusals[name] = (response.status_code, response.headers.get("www-authenticate"), error)

    assert refusals == dict.fromkeys(FORGERIES, REFUSED)
    assert await status(api, issuer.token(good)) == 200


async def test_what_a_token_says_of_keys_is_never_fetched(api: Api, issuer: Issuer) -> None:
    await status(api, issuer.token(claims(api.tenant)))
    fetches = issuer.fetches

    await status(api, by_a_stranger(claims(api.tenant), jku=issuer.url, x5u=issuer.url))

    assert issuer.fetches == fetches


async def test_a_key_that_is_for_something_else_verifies_nothing(trusting: Tenant, issuer: Issuer) -> None:
    key = issuer.keys["one"]
    for members in (
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"alg": "RS512"},
        {"kty": "oct", "k": encoded(pem_of(key))},
    ):
        body = json.dumps({"keys": [jwk_of(key, kid="one") | members, jwk_of(STRANGER, kid="two")]}).encode()
        issuer.misbehave = partial(reply, body=body)
        api = await trusting()

        assert await status(api, issuer.token(claims(api.tenant))) == 401


async def test_a_token_without_key_id_is_taken_while_one_key_can_be_meant(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(token_keys_refresh=0.001)
    token = jwt.encode(claims(api.tenant), issuer.keys["one"], algorithm="RS256")
    issuer.keys["other"] = private_key("ES256")
    assert await status(api, token) == 200

    issuer.keys["two"] = STRANGER
    await becomes(401, lambda: status(api, token))


@pytest.mark.parametrize("algorithms", ["HS256", "none", "RS256,HS256", "rs256", "", ","])
def test_no_other_algorithms_can_be_set(algorithms: str) -> None:
    with pytest.raises(ValueError, match=", ".join(ALGORITHMS)):
        Settings(token_algorithms=algorithms)


async def test_an_algorithm_that_is_not_set_is_refused(trusting: Tenant, issuer: Issuer) -> None:
    api = await trusting(**{"token_algorithms": "ES256, EdDSA"})

    assert await status(api, issuer.token(claims(api.tenant))) == 401
