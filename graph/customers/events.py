"""What happened to a customer, as the API shows it."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry.utils.str_converters import to_camel_case

from app import events
from app.events import EventType
from graph.enums import described
from graph.scalars import Json

described(
    EventType,
    "What can happen to a customer.",
    name="CustomerEventType",
    CUSTOMER_CREATED="It was created.",
    CUSTOMER_UPDATED="Some of its fields changed.",
    CUSTOMER_ARCHIVED="It was archived.",
    CUSTOMER_RESTORED="It was published again.",
    CUSTOMER_ERASED="Its personal values were removed, here and in all earlier events.",
    CUSTOMER_PARENT_CHANGED="It was moved below another parent, or below none.",
    CUSTOMER_INTEGRATION_LINKED="A payment provider's id was added.",
    CUSTOMER_INTEGRATION_UNLINKED="A payment provider's id was taken away.",
)


@strawberry.type(description="One field's change.")
class FieldChange:
    field: str = strawberry.field(description="The field of `Customer`: `addressCity`.")
    before: Json | None = strawberry.field(description="What it held; null when nothing, or when it was erased.")
    after: Json | None = strawberry.field(description="What it holds since; null when nothing, or when it was erased.")


@strawberry.type(description="One change of one customer, by one actor. Events are never changed, but for erasure.")
class CustomerEvent:
    id: strawberry.ID = strawberry.field(description="The event's id: `evt_` and a ULID.")
    type: EventType = strawberry.field(description="What happened.")
    customer_version: int = strawberry.field(description="The version that the change made: the order of events.")
    actor_id: str = strawberry.field(description="Who did it: a key's id, say.")
    created_at: datetime = strawberry.field(description="When it happened.")
    changes: list[FieldChange] = strawberry.field(description="What changed, by the names of the fields.")

    @classmethod
    def of(cls, event: events.Event) -> Self:
        changes = ((to_camel_case(name), change) for name, change in event.changes.items())
        return cls(
            id=strawberry.ID(event.id),
            type=EventType(event.type),
            customer_version=event.customer_version,
            actor_id=event.actor_id,
            created_at=event.created_at,
            changes=[
                FieldChange(field=name, before=change["before"], after=change["after"])
                for name, change in sorted(changes)
            ],
        )
