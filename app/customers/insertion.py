"""Storing new customers set-wise: one statement a table for any number of them.

The order of the steps is the contract's order of precedence. Each insert skips what is taken and tells
what it stored, so a conflict is found by the statement that would have made it, however many race.
A draft that fails leaves nothing behind and never touches its neighbours. Rows go in sorted by the name that they
want: two transactions that want the same ones then wait for each other in turn, and not in a circle.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete

from app import events
from app.customers import hierarchy, setwise
from app.customers.claiming import claim_keys
from app.customers.drafts import Created, Draft, next_wave
from app.customers.errors import (
    CustomerError,
    ExternalIdTaken,
    HierarchyTooDeep,
    IntegrationTaken,
    ParentNotFound,
)
from app.customers.models import IntegrationProvider
from app.customers.setwise import Link, Scoped
from app.customers.tables import CUSTOMERS, MAPPINGS, Customer
from app.database import InsertNew, record
from app.idempotency import KEYS

C, M, K = CUSTOMERS.c, MAPPINGS.c, KEYS.c
# A name that is taken when it is inserted, and free when its holder is looked for, was given up in between.
MOST_TRIES = 20

_insert_customers = InsertNew(CUSTOMERS, C.id)
insert_mappings = InsertNew(MAPPINGS, M.customer_id, M.provider)


def store(connection: Connection, drafts: Sequence[Draft]) -> None:
    """Give each draft the outcome that it would have had, had they come one after another."""
    settled: set[tuple[object, ...]] = set()
    while drafts:
        wave, drafts = next_wave(drafts, settled)
        for step in (claim_keys, _find_parents, _store_customers, _store_mappings):
            step(connection, [draft for draft in wave if draft.outcome is None])
        stored = [draft for draft in wave if draft.outcome is None]
        if stored:
            events.insert(connection, [draft.event for draft in stored])
        for draft in stored:
            draft.outcome = Created(record(Customer, draft.customer))
            settled |= draft.wants()
        _take_back(connection, [draft for draft in wave if isinstance(draft.outcome, CustomerError)])


def _find_parents(connection: Connection, drafts: Sequence[Draft]) -> None:
    children = [draft for draft in drafts if draft.parent_id or draft.parent_external_id]
    if not children:
        return
    for tenant_id, environment_id in sorted({child.scoped("")[:2] for child in children}):
        hierarchy.hold(connection, tenant_id, environment_id, shared=True)
    by_id = setwise.stored(connection, [child.scoped(child.parent_id) for child in children if child.parent_id])
    by_external_id = setwise.published(
        connection, [child.scoped(child.parent_external_id) for child in children if child.parent_external_id]
    )
    parents = {
        child: by_id.get(child.scoped(child.parent_id))
        if child.parent_id
        else by_external_id.get(child.scoped(child.parent_external_id or ""))
        for child in children
    }
    levels = hierarchy.levels(connection, [child.scoped(parent.id) for child, parent in parents.items() if parent])
    for child, parent in parents.items():
        path = (*child.path, "parent_customer_id" if child.parent_id else "parent_customer_external_id")
        if parent is None:
            child.outcome = ParentNotFound(path)
        elif not child.restores and (problem := hierarchy.unfit(parent, path)):
            child.outcome = problem
        elif levels[child.scoped(parent.id)] >= hierarchy.DEEPEST_LEVEL:
            child.outcome = HierarchyTooDeep(path)
        else:
            child.customer["parent_customer_id"] = parent.id
            child.event["changes"]["parent_customer_id"] = {"before": None, "after": parent.id}


def _store_customers(connection: Connection, drafts: Sequence[Draft]) -> None:
    missing = {draft.id: draft for draft in drafts}
    for _ in _tries(missing):
        rows = sorted((draft.customer for draft in missing.values()), key=_external_id)
        for row in _insert_customers(connection, rows):
            del missing[row.id]
        holders = setwise.published(
            connection, [draft.scoped(draft.customer["external_id"]) for draft in missing.values()]
        )
        ours = setwise.stored(connection, [draft.scoped(id) for id, draft in missing.items()])
        for id, draft in list(missing.items()):
            if customer := ours.get(draft.scoped(id)):
                draft.outcome = Created(customer)
            elif holder := holders.get(draft.scoped(draft.customer["external_id"])):
                draft.outcome = ExternalIdTaken((*draft.path, "external_id"), holder)
            else:
                continue  # Its holder was archived since: the name is free again.
            del missing[id]


def _store_mappings(connection: Connection, drafts: Sequence[Draft]) -> None:
    missing = {(draft.id, row["provider"]): (draft, row) for draft in drafts for row in draft.mappings}
    for _ in _tries(missing):
        for stored in insert_mappings(connection, sorted((row for _, row in missing.values()), key=_link)):
            del missing[stored.customer_id, stored.provider]
        holders = setwise.linked(connection, [_link(row) for _, row in missing.values()])
        for key, (draft, row) in list(missing.items()):
            if holder := holders.get(_link(row)):
                if draft.outcome is None:
                    path = (*draft.path, "integration_entity_mapping", draft.mappings.index(row))
                    provider = IntegrationProvider(row["provider"])
                    draft.outcome = IntegrationTaken(path, provider, row["provider_id"], holder)
                del missing[key]


def _tries(missing: Collection[object]) -> Iterator[None]:
    for _ in range(MOST_TRIES):
        if not missing:
            return
        yield
    raise LookupError("a row is refused by a constraint that is none of ours")


def _external_id(row: Mapping[str, Any]) -> Scoped:
    return (row["tenant_id"], row["environment_id"], row["external_id"])


def _link(row: Mapping[str, Any]) -> Link:
    return (row["tenant_id"], row["environment_id"], row["provider"], row["provider_id"])


def _take_back(connection: Connection, failed: Sequence[Draft]) -> None:
    """Remove what a failed draft had stored before it failed."""
    if keys := [draft.key for draft in failed if draft.key]:
        connection.execute(delete(KEYS).where(setwise.among(keys, K.tenant_id, K.environment_id, K.key)))
    if half := [draft.scoped(draft.id) for draft in failed if isinstance(draft.outcome, IntegrationTaken)]:
        connection.execute(delete(MAPPINGS).where(setwise.among(half, M.tenant_id, M.environment_id, M.customer_id)))
        connection.execute(delete(CUSTOMERS).where(setwise.among(half, C.tenant_id, C.environment_id, C.id)))
