"""Where the server listens, and how it meets the network."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from app.serving.limits import Limits
from app.settings.networks import Networks


class ServerSettings(BaseSettings):
    """Network"""

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=256, description="How many processes serve; one processor keeps one busy.")
    trusted_proxies: Networks = Field(
        (),
        description="Addresses and networks of reverse proxies, with commas between, whose word on the client's "
        "address, scheme and host is taken: `10.0.0.0/8`.",
    )
    proxy_headers: Literal["x-forwarded", "forwarded"] = Field(
        "x-forwarded",
        description="Where those proxies say it: `x-forwarded` for `X-Forwarded-For`, `-Proto` and `-Host`; "
        "`forwarded` for `Forwarded`.",
    )
    max_connections: int = Field(
        1000, ge=1, description="The most connections of one process. For a newcomer, the one that waited longest goes."
    )
    max_url_bytes: int = Field(8192, ge=256, description="The longest URL, in bytes.")
    max_header_bytes: int = Field(16_384, ge=1024, description="The largest header section of a request, in bytes.")
    max_header_fields: int = Field(100, ge=10, description="The most fields in a request's header section.")
    header_timeout: float = Field(
        10.0, gt=0, description="How long a client may take to send the header section, in seconds."
    )
    body_timeout: float = Field(30.0, gt=0, description="How long a client may take to send the body, in seconds.")
    answer_timeout: float = Field(
        60.0, gt=0, description="How long a client may take to receive the answer, in seconds."
    )
    keep_alive_timeout: int = Field(
        75, ge=1, description="How long a connection is kept between two requests, in seconds."
    )
    shutdown_grace: float = Field(
        1.0,
        ge=0,
        description="How long requests are still taken after SIGTERM, in seconds, while `/readyz` says 503 already.",
    )
    shutdown_timeout: int = Field(
        25, ge=1, description="How long the requests in hand may take to be answered after that, in seconds."
    )

    @field_validator("proxy_headers")
    @classmethod
    def _are_trusted(cls, value: str, info: ValidationInfo) -> str:
        if value != "x-forwarded" and info.data.get("trusted_proxies") == ():
            raise ValueError("must not be set unless BILLFOLK_TRUSTED_PROXIES is")
        return value

    def limits(self) -> Limits:
        return Limits(
            connections=self.max_connections,
            url=self.max_url_bytes,
            header=self.max_header_bytes,
            header_fields=self.max_header_fields,
            header_timeout=self.header_timeout,
            body_timeout=self.body_timeout,
            answer_timeout=self.answer_timeout,
        )
