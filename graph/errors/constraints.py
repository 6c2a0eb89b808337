"""The limits of a broken rule, typed, so that a form can show them."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from app.errors import Path
from app.texts import Format
from app.validation import FieldProblem
from graph.enums import described
from graph.errors.paths import wire

described(
    Format,
    "The forms that a text can be required to have.",
    EMAIL="An email address such as `ada@example.com`, without a display name; internationalised ones too.",
    TEXT="No control characters, and no half of a surrogate pair.",
    EXTERNAL_ID="As TEXT, and no white space at either end.",
    name="FieldFormat",
    IDEMPOTENCY_KEY="Printable ASCII characters only.",
)


@strawberry.type(description="How long a text may be. Lengths count characters (code points) after trimming.")
class LengthConstraint:
    min_length: int | None = strawberry.field(description="The fewest characters; null when there is no such limit.")
    max_length: int | None = strawberry.field(description="The most characters; null when there is no such limit.")
    actual_length: int = strawberry.field(description="The characters that were sent, after trimming.")


@strawberry.type(description="How many items a list or a map may have.")
class CountConstraint:
    min_items: int | None = strawberry.field(description="The fewest items; null when there is no such limit.")
    max_items: int | None = strawberry.field(description="The most items; null when there is no such limit.")
    actual_items: int = strawberry.field(description="The items that were sent.")


@strawberry.type(description="Which form a text must have.")
class FormatConstraint:
    format: Format = strawberry.field(description="The form.")


@strawberry.type(description="Which values there are to choose from.")
class ChoiceConstraint:
    allowed: list[str] = strawberry.field(description="The choices; of a long list, the few that are nearest.")
    suggestion: str | None = strawberry.field(description="The one that was probably meant; null when none is near.")


@strawberry.type(description="What may not be given together with this field.")
class ExclusiveConstraint:
    conflicts_with: list[list[str]] = strawberry.field(description="The paths of the fields that exclude this one.")


FieldConstraint = Annotated[
    LengthConstraint | CountConstraint | FormatConstraint | ChoiceConstraint | ExclusiveConstraint,
    strawberry.union("FieldConstraint", description="The limits of the rule that was broken, for forms to show."),
]


_CONSTRAINTS: dict[str, Callable[[Any, Path], Any]] = {
    "TOO_SHORT": lambda limits, _: LengthConstraint(
        min_length=limits["min"], max_length=limits["max"], actual_length=limits["actual"]
    ),
    "TOO_MANY": lambda limits, _: CountConstraint(
        min_items=limits["min"], max_items=limits["max"], actual_items=limits["actual"]
    ),
    "INVALID_FORMAT": lambda limits, _: FormatConstraint(format=limits["format"]),
    "INVALID_CHOICE": lambda limits, _: ChoiceConstraint(allowed=limits["allowed"], suggestion=limits["suggestion"]),
    "MUTUALLY_EXCLUSIVE": lambda limits, at: ExclusiveConstraint(
        conflicts_with=[wire((*at[:-1], *other)) for other in limits["conflicts_with"]]
    ),
}
_CONSTRAINTS["TOO_LONG"] = _CONSTRAINTS["TOO_SHORT"]


def constraint_of(problem: FieldProblem) -> Any:
    """The face of the problem's limits; None when the rule has none."""
    return _CONSTRAINTS[problem.code](problem.limits, problem.path) if problem.limits else None
