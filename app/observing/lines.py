"""Records become lines: JSON for machines, text for people."""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

STDERR = 2
# PIPE_BUF: what is no longer than this is never torn by what another process writes to the same pipe.
LONGEST = 4096
JSON = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Format = Literal["auto", "json", "text"]


class Lines:
    """Writes each record in one piece, so that the lines of several processes do not mix.

    `auto` is text on a terminal, JSON elsewhere. What can't be written is lost: serving goes on without it.
    """

    def __init__(self, format: Format = "auto", descriptor: int = STDERR) -> None:
        self._descriptor = descriptor
        self._form = text if format == "text" or (format == "auto" and os.isatty(descriptor)) else json

    def write(self, level: str, event: str, fields: Mapping[str, Any]) -> None:
        """Write one record, now. Fields that are None or empty are left out."""
        record: dict[str, Any] = {"time": datetime.now(UTC), "level": level, "event": event}
        record |= {name: value for name, value in fields.items() if value is not None and value != ()}
        line = self._form(record)
        if len(line) > LONGEST:
            line = self._form({**record, "event": event[:200], "traceback": record.get("traceback", ())[-8:]})
        if len(line) > LONGEST:
            line = self._form({"time": record["time"], "level": level, "event": event[:200]})
        with suppress(OSError):
            os.write(self._descriptor, line)


def json(record: Mapping[str, Any]) -> bytes:
    return orjson.dumps(record, option=JSON)


def text(record: Mapping[str, Any]) -> bytes:
    """As a person reads it at a glance; what is long comes below."""
    time = record["time"].astimezone()
    rest = {name: value for name, value in record.items() if name not in {"time", "level", "event", "traceback"}}
    told = "".join(f" {name}={','.join(v) if isinstance(v, tuple | list) else v}" for name, v in rest.items())
    below = "".join(f"\n    {place}" for place in record.get("traceback", ()))
    return f"{time:%H:%M:%S.%f} {record['level']:7} {record['event']}{told}{below}\n".encode()
