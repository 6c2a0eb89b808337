"""Who may call, and from where."""

from pydantic_settings import BaseSettings


class IdentitySettings(BaseSettings):
    """Identity"""
