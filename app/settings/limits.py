"""How much one request may ask for."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LimitSettings(BaseSettings):
    """Limits of a request"""

    max_body_bytes: int = Field(1_048_576, ge=1024, description="The largest request body, in bytes.")
