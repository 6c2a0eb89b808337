"""Everything else that is logged, through the standard library's `logging`: ours, uvicorn's, every package's."""

import logging
import logging.config
import re
import warnings
from typing import Any

from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from app.observing import failures
from app.observing.lines import Format, Lines
from app.observing.throttle import Throttle
from app.settings.operations import OperationsSettings

OURS = ("billfolk", "alembic")

log = logging.getLogger("billfolk")

# Of what others say: the words up to anything that may be a value, and no arguments but numbers.
_WORDS = re.compile(r"([A-Za-z-]+[.,;]?(\s|$))*").match


def configure(settings: OperationsSettings) -> None:
    """Have this process log as the settings say."""
    logging.config.dictConfig(configuration(settings))


def configuration(settings: OperationsSettings) -> dict[str, Any]:
    """The same for `logging.config.dictConfig`, and so for uvicorn's `log_config`, in each process that it starts."""
    level = settings.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"lines": {"()": "app.observing.logs.handler", "format": settings.log_format}},
        # Other packages are heard when something is wrong.
        "root": {"handlers": ["lines"], "level": "ERROR" if level == "ERROR" else "WARNING"},
        "loggers": {
            "billfolk": {"level": level},
            "uvicorn": {"level": level},
            # It would log URLs, and so what is sent by GET. RequestLog is in its stead.
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }


def handler(format: Format) -> logging.Handler:
    """The handler of everything, to which warnings and what is tried again go too."""
    warnings.showwarning = _warned  # type: ignore[assignment]  # its last two arguments are for other uses
    set_on_retry_hooks([_tried_again])
    return Handler(Lines(format))


class Handler(logging.Handler):
    """Writes each record as a line that holds no value: see `failures`, and `_foreign`."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        is_ours = record.name.partition(".")[0] in OURS
        fields = {"logger": None if is_ours else record.name, "request_id": getattr(record, "request_id", None)}
        if record.exc_info and (error := record.exc_info[1]):
            fields |= failures.told(error)
        level = "error" if record.levelno > logging.ERROR else record.levelname.lower()
        self._lines.write(level, record.getMessage() if is_ours else _foreign(record), fields)


def _foreign(record: logging.LogRecord) -> str:
    """What another package says, without what it says it of: asyncio alone would repeat whole exceptions and calls."""
    template = record.msg if isinstance(record.msg, str) else ""
    arguments = record.args if isinstance(record.args, tuple) else ()
    if not arguments:
        words = _WORDS(template)
        return words[0].rstrip() if words else ""
    try:
        return template % tuple(value if isinstance(value, int | float) else "…" for value in arguments)
    except (TypeError, ValueError):
        return template


def _warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
    log.warning("%s at %s:%d", category.__name__, failures.shortened(filename), lineno)


def _tried_again(details: RetryDetails) -> None:
    if _retries.passes(cause := failures.name_of(details.caused_by)):
        log.warning("a transaction is tried again, after %s", cause)


def _tell_retries(cause: str, count: int) -> None:
    log.warning("%d more transactions were tried again, after %s", count, cause)


_retries = Throttle[str](_tell_retries)
