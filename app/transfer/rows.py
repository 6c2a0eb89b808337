"""A row on its way: read, judged, and made into the rows of a customer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from app import ids
from app.customers.creation import Creation
from app.customers.drafts import Draft
from app.transfer import formats
from app.transfer.formats import Raw
from app.transfer.incoming import STATE, Incoming
from app.transfer.names import Columns
from app.transfer.progress import Run
from app.validation import FieldProblem, Invalid, judge

# Rows of the first transaction, after which PostgreSQL learns what the tables hold.
FIRST_ROWS = 500

# Rows of each that follows, and the characters after which one ends all the same: so that memory stays flat.
MOST_ROWS = 5000
MOST_CHARACTERS = 4 * 1024 * 1024


@dataclass(slots=True, frozen=True)
class Good:
    """A row, and the customer that it describes."""

    raw: Raw
    new: Incoming

    @property
    def line(self) -> int:
        return self.raw.line


@dataclass(slots=True, frozen=True)
class Bad:
    """A row that breaks rules, and which."""

    raw: Raw
    error: Invalid


def judged(raw: Raw, columns: Columns, *, onboarding: bool) -> Good | Bad:
    values = formats.values_of(raw, columns)
    if isinstance(values, FieldProblem):
        return Bad(raw, Invalid([values], path=()))
    # Who moves in has been a customer for long: nothing is sent to them but by request.
    values.setdefault("skip_onboarding_workflow", not onboarding)
    new, problems = judge(Incoming, values, at=())
    return Good(raw, new) if new else Bad(raw, Invalid(problems, path=()))


def portions(rows: Iterator[Raw]) -> Iterator[list[Raw]]:
    """The rows, so many at a time as one transaction takes."""
    most = FIRST_ROWS
    while portion := list(islice(rows, 1)):
        size = portion[0].size
        for raw in islice(rows, most - 1):
            portion.append(raw)
            size += raw.size
            if size > MOST_CHARACTERS:
                break
        yield portion
        most = MOST_ROWS


def rounds(rows: Sequence[Good]) -> Iterator[Sequence[Good]]:
    """Parents before their children, wherever they stand: those that refer to none of the rest, then again."""
    while rows:
        names = {name for row in rows for name in (row.new.external_id, row.new.id) if name}
        ready: list[Good] = []
        rest: list[Good] = []
        held_back: set[str] = set()
        for row in rows:
            parent = row.new.parent_customer_external_id or row.new.parent_customer_id
            # Of two with one name the earlier comes first all the same.
            if parent in names or row.new.external_id in held_back:
                rest.append(row)
                held_back.add(row.new.external_id)
            else:
                ready.append(row)
        # Only a circle has no beginning: its rows find no parent, and say so.
        yield ready or rest
        rows = rest if ready else ()


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
