"""Records become lines: JSON for machines, text for people."""

import asyncio
import os
from asyncio import AbstractEventLoop
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
    """Writes records in pieces that are never torn, so that the lines of several processes do not mix.

    `auto` is text on a terminal, JSON elsewhere. What can't be written is lost: serving goes on without it.
    """

    def __init__(self, format: Format = "auto", descriptor: int = STDERR) -> None:
        self._descriptor = descriptor
        self._form = text if format == "text" or (format == "auto" and os.isatty(descriptor)) else json
        self._turn: AbstractEventLoop | None = None
        self._held: list[bytes] = []

    def write(self, level: str, event: str, fields: Mapping[str, Any]) -> None:
        """Write one record, now. Fields that are None or empty are left out."""
        self.flush()
        self._put(self._line(level, event, fields))

    def write_soon(self, level: str, event: str, fields: Mapping[str, Any]) -> None:
        """Write one record, in an event loop: the first of a turn now, those after it together when the turn is over.

        While a line is written the interpreter is given away, and with a commit at work got back late: that costs more
        than all the rest of the line. Where many are answered at once, as by a commit that they shared, few are.
        """
        line, loop = self._line(level, event, fields), asyncio.get_running_loop()
        if self._turn is loop:
            self._held.append(line)
            return
        self.flush()
        self._put(line)
        self._turn = loop
        loop.call_soon(self._end_turn)

    def flush(self) -> None:
        """Write what is held."""
        held, self._held = self._held, []
        piece = b""
        for line in held:
            if len(piece) + len(line) > LONGEST:
                self._put(piece)
                piece = b""
            piece += line
        if piece:
            self._put(piece)

    def _end_turn(self) -> None:
        self._turn = None
        self.flush()

    def _line(self, level: str, event: str, fields: Mapping[str, Any]) -> bytes:
        record: dict[str, Any] = {"time": datetime.now(UTC), "level": level, "event": event}
        record |= {name: value for name, value in fields.items() if value is not None and value != ()}
        line = self._form(record)
        if len(line) > LONGEST:
            line = self._form({**record, "event": event[:200], "traceback": record.get("traceback", ())[-8:]})
        if len(line) > LONGEST:
            line = self._form({"time": record["time"], "level": level, "event": event[:200]})
        return line

    def _put(self, piece: bytes) -> None:
        with suppress(OSError):
            os.write(self._descriptor, piece)


def json(record: Mapping[str, Any]) -> bytes:
    return orjson.dumps(record, option=JSON)


def text(record: Mapping[str, Any]) -> bytes:
    """As a person reads it at a glance; what is long comes below."""
    time = record["time"].astimezone()
    rest = {name: value for name, value in record.items() if name not in {"time", "level", "event", "traceback"}}
    told = "".join(f" {name}={','.join(v) if isinstance(v, tuple | list) else v}" for name, v in rest.items())
    below = "".join(f"\n    {place}" for place in record.get("traceback", ()))
    return f"{time:%H:%M:%S.%f} {record['level']:7} {record['event']}{told}{below}\n".encode()
