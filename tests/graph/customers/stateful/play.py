"""Two tenants play a sequence of calls against the server and the model, which must agree on every word."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx
from sqlalchemy import Connection

from app.database import Database
from app.identity import NewKey, Scope
from tests.api import Api
from tests.graph.customers.stateful import contract
from tests.graph.customers.stateful.calls import MUTATIONS
from tests.graph.customers.stateful.inputs import Made
from tests.graph.customers.stateful.reading import NOBODY, Tenant, look
from tests.graph.customers.stateful.registry import Registry
from tests.graph.customers.stateful.steps import Again, Call, Confirmed, Step
from tests.graph.customers.stateful.values import Actor, Record

SCOPES = (frozenset(Scope), frozenset(Scope), frozenset(Scope) - {Scope.READ})


@dataclass(frozen=True)
class Keys:
    """Several API keys in one transaction."""

    new: list[NewKey]

    def apply(self, connection: Connection) -> None:
        for key in self.new:
            key.apply(connection)


async def two_tenants(client: httpx.AsyncClient, database: Database) -> "Play":
    tenants, keys = [], []
    for _ in range(2):
        api = Api(client, database)
        new = [NewKey(api.tenant, api.environment, scopes) for scopes in SCOPES]
        apis = [Api(client, database, api.tenant, api.environment, key.secret) for key in new]
        actors = [Actor(key.id, Scope.READ in key.scopes) for key in new]
        tenants.append(Tenant(Registry(api.tenant, api.environment), apis, actors))
        keys += new
    await database.write(Keys(keys))
    return Play(tenants)


@dataclass
class Play:
    tenants: list[Tenant]
    sent: list[tuple[str, Record]] = field(default_factory=list)
    looks: int = 0

    async def all(self, steps: Iterable[Step], *, always_look: bool) -> None:
        for step in steps:
            match step:
                case Call(tenant, actor, operation, arguments):
                    asked = self.resolved(arguments, tenant)
                    if asked.get("confirmExternalId") == Confirmed():
                        found = self.tenants[tenant].registry.find_archived(asked["by"])
                        asked["confirmExternalId"] = str(found["externalId"]) if found else "a"
                    self.sent.append((operation, asked))
                    await self.call(tenant, actor, operation, asked)
                    if always_look:
                        await self.look(tenant)
                case Again(tenant, actor, back, differs) if self.sent:
                    keyed = [call for call in self.sent if "idempotencyKey" in call[1]] or self.sent
                    operation, arguments = keyed[-1 - back % len(keyed)]
                    await self.call(tenant, actor, operation, different(arguments) if differs else arguments)
                case _:
                    await self.look(0, 1)
        await self.look(0, 1)

    def resolved(self, value: Any, tenant: int) -> Any:
        """What is sent: with the ids that are known by now."""
        match value:
            case Made(number, elsewhere, archived):
                customers = self.tenants[tenant ^ elsewhere].registry.customers
                known = [id for id, one in customers.items() if archived and one["status"] == "ARCHIVED"] or [
                    *customers
                ]
                return str(known[number % len(known)]) if known else NOBODY
            case dict():
                return {name: self.resolved(inner, tenant) for name, inner in value.items()}
            case list():
                return [self.resolved(inner, tenant) for inner in value]
        return value

    async def call(self, tenant: int, actor: int, operation: str, arguments: Record) -> None:
        player = self.tenants[tenant]
        old = dict(player.registry.customers)
        before = datetime.now(UTC)
        answer = (await player.apis[actor].execute(MUTATIONS[operation], arguments))[operation]
        after = datetime.now(UTC)
        expected = contract.answer(player.registry, player.actors[actor], operation, arguments)
        assert without_messages(answer) == expected
        for id, customer in player.registry.customers.items():
            if old.get(id) is not customer:
                assert before <= datetime.fromisoformat(str(customer["updatedAt"])) <= after

    async def look(self, *tenants: int) -> None:
        self.looks += 1
        for tenant in tenants:
            await look(self.tenants[tenant], self.tenants[1 - tenant], self.looks)


def different(arguments: Record) -> Record:
    """What means something else under the same key."""
    if "input" in arguments:
        return {**arguments, "input": {**arguments["input"], "name": "Somebody else"}}
    if "inputs" in arguments:
        return {**arguments, "inputs": arguments["inputs"] + arguments["inputs"][:1]}
    return {**arguments, "expectedVersion": arguments.get("expectedVersion", 0) + 1}


def without_messages(answer: Any) -> Any:
    """What programs read of an answer. A message must be there, and is for people."""
    if isinstance(answer, list):
        return [without_messages(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    assert answer.get("message", "A sentence.").endswith(".")
    return {name: without_messages(value) for name, value in answer.items() if name != "message"}
