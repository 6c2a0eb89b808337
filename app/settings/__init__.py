"""What an operator can set: one frozen object, read from `BILLFOLK_*` environment variables."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.settings import environment, faults, showing
from app.settings.database import DatabaseSettings
from app.settings.environment import PREFIX, Environment, Unreadable
from app.settings.identity import IdentitySettings
from app.settings.limits import LimitSettings
from app.settings.operations import OperationsSettings
from app.settings.rates import RateSettings
from app.settings.server import ServerSettings

# In the order in which a reader meets them.
SECTIONS = (DatabaseSettings, ServerSettings, LimitSettings, RateSettings, IdentitySettings, OperationsSettings)


# pydantic collects fields from the last base on: so a validator sees, in `info.data`, what stands above its field.
class Settings(OperationsSettings, IdentitySettings, RateSettings, LimitSettings, ServerSettings, DatabaseSettings):
    """Every setting, with its default. The field's name in capitals behind `BILLFOLK_` is the variable's.

    With `_FILE` behind, a variable names a file that has the value.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, enable_decoding=False, frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, Environment(settings_cls)

    # The last that is declared is the first that is run.
    @field_validator("*", mode="before")
    @classmethod
    def _can_be_read(cls, value: Any) -> Any:
        if isinstance(value, Unreadable):
            raise ValueError(value.reason)
        return value


def wrong(error: ValidationError) -> Iterator[str]:
    """What is wrong with the settings: a line for each, without its value."""
    return faults.told(error, Settings.model_fields)


def strays() -> Iterator[str]:
    """What is wrong with variables that look like settings, and are none."""
    return environment.strays(list(Settings.model_fields))


def in_force(settings: Settings) -> Iterator[str]:
    """Every setting with its value and whence it is, secrets masked."""
    return showing.in_force(settings, SECTIONS)


def markdown() -> str:
    """The README's tables."""
    return showing.markdown(SECTIONS)


__all__ = ["SECTIONS", "Settings", "in_force", "markdown", "strays", "wrong"]
