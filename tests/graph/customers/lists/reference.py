"""What a list must be, in plain Python."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]

TEXTS = {"id": "id", "externalId": "external_id", "email": "email", "parentCustomerId": "parent_customer_id"}
KEYS: Mapping[str, Callable[[Row], Any]] = {
    "CREATED_AT": lambda row: row["created_at"],
    "UPDATED_AT": lambda row: row["updated_at"],
    "NAME": lambda row: (row["name"] or "").casefold(),
}
ENDS = {
    "gte": lambda at, end: at >= end,
    "gt": lambda at, end: at > end,
    "lte": lambda at, end: at <= end,
    "lt": lambda at, end: at < end,
}


def ordered(rows: Sequence[Row], filter: Mapping[str, Any], order: Mapping[str, str] | None) -> list[str]:
    """The ids of those that meet the filter. Python compares texts by code points."""
    field, direction = (order["field"], order["direction"]) if order else ("CREATED_AT", "DESC")
    found = [row for row in rows if meets(row, filter)]
    found.sort(key=lambda row: (KEYS[field](row), row["id"]), reverse=direction == "DESC")
    return [row["id"] for row in found]


def meets(row: Row, filter: Mapping[str, Any]) -> bool:
    status = filter.get("status", {"eq": "PUBLISHED"})
    return among(row["status"], status) and all(meets_one(row, name, asked) for name, asked in filter.items())


def meets_one(row: Row, name: str, asked: Any) -> bool:
    if name == "search":
        return is_found(row, asked)
    if name in TEXTS:
        return among(row[TEXTS[name]], asked)
    if name == "addressCountry":
        return among(row["address_country"], {how: upper(codes) for how, codes in asked.items()})
    if name in {"createdAt", "updatedAt"}:
        at = row["created_at" if name == "createdAt" else "updated_at"]
        return all(ENDS[end](at, datetime.fromisoformat(instant)) for end, instant in asked.items())
    if name == "hasParent":
        return (row["parent_customer_id"] is not None) == bool(asked)
    if name == "metadata":
        return all(row["metadata_"].get(key) == value for key, value in asked.items())
    return name == "status"


def among(value: str | None, asked: Mapping[str, Any]) -> bool:
    return value == asked["eq"] if "eq" in asked else value in asked["in"] and value is not None


def upper(codes: str | list[str]) -> str | list[str]:
    return codes.upper() if isinstance(codes, str) else [code.upper() for code in codes]


def is_found(row: Row, asked: str) -> bool:
    text = asked.strip().casefold()
    name, email, external_id = ((row[key] or "").casefold() for key in ("name", "email", "external_id"))
    if len(text) >= 3:
        return text in name or text in email or text in external_id
    return name.startswith(text) or external_id.startswith(text)
