"""What an operator can set: one frozen object, read from `BILLFOLK_*` environment variables."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, with its default. The field's name in capitals behind `BILLFOLK_` is the variable's."""

    model_config = SettingsConfigDict(env_prefix="BILLFOLK_", frozen=True, extra="ignore")

    database_url: str = Field(
        "sqlite:///billfolk.db",
        description="Where the data lives: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://…`.",
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    max_body_bytes: int = Field(1_048_576, ge=1024, description="The largest request body, in bytes.")
