"""Two zoos, one with prepared operations and one without, asked the same."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql.execution import Executor
from starlette.requests import Request as HTTPRequest

from graph.http import GraphQLOverHTTP
from tests.graph.prepared import zoo
from tests.graph.prepared.answers import Answer, ask
from tests.graph.prepared.documents import Request, Writer
from tests.graph.prepared.zoo import Keeper


def samples(random: Random, name: str, type_: str) -> Any:
    match type_:
        case "Int":
            return random.choice((0, 1, 2, 7, 2**31 - 1))
        case "Float":
            return random.choice((0, 1, 1.5, -1e300))
        case "Boolean":
            return random.random() < 0.5
        case "ID":
            return random.choice(("1", "two", 3))
        case "DateTime":
            return random.choice(("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+02:00", "2026-01-01"))
        case "Labels":
            return random.choice(({}, {"a": 1}, {"bad": "label"}, {"no": "label"}, [1]))
    return random.choice(("", "Tom", "Ä", "\ud800"))


@dataclass
class Zoo:
    """One of the two, and how often graphql-core had to work for it."""

    prepared: bool
    keeper: Keeper = field(default_factory=lambda: Keeper(""))
    executed: int = 0

    def __post_init__(self) -> None:
        zoo_ = self

        class Counting(Executor[None]):
            def execute_operation(self, serially: bool | None = None) -> Any:
                zoo_.executed += 1
                return super().execute_operation(serially)

        self.endpoint = GraphQLOverHTTP(zoo.schema, context=self.context, prepares=self.prepared)
        self.endpoint._execution._executor = Counting

    async def context(self, _request: HTTPRequest) -> Keeper:
        return self.keeper

    async def ask(self, request: Request, seed: str, weird: float, *, slow: bool) -> Answer:
        self.keeper = Keeper(seed, weird, slow)
        return await ask(self.endpoint, request)


ROUNDS = 8  # a document is validated once, and that takes longest


class Zoos:
    """The two."""

    def __init__(self) -> None:
        self.stock, self.prepared = Zoo(False), Zoo(True)
        self.cases = 0

    async def compare(self, random: Random) -> None:
        """One document, asked of both: its functions are made for the first time, and called again for other data."""
        writer = Writer(random, zoo.schema._schema, samples)
        query, name = writer.document()
        for _ in range(ROUNDS):
            answer = await self.compare_once(random, Request(query, writer.values(), name))
            if b"GRAPHQL_VALIDATION_FAILED" in answer.body:
                break

    async def compare_once(self, random: Random, request: Request) -> Answer:
        self.cases += 1
        seed, weird = str(random.getrandbits(64)), random.choice((0.0, 0.0, 0.01, 0.1))
        slow = weird == 0 and random.random() < 0.5
        executed = self.prepared.executed
        expected = await self.stock.ask(request, seed, weird, slow=slow)
        answer = await self.prepared.ask(request, seed, weird, slow=slow)
        told = (request, seed, weird, slow)
        assert answer == expected, told
        calls, known = sorted(self.prepared.keeper.calls), sorted(self.stock.keeper.calls)
        if request.query.startswith("mutation"):
            assert [call for call in calls if "." not in call] == [call for call in known if "." not in call], told
        if b'"errors"' not in answer.body:
            assert set(calls) == set(known), told
        if self.prepared.executed == executed:
            assert calls == known, told
            assert slow or self.prepared.keeper.batches == self.stock.keeper.batches, told
        return answer
