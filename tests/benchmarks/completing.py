"""`python -m tests.benchmarks.completing`: what GraphQL itself costs, by graphql-core and by prepared operations.

A page of 50 customers with 19 fields each, and createCustomer, in this process and without a database: what is read is
at hand, and what is written goes nowhere. Microseconds of CPU time an operation, the medians of rounds that take turns;
documents are known already. To complete the page's nodes is what is left when the same page is asked for without them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from statistics import median
from typing import Annotated, Any, cast

import orjson
import typer
from graphql.execution.values import get_variable_values

from app.customers import Created
from app.customers.creation import Creation
from app.customers.tables import Customer
from app.database import Database
from app.identity import Actor, Callers, Scope
from app.paging import Page
from graph.context import Context, Info
from graph.customers.create import CreateCustomerInput, create_customer
from graph.documents import Document
from graph.execution import Execution, Operation, Result
from graph.schema import schema
from tests.benchmarks import population

ACTOR = Actor("bench", "live", "key_01M8221J3WJG8RE6G0877ZXCQ9", frozenset(Scope))
LEAVES = """id externalId name email contact addressLine1 addressLine2 addressCity addressState addressPostalCode
  addressCountry timezone metadata environmentId tenantId status version createdAt updatedAt"""
END = "pageInfo { hasNextPage endCursor }"
PAGE = f"query($first: Int) {{ customers(first: $first) {{ nodes {{ {LEAVES} }} {END} }} }}"
NO_PAGE = f"query($first: Int) {{ customers(first: $first) {{ {END} }} }}"
CREATE = f"""mutation($input: CreateCustomerInput!, $key: String) {{
  createCustomer(input: $input, idempotencyKey: $key) {{ __typename
    ... on CreateCustomerSuccess {{ replayed customer {{ {LEAVES} }} }} ... on Error {{ code message path }} }} }}"""
GIVEN: Mapping[str, Any] = {
    "external_id": "acme-1",
    "name": "Acme GmbH",
    "email": "billing@acme.example",
    "contact": "+49 30 123456",
    "address_line1": "Unter den Linden 1",
    "address_line2": "Hinterhof",
    "address_city": "Berlin",
    "address_state": "BE",
    "address_postal_code": "10117",
    "address_country": "DE",
    "timezone": "Europe/Berlin",
    "metadata": {"plan": "pro"},
}
INPUT = {
    "".join((first, *map(str.capitalize, rest))): GIVEN[name] for name in GIVEN for first, *rest in [name.split("_")]
}

Work = Callable[[], Awaitable[Any]]


class Shelf:
    """A database that has a page, and takes whatever it is given."""

    def __init__(self, rows: int) -> None:
        described = population.customers(rows, ACTOR.tenant_id, ACTOR.environment_id)
        self.rows = [Customer(metadata_=row.pop("metadata"), **row) for row in described]

    async def read(self, query: Any) -> object:
        return Page(self.rows, more=True) if isinstance(query, partial) else "00" * 32

    async def write(self, change: Creation) -> Created:
        change.draft()
        return Created(self.rows[0])


def context(rows: int) -> Context:
    return Context(ACTOR, cast(Database, Shelf(rows)), "request", cast(Callers, None))


def asking(prepares: bool, context: Context, query: str, **variables: Any) -> Work:
    execution = Execution(schema, prepares=prepares)
    operation = Operation(query, None, variables, {}, read_only=False)

    async def ask() -> Result:
        result = await execution.execute(operation, context)
        assert result.executed
        assert not result.errors
        return result

    return ask


def domain(context: Context) -> Work:
    """createCustomer's resolver, with its arguments at hand."""
    resolver = create_customer.base_resolver
    assert resolver
    info = cast(Info, type("Info", (), {"context": context}))
    return partial(resolver.wrapped_func, info, CreateCustomerInput(**GIVEN))


def coercing(prepares: bool) -> Work:
    """createCustomer's variables alone."""
    document = Execution(schema)._documents.find(CREATE)
    assert isinstance(document, Document)
    [operation] = document.operations
    variables = {"input": INPUT, "key": None}

    async def coerce() -> None:
        if prepares:
            assert operation.prepared
            operation.prepared._variables(variables)
        else:
            get_variable_values(schema._schema, operation.definition.variable_definitions or (), variables)

    return coerce


async def cost(work: Work, times: int) -> float:
    await work()
    began = time.process_time()
    for _ in range(times):
        await work()
    return (time.process_time() - began) / times * 1e6


async def measure(rows: int, times: int, rounds: int) -> Mapping[str, tuple[float, float]]:
    at_hand = context(rows)
    works: dict[str, tuple[Work, Work]] = {}
    for name, query, variables in (
        ("page", PAGE, {"first": rows}),
        ("without nodes", NO_PAGE, {"first": rows}),
        ("createCustomer", CREATE, {"input": INPUT, "key": None}),
    ):
        works[name] = asking(False, at_hand, query, **variables), asking(True, at_hand, query, **variables)
    works["its domain"] = domain(at_hand), domain(at_hand)
    works["its variables"] = coercing(False), coercing(True)
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in works}
    for _ in range(rounds):
        for name, both in works.items():
            for work, costs in zip(both, taken[name], strict=True):
                costs.append(await cost(work, times))
    medians = {name: (median(stock), median(prepared)) for name, (stock, prepared) in taken.items()}
    answers = [(await work()).data for work in works["page"]]
    assert answers[0] == answers[1]

    async def dump() -> None:
        orjson.dumps(answers[0])

    return {**medians, "to JSON": (await cost(dump, times),) * 2}


def main(
    rows: Annotated[int, typer.Option(help="Customers a page.")] = 50,
    times: Annotated[int, typer.Option(help="Operations a round.")] = 100,
    rounds: int = 7,
) -> None:
    taken = asyncio.run(measure(rows, times, rounds))
    nodes = zip(taken["page"], taken["without nodes"], strict=True)
    rest = zip(taken["createCustomer"], taken["its domain"], taken["its variables"], strict=True)
    lines = {
        f"a page of {rows}, 19 fields": taken["page"],
        "  without its nodes": taken["without nodes"],
        "  its nodes completed": tuple(page - without for page, without in nodes),
        "  its JSON, by orjson": taken["to JSON"],
        "createCustomer": taken["createCustomer"],
        "  judged, and the draft": taken["its domain"],
        "  variables": taken["its variables"],
        "  arguments, completing": tuple(whole - domain - variables for whole, domain, variables in rest),
    }
    print(f"{'CPU µs':<26}{'graphql-core':>14}{'prepared':>10}{'ratio':>8}")
    for name, (stock, prepared) in lines.items():
        print(f"{name:<26}{stock:>14.1f}{prepared:>10.1f}{stock / prepared:>8.1f}")


if __name__ == "__main__":
    typer.run(main)
