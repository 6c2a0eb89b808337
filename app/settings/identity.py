"""Who may call, and from where."""

import re
from importlib.util import find_spec
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from app.identity.tokens import ALGORITHMS, Trust, is_remote

# Scheme, host and port as browsers send them (RFC 6454, 6.1).
ORIGIN = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:[0-9]+)?")


def listed(value: str) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(item.strip() for item in value.split(",") if item.strip())


class IdentitySettings(BaseSettings):
    """Identity"""

    key_cache_seconds: float = Field(
        4.0,
        ge=0,
        le=4,
        description="How long a process goes by what it last read of an API key, in seconds: no longer than that is a "
        "key good elsewhere when it is revoked here.",
    )
    cors_origins: str | None = Field(
        None, description="Origins whose pages may call, with commas between: `https://app.example.com`; `*` for any."
    )
    token_issuer: str | None = Field(
        None, min_length=1, description="Whose JWTs are taken beside API keys: their `iss`. None are, when unset."
    )
    token_audience: str | None = Field(
        None,
        validate_default=True,
        description="Whom the tokens are meant for: their `aud`. Of several, with commas between, any.",
    )
    token_keys: str | None = Field(
        None,
        validate_default=True,
        description="Where the issuer's public keys are: an `https://` URL of a JWK Set, or a file with one or with a "
        "key in PEM.",
    )
    token_algorithms: str = Field(
        ",".join(ALGORITHMS), description="What tokens may be signed with: any of these, with commas between."
    )
    token_leeway: float = Field(
        30.0, ge=0, le=300, description="How far the issuer's clock may be from this one's, in seconds."
    )
    token_tenant_claim: str = Field(
        "tenant",
        min_length=1,
        description="The claim that names the tenant; dots lead into objects, unless a claim is called so.",
    )
    token_tenant: str | None = Field(None, min_length=1, description="The tenant of every token, instead of a claim.")
    token_environment_claim: str = Field(
        "environment", min_length=1, description="The claim that names the tenant's environment."
    )
    token_environment: str | None = Field(
        None, min_length=1, description="The environment of every token, instead of a claim."
    )
    token_subject_claim: str = Field(
        "sub", min_length=1, description="The claim that names the caller: `createdBy` says it behind `sub:`."
    )
    token_scopes_claim: str = Field(
        "scope",
        min_length=1,
        description="The claim that has the scopes, as a list or with spaces between; others than Billfolk's are "
        "ignored.",
    )
    token_keys_refresh: float = Field(
        300.0, gt=0, description="How old the issuer's keys may be, in seconds, before they are fetched again."
    )
    token_keys_stale: float = Field(
        3600.0, ge=0, description="How much longer they are good, in seconds, while they can't be fetched."
    )
    token_keys_pause: float = Field(
        5.0,
        ge=0,
        description="How long after a fetch, in seconds, no other is made: an unknown key id would cause one.",
    )

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str | None) -> str | None:
        for origin in listed(value or ""):
            if origin != "*" and not ORIGIN.fullmatch(origin):
                raise ValueError("an origin is a scheme, a host and perhaps a port, in lower case, without a path")
        return value

    @field_validator("token_algorithms")
    @classmethod
    def _are_asymmetric(cls, value: str) -> str:
        if not listed(value) or not set(listed(value)) <= set(ALGORITHMS):
            raise ValueError(f"any of {', '.join(ALGORITHMS)}, and no others")
        return value

    @field_validator("token_audience", "token_keys")
    @classmethod
    def _go_with_the_issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("token_issuer") is not None and not (value and listed(value)):
            raise ValueError("must be set when BILLFOLK_TOKEN_ISSUER is")
        return value

    @field_validator("token_keys")
    @classmethod
    def _can_be_used(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not is_remote(value) and not Path(value).is_file():
            raise ValueError("neither an https:// URL (http:// to this machine only) nor a file")
        if find_spec("jwt") is None:
            raise ValueError("needs the extra jwt: pip install -e '.[jwt]'")
        return value

    @property
    def origins(self) -> tuple[str, ...]:
        return listed(self.cors_origins or "")

    def trust(self) -> Trust | None:
        """Whose tokens are taken; None for nobody's."""
        if self.token_issuer is None or self.token_audience is None or self.token_keys is None:
            return None
        return Trust(
            issuer=self.token_issuer,
            audiences=listed(self.token_audience),
            keys=self.token_keys,
            algorithms=listed(self.token_algorithms),
            leeway=self.token_leeway,
            tenant=self.token_tenant,
            tenant_claim=self.token_tenant_claim,
            environment=self.token_environment,
            environment_claim=self.token_environment_claim,
            subject_claim=self.token_subject_claim,
            scopes_claim=self.token_scopes_claim,
            refresh=self.token_keys_refresh,
            stale=self.token_keys_stale,
            pause=self.token_keys_pause,
        )
