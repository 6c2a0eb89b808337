"""Every code that an error can carry: one enum for all, so that generated types merge."""

from enum import StrEnum

from graph.enums import described


class ErrorCode(StrEnum):
    VALIDATION_FAILED = "VALIDATION_FAILED"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    INVALID_TYPE = "INVALID_TYPE"
    INVALID_FORMAT = "INVALID_FORMAT"
    INVALID_CHOICE = "INVALID_CHOICE"
    MUTUALLY_EXCLUSIVE = "MUTUALLY_EXCLUSIVE"
    DUPLICATE = "DUPLICATE"
    EXTERNAL_ID_TAKEN = "EXTERNAL_ID_TAKEN"
    INTEGRATION_TAKEN = "INTEGRATION_TAKEN"
    PARENT_NOT_FOUND = "PARENT_NOT_FOUND"
    PARENT_ARCHIVED = "PARENT_ARCHIVED"
    HIERARCHY_CYCLE = "HIERARCHY_CYCLE"
    HIERARCHY_TOO_DEEP = "HIERARCHY_TOO_DEEP"
    NOT_FOUND = "NOT_FOUND"
    CUSTOMER_ARCHIVED = "CUSTOMER_ARCHIVED"
    NOT_ARCHIVED = "NOT_ARCHIVED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"


described(
    ErrorCode,
    "What went wrong, for programs. Every error has one; new ones are announced before they are used.",
    VALIDATION_FAILED="One or more fields break a rule: see `fieldErrors`.",
    TOO_SHORT="The text has fewer characters than it must. See `LengthConstraint`.",
    TOO_LONG="The text has more characters than it may. See `LengthConstraint`.",
    TOO_MANY="The list or map has more items than it may. See `CountConstraint`.",
    INVALID_TYPE="Inside `Metadata`: not an object, or a value that is not a text.",
    INVALID_FORMAT="The text is not of the form that it must have. See `FormatConstraint`.",
    INVALID_CHOICE="The value is not one of a closed list. See `ChoiceConstraint`.",
    MUTUALLY_EXCLUSIVE="Given together with a field that excludes it. See `ExclusiveConstraint`.",
    DUPLICATE="An earlier item of the same list says this already.",
    EXTERNAL_ID_TAKEN="Another published customer has the external id.",
    INTEGRATION_TAKEN="Another customer has the provider's id.",
    PARENT_NOT_FOUND="There is no customer with the parent's id.",
    PARENT_ARCHIVED="The parent is archived.",
    HIERARCHY_CYCLE="The customer would become its own ancestor.",
    HIERARCHY_TOO_DEEP="The customer, or one below it, would have more than 9 ancestors.",
    NOT_FOUND="There is no such record.",
    CUSTOMER_ARCHIVED="The customer is archived, and read-only until it is restored.",
    NOT_ARCHIVED="The customer is not archived.",
    VERSION_CONFLICT="The record has changed since the version that was expected.",
    IDEMPOTENCY_KEY_REUSED="The idempotency key was used before with other input or for another operation.",
)
