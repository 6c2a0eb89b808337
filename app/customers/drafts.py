"""A customer to be: its rows, the names that it wants, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.customers.setwise import Scoped
from app.customers.tables import Customer
from app.errors import Expected, Path


@dataclass(frozen=True, slots=True)
class Created:
    """A customer that is stored now. `replayed`: it was stored before, by the same call."""

    customer: Customer
    replayed: bool = False


@dataclass(slots=True, eq=False)
class Draft:
    """The rows of one customer to be, and in the end what became of them."""

    customer: dict[str, Any]
    event: dict[str, Any]
    mappings: Sequence[Mapping[str, Any]]
    claim: Mapping[str, Any] | None
    parent_id: str | None
    parent_external_id: str | None
    path: Path
    outcome: Created | Expected | None = None
    # It was stored before, elsewhere: its parent may have been archived since.
    restores: bool = False

    @property
    def id(self) -> str:
        return str(self.customer["id"])

    @property
    def key(self) -> Scoped | None:
        """The idempotency key, as it is stored."""
        return self.scoped(self.claim["key"]) if self.claim else None

    def scoped(self, name: str) -> Scoped:
        return (self.customer["tenant_id"], self.customer["environment_id"], name)

    def wants(self) -> set[tuple[object, ...]]:
        """The names that only one can have."""
        names: set[tuple[object, ...]] = {("external", *self.scoped(self.customer["external_id"]))}
        names |= {(row["provider"], *self.scoped(row["provider_id"])) for row in self.mappings}
        if self.key:
            names.add(("key", *self.key))
        return names

    def reads(self) -> set[tuple[object, ...]]:
        """The names whose holder it must know."""
        return {("external", *self.scoped(self.parent_external_id))} if self.parent_external_id else set()

    def result(self) -> Created:
        """What became of it, once it was stored."""
        if isinstance(self.outcome, Expected):
            raise self.outcome
        if self.outcome is None:
            raise LookupError("the draft was never stored")
        return self.outcome


def next_wave(drafts: Sequence[Draft], settled: set[tuple[object, ...]]) -> tuple[list[Draft], list[Draft]]:
    """Those that can be stored together, and those that must first see what becomes of an earlier one."""
    wave: list[Draft] = []
    later: list[Draft] = []
    wanted: set[tuple[object, ...]] = set()
    deferred: set[tuple[object, ...]] = set()
    for draft in drafts:
        wants, reads = draft.wants() - settled, draft.reads() - settled
        if (wants | reads) & wanted or (wants | reads) & deferred:
            later.append(draft)
            deferred |= wants | reads
        else:
            wave.append(draft)
            wanted |= wants
    return wave, later
