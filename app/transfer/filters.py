"""`--filter`: the filters of the API's lists, written in words of a command line."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.customers.listing import conditions
from app.customers.listing.filters import CustomerFilter
from app.customers.tables import CUSTOMERS
from app.errors import Unusable
from app.transfer.names import camel
from app.validation import judge

Condition = tuple[ColumnElement[bool], Mapping[str, Any]]

FIELDS = {camel(name): name for name in CustomerFilter.model_fields}
ENDS = {">=": "gte", ">": "gt", "<=": "lte", "<": "lt"}
SAID = re.compile(r"([A-Za-z]+)(?:\.([^=<>]+))?(>=|<=|=|>|<)(.*)", re.DOTALL)


def filter_of(texts: Sequence[str]) -> CustomerFilter:
    """The filter in which all of the texts hold; several of one field are a choice. Raises `Unusable`.

    `FIELD=VALUE`, `metadata.KEY=VALUE`, and for the timestamps `FIELD>=TIME`, `>`, `<=` and `<`.
    """
    asked: dict[str, Any] = {}
    for text in texts:
        found = SAID.fullmatch(text)
        if not found or found[1] not in FIELDS:
            raise Unusable(f"--filter takes FIELD=VALUE, where FIELD is one of {', '.join(FIELDS)}, metadata.KEY")
        field, key, sign, value = FIELDS[found[1]], found[2], found[3], found[4]
        if key is not None:
            asked.setdefault(field, {})[key] = value
        elif field in {"created_at", "updated_at"}:
            asked.setdefault(field, {})[ENDS.get(sign, sign)] = value
        elif field in {"search", "has_parent"}:
            asked[field] = value
        else:
            asked.setdefault(field, {"in": []})["in"].append(value)
    filter, problems = judge(CustomerFilter, asked, at=())
    if filter is None:
        told = "; ".join(f"{camel(str(problem.path[0]))}: {problem.message}" for problem in problems)
        raise Unusable(f"--filter: {told}")
    return filter


def condition(engine: str, filter: CustomerFilter) -> Condition:
    """The condition, and its parameters. Where a list shows published customers only, an export has them all."""
    names, parameters = conditions.asked(filter)
    every = conditions.every(engine, names)
    if filter.status is not None:
        every = and_(every, CUSTOMERS.c.status.in_(filter.status.values))
    return every, parameters
