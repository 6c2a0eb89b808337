"""Who calls: tenants, their environments, API keys, and the actor that a key stands for."""

from app.identity.actor import DEFAULT_SCOPES, Actor, Scope
from app.identity.keys import FirstKey, NewKey, Revocation, actor_of, digest_of, keys, keys_of

__all__ = [
    "DEFAULT_SCOPES",
    "Actor",
    "FirstKey",
    "NewKey",
    "Revocation",
    "Scope",
    "actor_of",
    "digest_of",
    "keys",
    "keys_of",
]
