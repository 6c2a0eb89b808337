"""An issuer of tokens: real keys, and a real server with the public ones that can misbehave."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Misbehaviour = Callable[[BaseHTTPRequestHandler], None]

NAME = "https://issuer.test/"
AUDIENCE = "billfolk"


@cache
def private_key(algorithm: str, number: int = 0) -> Private:
    """A key for the algorithm, another for each number."""
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def algorithm_of(key: Private) -> str:
    match key:
        case rsa.RSAPrivateKey():
            return "RS256"
        case ec.EllipticCurvePrivateKey():
            return "ES256"
    return "EdDSA"


def pem_of(key: Private) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk_of(key: Private, **members: Any) -> dict[str, Any]:
    """The public key as a JWK."""
    jwk: dict[str, Any] = jwt.get_algorithm_by_name(algorithm_of(key)).to_jwk(key.public_key(), as_dict=True)
    return {key: value for key, value in jwk.items() if key != "key_ops"} | members


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(tenant: str, /, **other: Any) -> dict[str, Any]:
    """Those of a good token; None leaves one out."""
    now = int(time.time())
    usual = {
        "iss": NAME,
        "aud": AUDIENCE,
        "sub": "user-1",
        "iat": now,
        "exp": now + 300,
        "tenant": tenant,
        "environment": "sandbox",
        "scope": "openid customers:read customers:write",
    }
    return {name: value for name, value in {**usual, **other}.items() if value is not None}


@dataclass
class Issuer:
    """Signs with what it holds, and publishes it at `url`."""

    keys: dict[str, Private] = field(default_factory=lambda: {"one": private_key("RS256")})
    misbehave: Misbehaviour | None = None
    fetches: int = 0
    url: str = ""

    def token(self, payload: Mapping[str, Any], kid: str = "one", **header: Any) -> str:
        key = self.keys[kid]
        return jwt.encode(dict(payload), key, algorithm=algorithm_of(key), headers={"kid": kid, **header})

    @property
    def jwks(self) -> bytes:
        return json.dumps({"keys": [jwk_of(key, kid=kid, use="sig") for kid, key in self.keys.items()]}).encode()


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, encoding: str = "", to: str = "") -> None:
    handler.send_response(status)
    for name, value in {"content-length": str(len(body)), "content-encoding": encoding, "location": to}.items():
        if value:
            handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer whose keys are served on this machine."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.fetches += 1
            try:
                if issuer.misbehave:
                    issuer.misbehave(self)
                else:
                    reply(self, issuer.jwks)
            except OSError:
                self.close_connection = True  # the client had enough

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer.url = f"http://127.0.0.1:{server.server_port}/keys"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
