"""The log of a server, read as a machine would."""

import json
from typing import Any


def lines(printed: str) -> list[dict[str, Any]]:
    """The records among what was printed. The first start's words to a person are none."""
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def told(printed: str, event: str) -> list[dict[str, Any]]:
    return [line for line in lines(printed) if line["event"] == event]
