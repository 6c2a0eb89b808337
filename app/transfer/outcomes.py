"""What became of a row, and how a refusal is told: by line, field, code and message."""

from collections import Counter
from collections.abc import Iterable

import orjson

from app.errors import Expected
from app.transfer.names import told
from app.validation import FieldProblem, Invalid

# By what `Counts` calls it, or the failure.
Outcome = str | Expected
WAITING = "waiting"


class IdTaken(Expected):
    """A customer of this environment has the id that the file gives."""

    code = "ID_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another customer already has this id.", ("id",))


def tally(outcomes: Iterable[Outcome]) -> Counter[str]:
    return Counter("refused" if isinstance(outcome, Expected) else outcome for outcome in outcomes)


def kept(line: int, error: Expected) -> str:
    """The reasons of a refusal, as JSON."""
    return orjson.dumps(reasons(line, error)).decode()


def reasons(line: int | str, error: Expected) -> tuple[str, str, str, str]:
    """Line, fields, codes and messages: what `names.REASONS` are the columns of."""
    problems = error.problems if isinstance(error, Invalid) else [_problem(error)]
    return (
        str(line),
        _joined(told(problem.path) if problem.path else "" for problem in problems),
        _joined(problem.code for problem in problems),
        _joined(map(_message, problems)),
    )


def _problem(error: Expected) -> FieldProblem:
    """A failure of the whole customer, as one of the field that it points to."""
    return FieldProblem(error.code, error.message, error.path, {})


def _message(problem: FieldProblem) -> str:
    meant = problem.limits.get("suggestion")
    return f"{problem.message} Did you mean {meant}?" if meant else problem.message


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)
