"""Media types and their negotiation (RFC 9110, 8.3 and 12.5.1)."""

import re
from collections.abc import Mapping
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"


@lru_cache(maxsize=128)  # clients send few different ones
def acceptable(accept: str) -> Mapping[str, float]:
    """Say how gladly the client takes each media type that we speak, best first (RFC 9110, 12.5.1).

    Of equals the first is `application/graphql-response+json` when it was named, and `application/json` when all that
    the client said was `*/*`. HTML counts only when named.
    """
    ranges = [parse(part) for part in (accept.strip() or "*/*").split(",")]
    found: dict[str, tuple[float, int]] = {}
    for ours in (GRAPHQL_RESPONSE, JSON, HTML):
        wildcards = ("*/*", "application/*") if ours != HTML else ()
        matches = [
            (2 if name == ours else wildcards.index(name), _quality(parameters.get("q", "1")))
            for name, parameters in ranges
            if (name == ours or name in wildcards) and is_utf8(parameters)
        ]
        if matches and (best := max(matches))[1] > 0:
            found[ours] = (best[1], best[0])
    order = sorted(found, key=lambda name: (*found[name], name == JSON and found[name][1] < 2), reverse=True)
    return {name: found[name][0] for name in order}


@lru_cache(maxsize=128)
def is_json(content_type: str) -> bool:
    """Whether a body of that type is JSON in UTF-8."""
    name, parameters = parse(content_type)
    return name == JSON and is_utf8(parameters)


def parse(text: str) -> tuple[str, dict[str, str]]:
    name, *parameters = text.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return name.strip().lower(), {key.strip().lower(): value.strip().strip('"').lower() for key, _, value in pairs}


def _quality(text: str) -> float:
    return float(text) if re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", text) else 0


def is_utf8(parameters: Mapping[str, str]) -> bool:
    return parameters.get("charset", "utf-8") in {"utf-8", "utf8"}
