"""What operators are told."""

from pydantic_settings import BaseSettings


class OperationsSettings(BaseSettings):
    """Operations"""
