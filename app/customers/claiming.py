"""New customers' idempotency keys, taken set-wise."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from app import idempotency
from app.customers import setwise
from app.customers.drafts import Created, Draft
from app.customers.setwise import Scoped
from app.idempotency import KEYS, IdempotencyConflict

K = KEYS.c


def claim_keys(connection: Connection, drafts: Sequence[Draft]) -> None:
    """Take the key of each that has one. Who comes too late is given the outcome of the call that took it."""
    claiming = [(draft.key, draft) for draft in drafts if draft.key]
    # Again for a key that is neither free nor there: it was purged between the two statements.
    while claiming:
        # Several have one key when it was used by an earlier wave: then it is not free for the first of them either.
        first = dict(reversed(claiming))
        claims = [first[key].claim or {} for key in sorted(first)]
        taken = {first[row.tenant_id, row.environment_id, row.key] for row in idempotency.insert(connection, claims)}
        claiming = _recall(connection, [(key, draft) for key, draft in claiming if draft not in taken])


def _recall(connection: Connection, claiming: Sequence[tuple[Scoped, Draft]]) -> list[tuple[Scoped, Draft]]:
    """Give each the outcome of the call that used its key; those are left over whose key nobody has."""
    if not claiming:
        return []
    wanted = dict(claiming).keys()
    rows = connection.execute(select(KEYS).where(setwise.among(wanted, K.tenant_id, K.environment_id, K.key)))
    used = {(row.tenant_id, row.environment_id, row.key): row for row in rows}
    made_then = {(row.tenant_id, row.environment_id, row.outcome.get("customer_id")) for row in used.values()}
    customers = setwise.stored(connection, [scoped for scoped in made_then if scoped[2]])
    left = []
    for key, draft in claiming:
        row = used.get(key)
        if row is None:
            left.append((key, draft))
        elif idempotency.is_same(row, draft.claim):
            customer = customers[draft.scoped(row.outcome["customer_id"])]
            # Our own id: the first try of this very change was committed, and only its answer was lost.
            draft.outcome = Created(customer, replayed=customer.id != draft.id)
        else:
            draft.outcome = IdempotencyConflict()
    return left
