"""Verifying a token (RFC 7519, with the advice of RFC 8725)."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import jwt

from app.identity.tokens.claims import Claimed, claimed
from app.identity.tokens.keyring import KeyRing
from app.identity.tokens.keysets import KeySet
from app.identity.tokens.parsing import json_object
from app.identity.tokens.trust import Trust

# Of access tokens (RFC 9068), and of those that don't say. What was signed for another purpose says another.
TYPES = {"jwt", "at+jwt", "application/at+jwt"}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token claims, and the keys by which it is so."""

    claimed: Claimed
    keys: KeySet


async def verify(token: str, trust: Trust, ring: KeyRing) -> Verified:
    """Whom the token stands for. Raises ValueError or PyJWTError when it is not good.

    What its header offers as keys (`jwk`, `jku`, `x5c`, `x5u`) is not read.
    """
    header, _ = parts(token)
    id, algorithm, type_ = header.get("kid"), header.get("alg"), header.get("typ", "JWT")
    if "crit" in header or not isinstance(id, str | None) or not isinstance(type_, str) or type_.lower() not in TYPES:
        raise ValueError("the header")
    if algorithm not in trust.algorithms:
        raise ValueError("the algorithm")
    keys = await ring.current()
    if (key := keys.find(id, algorithm)) is None:
        keys = await ring.renewed()
        key = keys.find(id, algorithm)
    if key is None:
        raise ValueError("the key")
    claims = jwt.decode(
        token,
        key.material,
        algorithms=[key.algorithm],
        issuer=trust.issuer,
        audience=trust.audiences,
        leeway=trust.leeway,
        options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
    )
    return Verified(claimed(claims, trust), keys)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims, unverified. Raises ValueError when they can be read in two ways, or in none."""
    header, claims, _ = token.split(".")
    return json_object(_decoded(header)), json_object(_decoded(claims))


def _decoded(part: str) -> bytes:
    return b64decode(part + "=" * (-len(part) % 4), altchars="-_", validate=True)
