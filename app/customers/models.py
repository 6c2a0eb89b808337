"""What callers may say of a customer. Every limit stands here, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationInfo,
    WrapValidator,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from app import choices
from app.customers.emails import judge_email
from app.customers.metadata import judge_metadata, judge_metadata_patch
from app.texts import Format, TextRule
from app.validation import too_many

PROVIDER_ID = TextRule(255, least=1, exact=True)
UTC = "UTC"

# Of which as many are good as there are providers. Each that is wrong is told, so there is an end to it.
MOST_MAPPINGS = 20


class IntegrationProvider(StrEnum):
    """The payment providers whose customers can be linked."""

    STRIPE = "STRIPE"
    RAZORPAY = "RAZORPAY"
    PAYPAL = "PAYPAL"


class CustomerStatus(StrEnum):
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


class IntegrationMapping(BaseModel):
    """One provider's own id of the customer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: IntegrationProvider
    id: Annotated[str, PROVIDER_ID]


def one_per_provider(value: Any, judge: Any) -> Any:
    """Judges the entries and, whatever came of that, tells each that names a provider again."""
    if isinstance(value, Sequence) and len(value) > MOST_MAPPINGS:
        raise too_many(len(value), MOST_MAPPINGS, "entries")
    problems: list[InitErrorDetails] = []
    judged: Any = None
    try:
        judged = judge(value)
    except ValidationError as error:
        problems = [
            InitErrorDetails(type=PydanticCustomError(e["type"], e["msg"], e.get("ctx")), loc=e["loc"], input=None)
            for e in error.errors(include_url=False, include_input=False)
        ]
    seen: Counter[Any] = Counter()
    for index, entry in enumerate(value if isinstance(value, Sequence) else ()):
        provider = entry.get("provider") if isinstance(entry, Mapping) else None
        seen[provider] += 1
        if provider is not None and seen[provider] > 1:
            duplicate = PydanticCustomError("DUPLICATE", "Each provider may be given once.")
            problems.append(InitErrorDetails(type=duplicate, loc=(index,), input=None))
    if problems:
        # By entry, as they were sent; within one, what is wrong inside it comes first.
        problems.sort(key=lambda problem: problem["loc"][0] if problem["loc"] else -1)
        raise ValidationError.from_exception_data("integrations", problems)
    return judged


def one_parent(value: str | None, info: ValidationInfo) -> str | None:
    """Stands on the later field, not on the model: a model's rule is skipped when any field is wrong.

    A field that is wrong itself is missing from `info.data`, and was given all the same.
    """
    if value is not None and info.data.get("parent_customer_id", ...) is not None:
        conflict = {"conflicts_with": [("parent_customer_id",)]}
        raise PydanticCustomError("MUTUALLY_EXCLUSIVE", "A parent is named by one of its ids, not by both.", conflict)
    return value


ExternalId = Annotated[str, TextRule(255, least=1, exact=True, format=Format.EXTERNAL_ID)]


class Details(BaseModel):
    """What describes a customer, beside its relations. Lengths count characters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    external_id: ExternalId
    name: Annotated[str | None, TextRule(255)] = None
    email: Annotated[str | None, TextRule(254, then=judge_email)] = None
    contact: Annotated[str | None, TextRule(20)] = None
    address_line1: Annotated[str | None, TextRule(255)] = None
    address_line2: Annotated[str | None, TextRule(255)] = None
    address_city: Annotated[str | None, TextRule(100)] = None
    address_state: Annotated[str | None, TextRule(100)] = None
    address_postal_code: Annotated[str | None, TextRule(20)] = None
    address_country: Annotated[str | None, TextRule(then=choices.country)] = None
    timezone: Annotated[str, TextRule(then=choices.timezone), AfterValidator(lambda zone: zone or UTC)] = UTC
    metadata: Annotated[dict[str, str], PlainValidator(judge_metadata)] = {}


class CustomerPatch(Details):
    """What is to change: fields that were not set keep what they hold, None clears."""

    external_id: ExternalId = ""
    # None when it was not given: null gives an empty map.
    metadata: Annotated[dict[str, str] | None, PlainValidator(judge_metadata)] = None  # type: ignore[assignment]
    metadata_patch: Annotated[dict[str, str | None], PlainValidator(judge_metadata_patch)] = {}

    @field_validator("metadata_patch")
    @classmethod
    def changes_metadata_in_one_way(cls, value: dict[str, str | None], info: ValidationInfo) -> dict[str, str | None]:
        if info.data.get("metadata", ...) is not None:
            conflict = {"conflicts_with": [("metadata",)]}
            raise PydanticCustomError(
                "MUTUALLY_EXCLUSIVE", "Metadata is either replaced or merged, not both.", conflict
            )
        return value


class NewCustomer(Details):
    """A customer as callers may describe one."""

    parent_customer_id: Annotated[str | None, TextRule()] = None
    parent_customer_external_id: Annotated[str | None, TextRule()] = None
    integration_entity_mapping: Annotated[
        tuple[IntegrationMapping, ...], BeforeValidator(lambda given: given or ()), WrapValidator(one_per_provider)
    ] = ()
    skip_onboarding_workflow: bool = False

    _one_parent = field_validator("parent_customer_external_id")(one_parent)
