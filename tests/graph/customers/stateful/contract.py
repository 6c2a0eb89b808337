"""What the contract says that a call answers: the order of what can go wrong, and idempotency."""

from collections.abc import Callable
from typing import Any

from tests.graph.customers.stateful import relations, rules, verbs
from tests.graph.customers.stateful.registry import Registry
from tests.graph.customers.stateful.values import Actor, Later, Record, Refused, Used

# Where a call is not valid, as a whole: its main argument.
WHOLE = {
    "createCustomer": ("input",),
    "createCustomers": ("inputs",),
    "updateCustomer": ("patch",),
    "upsertCustomer": ("input",),
    "archiveCustomer": ("by",),
    "restoreCustomer": ("by",),
    "setCustomerParent": (),
    "linkIntegration": ("mapping",),
    "unlinkIntegration": ("by",),
    "eraseCustomer": ("confirmExternalId",),
}

CHANGES: dict[str, Callable[[Registry, Actor, Record], Record | tuple[Record, Record]]] = {
    "createCustomer": lambda registry, actor, sent: verbs.create(registry, actor, sent["input"]),
    "updateCustomer": verbs.update,
    "upsertCustomer": verbs.upsert,
    "archiveCustomer": relations.archive,
    "restoreCustomer": relations.restore,
    "setCustomerParent": relations.move,
    "linkIntegration": relations.link,
    "unlinkIntegration": relations.unlink,
    "eraseCustomer": relations.erase,
}

# What became of a call or a row, in ids: told again, it shows its customers as they are by then.
Outcome = tuple[Later, Record] | Refused | list["Outcome | None"]


def answer(registry: Registry, actor: Actor, operation: str, sent: Record) -> Any:
    """The member of the union, and its effect on the registry."""
    try:
        if problems := judge(operation, sent):
            raise rules.invalid(problems, WHOLE[operation])
        key, meant = sent.get("idempotencyKey"), meaning(operation, sent)
        used = registry.keys.get(key) if key else None
        if used and (used.operation, used.input) != (operation, meant):
            raise Refused("IdempotencyConflict", "IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))
        outcome = used.outcome if used else done(registry, actor, operation, sent)
    except Refused as refused:
        return told(registry, actor, refused, operation)
    if key and not used and not is_in_vain(outcome):
        registry.keys[key] = Used(operation, meant, outcome)
    return told(registry, actor, outcome, operation, replayed=used is not None)


def done(registry: Registry, actor: Actor, operation: str, sent: Record) -> Outcome:
    if operation == "createCustomers":
        return create_many(registry, actor, sent)
    changed = CHANGES[operation](registry, actor, sent)
    customer, more = changed if isinstance(changed, tuple) else (changed, {})
    return customer["id"], more


def create_many(registry: Registry, actor: Actor, sent: Record) -> list[Outcome | None]:
    before, rows = dict(registry.customers), list[Outcome | None]()
    for index, input in enumerate(sent["inputs"]):
        at = ("inputs", str(index))
        try:
            if problems := rules.judge(input, at):
                raise rules.invalid(problems, at)
            rows.append((verbs.create(registry, actor, input, at)["id"], {}))
        except Refused as refused:
            rows.append(refused)
    failed: list[Outcome | None] = [row if isinstance(row, Refused) else None for row in rows]
    if any(failed) and sent.get("onError") == "ABORT":
        registry.customers = before
        return failed
    return rows


def is_in_vain(outcome: Outcome) -> bool:
    return isinstance(outcome, list) and all(row is None or isinstance(row, Refused) for row in outcome)


def told(registry: Registry, actor: Actor, outcome: Outcome | None, operation: str, *, replayed: bool = False) -> Any:
    success = {"__typename": f"{operation[0].upper()}{operation[1:]}Success", "replayed": replayed}
    match outcome:
        case None:
            return None
        case Refused(shows=None):
            return outcome.answer
        case Refused(shows=(name, customer)):
            now = registry.customers.get(customer["id"]) if actor.reads else None
            return {**outcome.answer, name: now and registry.view(now)}
        case list(rows):
            results = [told(registry, actor, row, "createCustomer", replayed=replayed) for row in rows]
            return {**success, "results": [{"index": i, "result": result} for i, result in enumerate(results)]}
        case (id, more):
            return {**success, "customer": registry.view(registry.customers[id]), **more}


def judge(operation: str, sent: Record) -> rules.Problems:
    problems = rules.judge_parent(sent, ())
    if operation in ("createCustomer", "upsertCustomer"):
        problems = rules.judge(sent["input"], ("input",))
    elif operation == "updateCustomer":
        problems = rules.judge(sent["patch"], ("patch",))
    elif operation == "linkIntegration":
        problems = rules.judge_mapping(sent["mapping"], ("mapping",))
    return [*problems, *rules.judge_key(sent.get("idempotencyKey"))]


def meaning(operation: str, sent: Record) -> Any:
    """The normalised input: two calls that mean the same are the same. On create, absent is null."""
    meant = {name: value for name, value in sent.items() if name != "idempotencyKey" and value is not None}
    if operation == "createCustomer":
        return described(sent["input"], whole=True)
    if operation == "createCustomers":
        rows = [input if rules.judge(input, ()) else described(input, whole=True) for input in sent["inputs"]]
        return rows, sent.get("onError", "SKIP")
    if operation == "upsertCustomer":
        return {**meant, "input": described(sent["input"], whole=False)}
    if operation == "updateCustomer":
        return {**meant, "patch": {**sent["patch"], **rules.details(sent["patch"])}}
    return meant


def described(input: Record, *, whole: bool) -> Record:
    others = (*rules.BOTH, "integrationEntityMapping")
    return {
        **(rules.whole(input) if whole else rules.details(input)),
        **{name: input.get(name) or None for name in others if whole or name in input},
        "skipOnboardingWorkflow": input.get("skipOnboardingWorkflow", False),
    }
