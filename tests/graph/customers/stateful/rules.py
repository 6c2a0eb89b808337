"""What may be said of a customer: the contract's table, for the values that the sequences use."""

from collections.abc import Mapping
from typing import Any

from tests.graph.customers.stateful.values import PERSONAL, Record, Refused

Problems = list[tuple[tuple[str, ...], str]]

LONGEST = {"name": 255, "email": 254, "contact": 20, "addressPostalCode": 20, "addressCity": 100, "addressState": 100}
COUNTRIES = {"DE", "FR", "XK"}
TIMEZONES = {"UTC", "Europe/Berlin", "Asia/Tokyo"}
BOTH = ("parentCustomerId", "parentCustomerExternalId")


def details(input: Mapping[str, Any]) -> Record:
    """The values of the given fields as they are stored."""
    values = {name: input[name] for name in PERSONAL if name in input}
    for name, value in values.items():
        if isinstance(value, str) and name != "externalId":
            values[name] = value.strip() or None
    if values.get("addressCountry"):
        values["addressCountry"] = values["addressCountry"].upper()
    if "timezone" in values:
        values["timezone"] = values["timezone"] or "UTC"
    if "metadata" in values:
        values["metadata"] = values["metadata"] or {}
    return values


def whole(input: Mapping[str, Any]) -> Record:
    """As `details`, but what was not given is unset."""
    return details(dict.fromkeys(PERSONAL) | dict(input))


def links(input: Mapping[str, Any]) -> Record:
    return {mapping["provider"]: mapping["id"] for mapping in input.get("integrationEntityMapping") or ()}


def judge(input: Mapping[str, Any], at: tuple[str, ...]) -> Problems:
    """Each field's first failing rule, in the order of the input's fields."""
    problems: Problems = [((*at, name), code) for name, value in details(input).items() if (code := wrong(name, value))]
    for name in ("metadata", "metadataPatch"):
        for key, value in (input.get(name) or {}).items():
            if not key:
                problems.append(((*at, name, key), "TOO_SHORT"))
            elif not isinstance(value, str) and not (value is None and name == "metadataPatch"):
                problems.append(((*at, name, key), "INVALID_TYPE"))
    if "metadata" in input and "metadataPatch" in input:
        problems.append(((*at, "metadataPatch"), "MUTUALLY_EXCLUSIVE"))
    problems += judge_parent(input, at)
    seen = set()
    for index, mapping in enumerate(input.get("integrationEntityMapping") or ()):
        entry = (*at, "integrationEntityMapping", str(index))
        problems += judge_mapping(mapping, entry)
        if mapping["provider"] in seen:
            problems.append((entry, "DUPLICATE"))
        seen.add(mapping["provider"])
    return problems


def wrong(name: str, value: Any) -> str | None:
    if name == "externalId":
        return "TOO_SHORT" if not value else "INVALID_FORMAT" if value != value.strip() else None
    if value is None or not isinstance(value, str):
        return None
    if len(value) > LONGEST.get(name, 255):
        return "TOO_LONG"
    if name == "email" and "@" not in value:
        return "INVALID_FORMAT"
    choices = {"addressCountry": COUNTRIES, "timezone": TIMEZONES}.get(name)
    return "INVALID_CHOICE" if choices and value not in choices else None


def judge_parent(given: Mapping[str, Any], at: tuple[str, ...]) -> Problems:
    return [((*at, BOTH[1]), "MUTUALLY_EXCLUSIVE")] if all(given.get(name) for name in BOTH) else []


def judge_mapping(mapping: Mapping[str, Any], at: tuple[str, ...]) -> Problems:
    return [] if mapping["id"] else [((*at, "id"), "TOO_SHORT")]


def judge_key(key: str | None) -> Problems:
    code = None if key is None else "TOO_SHORT" if not key else None if key.isascii() else "INVALID_FORMAT"
    return [(("idempotencyKey",), code)] if code else []


def invalid(problems: Problems, at: tuple[str, ...]) -> Refused:
    errors = [{"code": code, "path": list(path)} for path, code in problems]
    return Refused("ValidationErrors", "VALIDATION_FAILED", at, fieldErrors=errors)
