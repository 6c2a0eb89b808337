"""Whose tokens are taken, and on what terms."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

# Asymmetric ones only: with HMAC whoever can check a token can make one, and a public key would be a secret.
ALGORITHMS = ("RS256", "ES256", "EdDSA")


@dataclass(frozen=True, slots=True)
class Trust:
    """An issuer of tokens, and what its tokens must say. Times are in seconds.

    `keys` is a URL or a file. `tenant` and `environment`, when given, are those of every token, whatever it claims.
    """

    issuer: str
    audiences: tuple[str, ...]
    keys: str
    algorithms: tuple[str, ...]
    leeway: float
    tenant: str | None
    tenant_claim: str
    environment: str | None
    environment_claim: str
    subject_claim: str
    scopes_claim: str
    refresh: float
    stale: float
    pause: float


def is_remote(keys: str) -> bool:
    """Whether the keys are at a URL that can be believed: over TLS, or on this machine."""
    try:
        url = urlsplit(keys)
        host = url.hostname or ""
    except ValueError:
        return False
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and is_loopback(host)))


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
