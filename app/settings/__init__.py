"""What an operator can set: one frozen object, read from `BILLFOLK_*` environment variables."""

from pydantic_settings import SettingsConfigDict

from app.settings.database import DatabaseSettings
from app.settings.identity import IdentitySettings
from app.settings.limits import LimitSettings
from app.settings.operations import OperationsSettings
from app.settings.rates import RateSettings
from app.settings.server import ServerSettings

# In the order in which a reader meets them.
SECTIONS = (DatabaseSettings, ServerSettings, LimitSettings, RateSettings, IdentitySettings, OperationsSettings)


class Settings(DatabaseSettings, ServerSettings, LimitSettings, RateSettings, IdentitySettings, OperationsSettings):
    """Every setting, with its default. The field's name in capitals behind `BILLFOLK_` is the variable's."""

    model_config = SettingsConfigDict(env_prefix="BILLFOLK_", frozen=True, extra="ignore")


__all__ = ["SECTIONS", "Settings"]
