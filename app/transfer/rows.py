"""A row on its way: read, judged, and made into the rows of a customer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from app import ids
from app.customers.creation import Creation
from app.customers.insertion import Draft
from app.errors import Expected, Path
from app.transfer import formats
from app.transfer.formats import Raw
from app.transfer.incoming import STATE, Incoming
from app.transfer.names import Columns, told
from app.transfer.progress import Run
from app.validation import FieldProblem, judge

# Rows of the first transaction, after which PostgreSQL learns what the tables hold.
FIRST_ROWS = 500

# Rows of each that follows, and the characters after which one ends all the same: so that memory stays flat.
MOST_ROWS = 5000
MOST_CHARACTERS = 4 * 1024 * 1024


@dataclass(slots=True, frozen=True)
class Judged:
    """A row, and the customer it describes or what is wrong with it."""

    raw: Raw
    new: Incoming | None
    problems: Sequence[FieldProblem] = ()

    def refused(self, *problems: FieldProblem) -> "Judged":
        return replace(self, problems=problems)


def judged(raw: Raw, columns: Columns, *, onboarding: bool) -> Judged:
    values = formats.values_of(raw, columns)
    if isinstance(values, FieldProblem):
        return Judged(raw, None, (values,))
    # Who moves in has been a customer for long: nothing is sent to them but by request.
    values.setdefault("skip_onboarding_workflow", not onboarding)
    new, problems = judge(Incoming, values, at=())
    return Judged(raw, new, problems)


def batches(rows: Iterator[Raw]) -> Iterator[list[Raw]]:
    """The rows in portions, each of which is one transaction."""
    most = FIRST_ROWS
    while batch := list(islice(rows, 1)):
        size = batch[0].size
        for raw in islice(rows, most - 1):
            batch.append(raw)
            size += raw.size
            if size > MOST_CHARACTERS:
                break
        yield batch
        most = MOST_ROWS


def draft_of(run: Run, new: Incoming, at: datetime) -> Draft:
    """The rows of the customer, in the state that the file tells of."""
    id = new.id or ids.new(ids.CUSTOMER)
    draft = Creation(run.actor, new, id=id, path=(), at=at).draft()
    given = new.model_fields_set
    if given & STATE:
        state: dict[str, Any] = {name: getattr(new, name) for name in STATE if name in given and name != "id"}
        if "status" in state:
            state["status"] = new.status.value
            if new.status.value != draft.customer["status"]:
                draft.event["changes"]["status"] = {"before": None, "after": new.status.value}
        draft.customer.update({name: value for name, value in state.items() if value is not None})
        draft.event["customer_version"] = new.version
        draft.restores = new.id is not None
    return draft


def problem_of(error: Expected) -> FieldProblem:
    """A failure of the whole customer, as one of the field that it points to."""
    return FieldProblem(error.code, error.message, error.path, {})


def reasons(line: int, problems: Sequence[FieldProblem]) -> tuple[str, str, str, str]:
    """Line, fields, codes and messages: what `names.REASONS` are the columns of."""

    def joined(parts: Iterator[str]) -> str:
        return "; ".join(parts)

    return (
        str(line),
        joined(_field(problem.path) for problem in problems),
        joined(problem.code for problem in problems),
        joined(problem.message for problem in problems),
    )


def _field(path: Path) -> str:
    return told(path) if path else ""
