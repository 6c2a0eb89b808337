"""Which customers a list holds: what may be asked, judged once for the API and for exports."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app import choices
from app.customers.metadata import judge_metadata
from app.customers.models import CustomerStatus
from app.texts import TextRule, is_storable

MOST_VALUES = 100
LONGEST_SEARCH = 1000

# The years that PostgreSQL and SQLite can both compare, whatever the offset.
FIRST, LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def given(value: Any) -> Any:
    # Whoever sends null has a variable that is not set: to take it for no filter would list everything.
    if value is None:
        raise PydanticCustomError("INVALID_TYPE", "Give this filter a value, or leave it out: null is neither.")
    return value


Given = BeforeValidator(given)


def bounded(values: Any) -> Any:
    if isinstance(given(values), list | tuple) and len(values) > MOST_VALUES:
        limits = {"min": None, "max": MOST_VALUES, "actual": len(values)}
        raise PydanticCustomError("TOO_MANY", f"At most {MOST_VALUES} values may be given.", limits)
    return values


class Criterion(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Among(Criterion):
    """One of these texts, exactly. What no database can hold is nobody's."""

    eq: Annotated[str | None, Given] = None
    in_: Annotated[tuple[str, ...] | None, BeforeValidator(bounded), Field(alias="in")] = None

    @property
    def values(self) -> list[str]:
        asked = self.in_ if self.eq is None else (self.eq,)
        return sorted({text for text in asked or () if is_storable(text)})


def judge_country(text: object) -> str:
    return choices.country(str(text).strip())


class AmongCountries(Among):
    eq: Annotated[str | None, PlainValidator(judge_country), Given] = None
    in_: Annotated[
        tuple[Annotated[str, PlainValidator(judge_country)], ...] | None,
        BeforeValidator(bounded),
        Field(alias="in"),
    ] = None


class AmongStatuses(Criterion):
    eq: Annotated[CustomerStatus | None, Given] = None
    in_: Annotated[tuple[CustomerStatus, ...] | None, BeforeValidator(bounded), Field(alias="in")] = None

    @property
    def values(self) -> list[str]:
        asked = self.in_ if self.eq is None else (self.eq,)
        return sorted({status.value for status in asked or ()})


class Between(Criterion):
    """A range of instants; what is left out is unbounded."""

    gte: Annotated[datetime | None, Given] = None
    gt: Annotated[datetime | None, Given] = None
    lte: Annotated[datetime | None, Given] = None
    lt: Annotated[datetime | None, Given] = None

    @property
    def bounds(self) -> dict[str, datetime]:
        return {name: instant for name in ("gte", "gt", "lte", "lt") if (instant := getattr(self, name)) is not None}


def judge_range(between: Between) -> Between:
    bounds = between.bounds
    for instant in bounds.values():
        if not FIRST < instant.replace(tzinfo=UTC) < LAST:
            raise PydanticCustomError("INVALID_CHOICE", "The years 1000 to 9999 can be asked for.")
    for low in bounds.keys() & {"gte", "gt"}:
        for high in bounds.keys() & {"lte", "lt"}:
            touching = bounds[low] == bounds[high] and (low, high) == ("gte", "lte")
            if bounds[low] >= bounds[high] and not touching:
                raise PydanticCustomError("INVALID_CHOICE", "No time lies in this range: it ends before it begins.")
    if not bounds:
        raise PydanticCustomError("TOO_SHORT", "A range needs at least one end.")
    return between


def judge_pairs(value: object) -> Mapping[str, str]:
    pairs = judge_metadata(value)
    if not pairs:
        raise PydanticCustomError("TOO_SHORT", "At least one pair of metadata must be given.")
    return pairs


class CustomerFilter(Criterion):
    """What a customer must be, in all respects, to be listed. Without `status`: published."""

    search: Annotated[str | None, TextRule(LONGEST_SEARCH, least=1), Given] = None
    id: Annotated[Among | None, Given] = None
    external_id: Annotated[Among | None, Given] = None
    email: Annotated[Among | None, Given] = None
    address_country: Annotated[AmongCountries | None, Given] = None
    status: Annotated[AmongStatuses | None, Given] = None
    parent_customer_id: Annotated[Among | None, Given] = None
    has_parent: Annotated[bool | None, Given] = None
    created_at: Annotated[Between | None, Given] = None
    updated_at: Annotated[Between | None, Given] = None
    metadata: Annotated[Mapping[str, str] | None, PlainValidator(judge_pairs), Given] = None

    @field_validator("id", "external_id", "email", "address_country", "status", "parent_customer_id")
    @classmethod
    def names_values_in_one_way(cls, value: Among | AmongStatuses | None) -> Among | AmongStatuses | None:
        if value is not None and (value.eq is None) == (value.in_ is None):
            raise PydanticCustomError("MUTUALLY_EXCLUSIVE", "Exactly one of `eq` and `in` must be given.")
        return value

    @field_validator("created_at", "updated_at")
    @classmethod
    def has_a_time_in_it(cls, value: Between | None, _info: ValidationInfo) -> Between | None:
        return judge_range(value) if value is not None else None

    @property
    def statuses(self) -> list[str]:
        return self.status.values if self.status else [CustomerStatus.PUBLISHED.value]

    @property
    def searched(self) -> str:
        """What is looked for, as it is stored: casefolded."""
        return (self.search or "").casefold()
