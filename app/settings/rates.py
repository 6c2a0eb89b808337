"""How often a caller may ask."""

from pydantic_settings import BaseSettings


class RateSettings(BaseSettings):
    """Rate limits"""
