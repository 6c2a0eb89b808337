"""Whom a token's claims stand for. They are verified by now, and may still be of any shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.identity.actor import SUBJECT, Actor, Scope
from app.identity.tokens.trust import Trust
from app.texts import TextRule

NAMED = TextRule(most=255 - len(SUBJECT), least=1, exact=True)
NAME = TextRule(most=255, least=1, exact=True)
FOREVER = 2**53
SCOPES = {str(scope): scope for scope in Scope}


@dataclass(frozen=True, slots=True)
class Claimed:
    """The actor that a token stands for, and until when, in seconds since the epoch."""

    actor: Actor
    until: float


def claimed(claims: Mapping[str, Any], trust: Trust) -> Claimed:
    """Read the claims. Raises ValueError when one is missing or of another type.

    The actor has no end of its own: what its keys may outlive is the token, not the subject.
    """
    for name in {"exp", "nbf", "iat"} & claims.keys():
        if type(claims[name]) not in (int, float):
            raise ValueError(name)
    actor = Actor(
        tenant_id=_text(trust.tenant or claim(claims, trust.tenant_claim), NAME),
        environment_id=_text(trust.environment or claim(claims, trust.environment_claim), NAME),
        id=SUBJECT + _text(claim(claims, trust.subject_claim), NAMED),
        scopes=_scopes(claim(claims, trust.scopes_claim)),
    )
    return Claimed(actor, min(claims["exp"], FOREVER) + trust.leeway)


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of that name, or else the one that its dots lead to; None when there is none."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any, rule: TextRule) -> str:
    return rule.judge(value) or ""


def _scopes(value: Any) -> frozenset[Scope]:
    """Those of ours: a token has scopes for other services, too."""
    named = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(SCOPES[name] for name in named if isinstance(name, str) and name in SCOPES)
