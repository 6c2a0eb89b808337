"""Two zoos, one with prepared operations and one without, asked the same."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

from graphql.execution import Executor

from graph.calls import Call
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

    async def context(self, _call: Call) -> Keeper:
        return self.keeper

    async def ask(self, visit: "Visit") -> Answer:
        self.keeper = Keeper(visit.seed, visit.weird, visit.slow)
        return await ask(self.endpoint, visit.request)


ROUNDS = 8  # a document is validated once, and that takes longest


@dataclass(frozen=True)
class Visit:
    """A request, and the data that it meets."""

    request: Request
    seed: str
    weird: float
    slow: bool

    @classmethod
    def drawn(cls, random: Random) -> list[Self]:
        """Several of one document: its functions are made for the first, and called again for the others."""
        writer = Writer(random, zoo.schema._schema, samples)
        query, name = writer.document()
        visits = []
        for _ in range(ROUNDS):
            weird = random.choice((0.0, 0.0, 0.02, 0.15))
            request = Request(query, writer.values(), name)
            visits.append(cls(request, str(random.getrandbits(64)), weird, weird == 0 and random.random() < 0.5))
        return visits


class Zoos:
    """The two."""

    def __init__(self) -> None:
        self.stock, self.prepared = Zoo(False), Zoo(True)
        self.cases = self.executed = 0

    async def compare(self, visits: Iterable[Visit]) -> None:
        for visit in visits:
            answer = await self.compare_once(visit)
            self.cases += 1
            self.executed += b'"data":' in answer.body
            if b"GRAPHQL_VALIDATION_FAILED" in answer.body:
                break

    async def compare_once(self, visit: Visit) -> Answer:
        executed = self.prepared.executed
        expected, answer = await self.stock.ask(visit), await self.prepared.ask(visit)
        assert answer == expected, (visit, answer, expected)
        calls, known = sorted(self.prepared.keeper.calls), sorted(self.stock.keeper.calls)
        if visit.request.query.startswith("mutation"):
            assert [call for call in calls if "." not in call] == [call for call in known if "." not in call], visit
        if b'"errors"' not in answer.body:
            assert set(calls) == set(known), visit
        if self.prepared.executed == executed:
            assert calls == known, visit
            # In fewer batches, if anything.
            batches, others = self.prepared.keeper.batches, self.stock.keeper.batches
            assert visit.slow or len(batches) <= len(others), (visit, batches, others)
        return answer
