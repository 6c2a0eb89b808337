"""From our settings to uvicorn's."""

import logging

import uvicorn
from starlette.types import ASGIApp

from app.observing import logs
from app.serving.guard import Guard
from app.settings import Settings

# Seconds between telling the last clients that they won't be answered, and the end of their requests.
LAST_WORDS = 1


def configuration(settings: Settings, app: ASGIApp | str, http: type[Guard]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="on",
        # The application sees to it, by its own settings: uvicorn's would trust this machine.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=logs.configuration(settings),
        timeout_keep_alive=settings.keep_alive_timeout,
        timeout_graceful_shutdown=settings.shutdown_timeout + LAST_WORDS,
        workers=1,
    )


def protocol() -> type[Guard]:
    """The guarded protocol: with the fast parser, where there is one."""
    try:
        from app.serving.httptools import HttpTools
    except ImportError:
        from app.serving.h11 import H11

        return H11
    return HttpTools


def is_no_clients_fault(record: logging.LogRecord) -> bool:
    """Keep out what uvicorn says of each malformed request: whoever sends them could fill a disk."""
    return record.msg != "Invalid HTTP request received."
