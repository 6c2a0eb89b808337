"""Who calls: tenants, their environments, API keys, and the actor that a key stands for."""

from app.identity.actor import DEFAULT_SCOPES, Actor, Scope
from app.identity.callers import Callers, calling
from app.identity.keys import FirstKey, NewKey, Revocation, actors_of, digest_of, keys, keys_of

__all__ = [
    "DEFAULT_SCOPES",
    "Actor",
    "Callers",
    "FirstKey",
    "NewKey",
    "Revocation",
    "Scope",
    "actors_of",
    "calling",
    "digest_of",
    "keys",
    "keys_of",
]
