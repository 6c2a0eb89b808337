"""Where settings come from: `BILLFOLK_NAME`, or the file that `BILLFOLK_NAME_FILE` names."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

PREFIX = "BILLFOLK_"
FILE = "_FILE"

# What Kubernetes gives every pod for a Service named billfolk, after Docker's links of old.
SERVICE_LINK = re.compile(r"BILLFOLK_(SERVICE_(HOST|PORT.*)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
SERVICE_LINKS_OFF = "Kubernetes sets it for a Service named billfolk: `enableServiceLinks: false` in the pod's spec"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands for a value that can't be had. A validator tells it, beside whatever else is wrong."""

    reason: str


class Environment(EnvSettingsSource):
    """Environment variables, and files that they name: where containers are given their secrets."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        value, key, is_complex = super().get_field_value(field, field_name)
        path = self.env_vars.get(self._apply_case_sensitive(variable(field_name) + FILE))
        if path is None:
            return value, key, is_complex
        if value is not None:
            return Unreadable(f"is given twice: {variable(field_name)}{FILE} is set too"), key, False
        try:
            return Path(path).read_text("utf-8").removesuffix("\n").removesuffix("\r"), key, is_complex
        except UnicodeDecodeError:
            return Unreadable(f"can't be read: {variable(field_name)}{FILE} names a file that is not UTF-8"), key, False
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no such path"
            return Unreadable(f"can't be read: {variable(field_name)}{FILE} names a file: {reason}"), key, False


def variable(name: str) -> str:
    """The variable of the setting that is called so."""
    return PREFIX + name.upper()


def origin(name: str) -> str:
    """Where a setting's value is from."""
    given = {key.upper() for key in os.environ}
    if variable(name) in given:
        return "environment"
    return "file" if variable(name) + FILE in given else "default"


def strays(names: list[str]) -> Iterator[str]:
    """What is wrong with variables that look like settings and are none, a line for each."""
    known = [variable(name) for name in names]
    known += [name + FILE for name in known]
    unknown = sorted(key for key in os.environ if key.upper().startswith(PREFIX) and key.upper() not in known)
    links = [key for key in unknown if SERVICE_LINK.fullmatch(key)]
    if links:
        yield f"{', '.join(links)}: no setting. {SERVICE_LINKS_OFF} keeps it out."
    for key in unknown:
        if key not in links:
            nearest = get_close_matches(key.upper(), known, n=1, cutoff=0.75)
            yield f"{key}: no setting." + (f" Did you mean {nearest[0]}?" if nearest else "")
