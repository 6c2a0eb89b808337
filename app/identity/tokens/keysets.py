"""An issuer's public keys: a JWK Set (RFC 7517), or one key in PEM."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.identity.tokens.parsing import json_object

LEAST_RSA_BITS = 2048  # RFC 7518, 3.3
MOST_KEYS = 100


class Unreadable(Exception):
    """What was read has no key that a token could be checked with."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of the issuer's. It decides the algorithm, and never the token, so no key is used for what it is not."""

    id: str | None
    algorithm: str
    material: RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


class KeySet:
    """The keys of one moment."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self._keys = tuple(keys)

    def find(self, id: str | None, algorithm: str) -> PublicKey | None:
        """The one key that a token can mean; None when there is none, or no telling which."""
        fitting = [key for key in self._keys if key.algorithm == algorithm]
        if id is not None:
            fitting = [key for key in fitting if key.id == id] or [key for key in fitting if key.id is None]
        return fitting[0] if len(fitting) == 1 else None


def read(raw: bytes) -> KeySet:
    """The keys that can be used. Raises Unreadable when there is none."""
    keys = list(_of_pem(raw) if raw.lstrip().startswith(b"-----BEGIN") else _of_set(raw))
    if not keys:
        raise Unreadable("it has no public key for RS256, ES256 or EdDSA")
    return KeySet(keys)


def _of_pem(raw: bytes) -> Iterator[PublicKey]:
    try:
        material = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise Unreadable("it is not a public key in PEM") from None
    if key := _usable(None, material):
        yield key


def _of_set(raw: bytes) -> Iterator[PublicKey]:
    try:
        listed = json_object(raw).get("keys")
    except ValueError:
        raise Unreadable("it is neither a JWK Set nor a key in PEM") from None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise Unreadable(f"it is not a JWK Set of at most {MOST_KEYS} keys")
    for jwk in listed:
        if isinstance(jwk, dict) and (key := _of_jwk(jwk)):
            yield key


def _of_jwk(jwk: Mapping[str, Any]) -> PublicKey | None:
    """The key, unless it is for something else, or is none; a set may well have such (RFC 7517, 5)."""
    if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
        return None
    if jwk.get("kty") not in {"RSA", "EC", "OKP"} or "d" in jwk or not isinstance(jwk.get("kid", ""), str):
        return None
    try:
        material = jwt.PyJWK(dict(jwk)).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    key = _usable(jwk.get("kid"), material)
    return key if key and jwk.get("alg", key.algorithm) == key.algorithm else None


def _usable(id: str | None, material: object) -> PublicKey | None:
    match material:
        case RSAPublicKey() if material.key_size >= LEAST_RSA_BITS:
            return PublicKey(id, "RS256", material)
        case EllipticCurvePublicKey() if isinstance(material.curve, SECP256R1):
            return PublicKey(id, "ES256", material)
        case Ed25519PublicKey():
            return PublicKey(id, "EdDSA", material)
    return None
