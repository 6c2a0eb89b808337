"""A customer as a file may describe one: what the API takes, and what only an export tells of one."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from app import ids
from app.customers.models import CustomerStatus, NewCustomer
from app.texts import Format, TextRule, malformed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AUTHOR = TextRule(255)


def judge_id(text: str) -> str:
    if not ids.is_well_formed(ids.CUSTOMER, text):
        raise malformed(Format.TEXT, "This is no id of Billfolk's. Your own ids belong into externalId.")
    return text


def judge_instant(instant: datetime) -> datetime:
    # SQLite's text of it has one width, and no calendar of billing reaches further back.
    if instant < EPOCH:
        raise PydanticCustomError("INVALID_FORMAT", "This must be an instant since 1970.", {"format": "TEXT"})
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(judge_instant)]


class Incoming(NewCustomer):
    """`NewCustomer` and the state of one that was exported. State that is not given is that of a new customer."""

    id: Annotated[str | None, TextRule(then=judge_id)] = None
    status: CustomerStatus = CustomerStatus.PUBLISHED
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    created_at: Instant | None = None
    updated_at: Instant | None = None
    created_by: Annotated[str | None, AUTHOR] = None
    updated_by: Annotated[str | None, AUTHOR] = None


# An empty cell is null for the API's fields, and for these nothing at all.
STATE = frozenset(Incoming.model_fields) - frozenset(NewCustomer.model_fields)
NEVER_NULL = STATE | {"skip_onboarding_workflow"}
