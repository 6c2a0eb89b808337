"""Which customers, and in which order: the arguments of lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from app.customers import CustomerStatus, listing
from app.customers.listing import CustomerOrderField, OrderDirection
from app.errors import Key, RefusalCode, Refused
from app.validation import judge
from graph.enums import described
from graph.errors.paths import wire
from graph.inputs import given
from graph.scalars import Metadata

described(
    CustomerOrderField,
    "What customers can be ordered by.",
    CREATED_AT="When they were created. Pages of this order never show one twice.",
    UPDATED_AT="When they last changed. A customer that changes meanwhile moves, and may be met again.",
    NAME="By name, whatever its case, character by character as Unicode has them; those without one come first.",
)
described(OrderDirection, "Which way round.", ASC="The first, the oldest first.", DESC="The last, the newest first.")


@strawberry.input(one_of=True, description="One of some ids.")
class IdFilter:
    eq: strawberry.ID | None = strawberry.field(default=UNSET, description="This one.")
    in_: list[strawberry.ID] | None = strawberry.field(name="in", default=UNSET, description="Any of at most 100.")


@strawberry.input(one_of=True, description="One of some texts, exactly as they are stored.")
class TextFilter:
    eq: str | None = strawberry.field(default=UNSET, description="This one.")
    in_: list[str] | None = strawberry.field(name="in", default=UNSET, description="Any of at most 100.")


@strawberry.input(one_of=True, description="One of some countries: ISO 3166-1 alpha-2 codes, any case.")
class CountryFilter:
    eq: str | None = strawberry.field(default=UNSET, description="This one: `DE`.")
    in_: list[str] | None = strawberry.field(name="in", default=UNSET, description="Any of at most 100.")


@strawberry.input(one_of=True, description="One of some stages of life.")
class CustomerStatusFilter:
    eq: CustomerStatus | None = strawberry.field(default=UNSET, description="This one.")
    in_: list[CustomerStatus] | None = strawberry.field(name="in", default=UNSET, description="Any of these.")


@strawberry.input(description="A range of time, with one end at least; it can't end before it begins.")
class DateTimeFilter:
    gte: datetime | None = strawberry.field(default=UNSET, description="Then or later.")
    gt: datetime | None = strawberry.field(default=UNSET, description="Later.")
    lte: datetime | None = strawberry.field(default=UNSET, description="Then or earlier.")
    lt: datetime | None = strawberry.field(default=UNSET, description="Earlier.")


@strawberry.input(
    description=(
        "What a customer must be, in all respects that are given, to be listed. A filter that is null is refused: a "
        "variable that was not set would list everybody."
    )
)
class CustomerFilter:
    search: str | None = strawberry.field(
        default=UNSET,
        description=(
            "A part of the name, the email or the external id, in any case: `müller`. One or two characters are taken "
            "for the beginning of the name or the external id. At most 1,000."
        ),
    )
    id: IdFilter | None = strawberry.field(default=UNSET, description="By Billfolk's id.")
    external_id: TextFilter | None = strawberry.field(default=UNSET, description="By your own id.")
    email: TextFilter | None = strawberry.field(
        default=UNSET, description="By email address, in the case in which it is stored; `search` takes any."
    )
    address_country: CountryFilter | None = strawberry.field(default=UNSET, description="By country.")
    status: CustomerStatusFilter | None = strawberry.field(
        default=UNSET, description="By stage of life. Published customers, when left out."
    )
    parent_customer_id: IdFilter | None = strawberry.field(default=UNSET, description="By the parent's id.")
    has_parent: bool | None = strawberry.field(
        default=UNSET, description="Whether there is a parent; false finds the roots."
    )
    created_at: DateTimeFilter | None = strawberry.field(default=UNSET, description="By time of creation.")
    updated_at: DateTimeFilter | None = strawberry.field(default=UNSET, description="By time of the last change.")
    metadata: Metadata | None = strawberry.field(
        default=UNSET, description='Has all of these pairs, whatever else it has: `{"plan": "pro"}`.'
    )


@strawberry.input(description="The order of a list. Ids break ties, in the same direction.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(description="Which way round.")


def asked_filter(filter: CustomerFilter | None) -> listing.CustomerFilter:
    """What was asked for, or a refusal at the first argument that breaks a rule."""
    values: Mapping[str, Any] = given(filter) or {}
    asked, problems = judge(listing.CustomerFilter, values, at=("filter",))
    if asked is None:
        [problem, *_] = problems
        # `in` is no name in Python; a key of metadata may well be `in_`.
        path = ("in" if part == "in_" and not isinstance(part, Key) else part for part in problem.path)
        raise Refused(RefusalCode.BAD_USER_INPUT, problem.message, path=wire(tuple(path)))
    return asked


def asked_order(order: CustomerOrder | None) -> listing.CustomerOrder:
    return listing.CustomerOrder(order.field, order.direction) if order else listing.NEWEST_FIRST
