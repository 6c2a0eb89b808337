"""What operators are told."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class OperationsSettings(BaseSettings):
    """Operations"""

    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="How logs are written: `json`, `text`, or `auto`: text on a terminal, JSON elsewhere."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged: `warning` leaves out requests that were served, `error` refused ones too."
    )
    log_client_address: bool = Field(False, description="Whether requests are logged with the client's IP address.")
    metrics_host: str = Field("127.0.0.1", description="The address on which `BILLFOLK_METRICS_PORT` is listened to.")
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="A port of its own for `/metrics`; then the main port has none."
    )
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="What `/metrics` asks for as `Authorization: Bearer`, on either port."
    )

    @property
    def has_metrics(self) -> bool:
        return self.metrics_port is not None or self.metrics_token is not None
