"""The names that files give to fields: the API's own, or whatever is mapped to them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Self

import orjson

from app.customers.models import IntegrationProvider
from app.errors import Path, Unusable
from app.transfer.formulas import unescaped
from app.transfer.incoming import NEVER_NULL, Incoming

# What some programs write instead of commas.
SEPARATORS = re.compile(r"[;\t|]")

METADATA, INTEGRATIONS = "metadata", "integration_entity_mapping"

# What a rejects file says beside the row; not read when that is fed back.
REASONS = ("_line", "_field", "_code", "_message")


def camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


FIELDS = {camel(name): name for name in Incoming.model_fields}
NAMES = {**FIELDS, **{name: name for name in Incoming.model_fields}}


@lru_cache(1024)
def field_of(name: str) -> tuple[str, str | None] | None:
    """The field, and within a map its key: `metadata.plan` is `("metadata", "plan")`."""
    outer, dot, key = name.partition(".")
    field = NAMES.get(outer)
    if not dot:
        return (field, None) if field else None
    known = field == METADATA or (field == INTEGRATIONS and key in set(IntegrationProvider))
    return (str(field), key) if known and key else None


def told(path: Path) -> str:
    """The name of the field at which something is wrong, as a file would spell it."""
    first, *inner = path
    return ".".join([camel(str(first)), *map(str, inner)])


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a file, or key of its objects, is: a field and a key within, or nothing of ours."""

    fields: Mapping[str, tuple[str, str | None] | None]
    header: Sequence[str] = ()

    @classmethod
    def of(cls, header: Sequence[str], renamed: Mapping[str, str]) -> Self:
        """The columns of a CSV file. Raises `Unusable`, naming every column that is unknown or there twice."""
        check_targets(renamed)
        if len(header) == 1 and (other := SEPARATORS.search(header[0])):
            raise Unusable(f"Line 1 has no commas, but {other[0]!r}. Save the file with commas between its columns")
        names = [renamed.get(name, name) for name in header]
        if lacking := [name for name in renamed if name not in header]:
            raise Unusable(f"--map names columns that line 1 does not have: {_list(lacking)}")
        fields = {column: field_of(name) for column, name in zip(header, names, strict=True)}
        unknown = [c for c, name in zip(header, names, strict=True) if name not in ("", *REASONS) and not fields[c]]
        if unknown:
            raise Unusable(f"Line 1 has columns that are unknown: {_list(unknown)}. {_hint(unknown[0])}")
        met = [fields[column] for column in header if fields[column]]
        doubled = [c for c in dict.fromkeys(header) if fields[c] and met.count(fields[c]) + header.count(c) > 2]
        if doubled:
            raise Unusable(f"Line 1 has columns twice: {_list(doubled)}")
        if ("external_id", None) not in met:
            raise Unusable("Line 1 has no column externalId. To name the one that is it: --map COLUMN=externalId")
        return cls(fields, header)

    def values(self, items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """The model's fields, of the cells of a row or the members of an object."""
        values: dict[str, Any] = {}
        inner: list[tuple[str, str, Any]] = []
        for column, value in items:
            if column in self.fields:
                known = self.fields[column]
                if known is None:
                    continue
            elif column in REASONS:
                continue
            else:
                known = field_of(column) or (column, None)  # Unknown: the model refuses it by that name.
            field, key = known
            if key is not None:
                inner.append((field, key, value))
            elif value is not None or field not in NEVER_NULL:
                values[field] = value
        for field, key, value in inner:
            _put(values, field, key, value)
        return values

    def row(self, cells: Sequence[str]) -> dict[str, Any]:
        """As `values`, of a CSV row's cells. An empty cell is null; the maps may stand in one cell as JSON."""
        clean = [(cell if cell[:1] != "'" else unescaped(cell)) or None for cell in cells]
        values = self.values(zip(self.header, clean, strict=True))
        for field in (METADATA, INTEGRATIONS):
            if isinstance(text := values.get(field), str):
                values[field] = _json(text)
        return values


def _put(values: dict[str, Any], field: str, key: str, value: Any) -> None:
    held = values.get(field)
    if isinstance(held, str):
        held = _json(held)
    if field == METADATA and (held is None or isinstance(held, Mapping)):
        values[field] = {**(held or {}), **({} if value is None else {key: value})}
    elif field == INTEGRATIONS and (held is None or isinstance(held, Sequence)):
        values[field] = [*(held or ()), *([] if value is None else [{"provider": key, "id": value}])]


def _json(text: str) -> Any:
    """What the text says; the text itself when it is no JSON, which the model then refuses."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def check_targets(renamed: Mapping[str, str]) -> None:
    for column, name in renamed.items():
        if name and field_of(name) is None:
            raise Unusable(f"--map {column}={name}: there is no field {name}. {_hint(name)}")


def _hint(name: str) -> str:
    near = get_close_matches(name, FIELDS, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    ways = "--map COLUMN=FIELD, to metadata: --map COLUMN=metadata.KEY, to leave it out: --map COLUMN="
    return f"{meant}To map a column: {ways}"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(ascii(name[:40]) for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
