"""What every error looks like, and the one handler that gives an exception its face."""

from collections.abc import Iterable
from typing import Any, Self

import strawberry
from strawberry.types.field import StrawberryField

from app.errors import Expected
from app.idempotency import IdempotencyConflict as KeyReused
from app.validation import FieldProblem, Invalid
from graph.context import Info
from graph.errors.codes import ErrorCode
from graph.errors.constraints import FieldConstraint, constraint_of
from graph.errors.paths import wire


@strawberry.interface(description="What every error has: `... on Error { code message path }` always works.")
class Error:
    code: ErrorCode = strawberry.field(description="What went wrong, for programs.")
    message: str = strawberry.field(description="What went wrong, in a sentence that an end user can read.")
    path: list[str] = strawberry.field(
        description='Where, in the names that were sent; list indexes and map keys as text: `["input", "email"]`.'
    )

    @classmethod
    def of(cls, error: Any, info: Info) -> Self:
        return cls(code=ErrorCode(error.code), message=error.message, path=wire(error.path))


@strawberry.type(description="The first rule that one field breaks.")
class FieldError(Error):
    constraint: FieldConstraint | None = strawberry.field(description="The rule's limits; null when it has none.")

    @classmethod
    def of(cls, problem: FieldProblem, info: Info) -> Self:
        return cls(
            code=ErrorCode(problem.code),
            message=problem.message,
            path=wire(problem.path),
            constraint=constraint_of(problem),
        )


@strawberry.type(description="Some of what was sent breaks a rule. Nothing was changed.")
class ValidationErrors(Error):
    field_errors: list[FieldError] = strawberry.field(
        description="Each wrong field with the first rule it breaks, in the order of the input's fields."
    )

    @classmethod
    def of(cls, error: Invalid, info: Info) -> Self:
        return cls(
            code=ErrorCode.VALIDATION_FAILED,
            message=error.message,
            path=wire(error.path),
            field_errors=[FieldError.of(problem, info) for problem in error.problems],
        )


@strawberry.type(description="The idempotency key was used before, with other input or for another operation.")
class IdempotencyConflict(Error):
    pass


class Face:
    """Answers an expected failure of `app` with the union's member that stands for it.

    A `strawberry.ExceptionHandler` by shape: its types are only known when it is made.
    """

    def __init__(self, exception_type: type[Expected], error_type: type[Error]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: Expected, *, field: StrawberryField, info: Info) -> Error:
        return self.error_type.of(exception, info)


FACES: Iterable[tuple[type[Expected], type[Error]]] = (
    (Invalid, ValidationErrors),
    (KeyReused, IdempotencyConflict),
)
