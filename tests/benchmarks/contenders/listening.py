"""How a contender is served: as `serve` serves ours."""

import sys
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from app.settings import Settings


def main(make: Callable[[str], Starlette]) -> None:
    [port] = sys.argv[1:]
    uvicorn.run(make(Settings().database_url), port=int(port), access_log=False, log_level="warning")
