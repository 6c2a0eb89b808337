"""Settings as people read them: what is in force, and the README's tables."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from app.settings.environment import origin, variable

MASK = "********"

_SECRET_NAME = re.compile(r"(token|secret|password)$")
_PASSWORD = re.compile(r"(?<=://)([^/?#:@]*):.*@")
_SECRET_PARAMETER = re.compile(r"(?<=[?&])([^=&#]*(?:pass|secret|token|key)[^=&#]*)=[^&#]*", re.IGNORECASE)


def in_force(settings: BaseSettings, sections: tuple[type[BaseSettings], ...]) -> Iterator[str]:
    """Every setting: its variable, its value, and whence that is."""
    names = [name for section in sections for name in section.model_fields]
    values = {name: shown(name, getattr(settings, name)) for name in names}
    name_width = max(len(variable(name)) for name in names)
    value_width = max(len(value) for value in values.values())
    for section in sections:
        if section.model_fields:
            yield f"{section.__doc__}"
        for name in section.model_fields:
            yield f"  {variable(name):{name_width}}  {values[name]:{value_width}}  {origin(name)}"


def shown(name: str, value: Any) -> str:
    """A setting's value for other eyes: no secret, and no password of a URL."""
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, SecretStr) or _SECRET_NAME.search(name):
        return MASK
    return _SECRET_PARAMETER.sub(rf"\1={MASK}", _PASSWORD.sub(rf"\1:{MASK}@", written(value)))


def written(value: Any) -> str:
    """A value as a variable has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def markdown(sections: tuple[type[BaseSettings], ...]) -> str:
    """A table for each section."""
    return "\n".join(_table(section) for section in sections if section.model_fields)


def _table(section: type[BaseSettings]) -> str:
    rows = (
        f"| `{variable(name)}` | {_default(field)} | {field.description} |\n"
        for name, field in section.model_fields.items()
    )
    return f"### {section.__doc__}\n\n| Variable | Default | Meaning |\n|---|---|---|\n{''.join(rows)}"


def _default(field: FieldInfo) -> str:
    return "none" if field.default is None or field.default in ("", ()) else f"`{written(field.default)}`"
