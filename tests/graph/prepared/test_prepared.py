"""What is prepared and what is not, and what resolvers see of it."""

import asyncio
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse
from graphql.execution import Executor
from strawberry.dataloader import DataLoader

from app.errors import RefusalCode, Refused
from graph.execution import Execution, Operation, Result
from graph.prepared import Preparing
from tests.api import Api
from tests.graph.conftest import Tenant
from tests.graph.customers import scenarios  # noqa: F401 - registers what reaches each member
from tests.graph.customers.lists.population import store
from tests.graph.prepared import zoo
from tests.graph.scenarios import SCENARIOS

pytestmark = pytest.mark.anyio

LEAVES = """id externalId name email contact addressLine1 addressLine2 addressCity addressState addressPostalCode
  addressCountry timezone metadata environmentId tenantId status version createdAt updatedAt"""
PAGE = f"""query($first: Int) {{ customers(first: $first) {{
  nodes {{ {LEAVES} }} edges {{ cursor node {{ id parent {{ id }} integrations {{ provider }} }} }}
  pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} totalCount }} }}"""
ONE = f"""query($by: CustomerBy!) {{ viewer {{ id }} customer(by: $by) {{
  {LEAVES} parent {{ id }} children(first: 2) {{ nodes {{ externalId }} }} events {{ totalCount }} }} }}"""


@pytest.fixture
async def api(tenant: Tenant) -> Api:
    return await tenant(prepared_operations=True)


@pytest.fixture
def without_graphql_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is declined fails."""
    monkeypatch.delattr(Executor, "execute_operation")


@pytest.mark.usefixtures("without_graphql_core")
async def test_pages_and_customers_are_read_without_graphql_core(api: Api) -> None:
    [parent] = await store(api, [{"external_id": "parent"}])
    await store(api, [{"external_id": f"c{n}", "parent_customer_id": parent["id"]} for n in range(3)])

    page = (await api.execute(PAGE, {"first": 2}))["customers"]
    assert (len(page["nodes"]), page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, 4, True)
    assert [edge["node"]["id"] for edge in page["edges"]] == [node["id"] for node in page["nodes"]]
    one = (await api.execute(ONE, {"by": {"externalId": "parent"}}))["customer"]
    assert (one["id"], len(one["children"]["nodes"]), one["parent"]) == (parent["id"], 2, None)
    assert (await api.execute(ONE, {"by": {"externalId": "nobody"}}))["customer"] is None


@pytest.mark.usefixtures("without_graphql_core")
@pytest.mark.parametrize("member", [member for name, member in SCENARIOS if name == "createCustomer"])
async def test_each_outcome_of_create_customer_is_told_without_graphql_core(api: Api, member: str) -> None:
    assert (await SCENARIOS["createCustomer", member](api))["__typename"] == member


async def test_a_mutation_that_is_declined_after_it_has_run_does_not_run_again(api: Api) -> None:
    error = await api.refused(
        """mutation($input: CreateCustomerInput!) { createCustomer(input: $input) {
          ... on CreateCustomerSuccess { customer { id children(first: 1000) { totalCount } } } } }""",
        {"input": {"externalId": "once"}},
    )

    assert (error["path"], error["extensions"]["code"]) == (
        ["createCustomer", "customer", "children"],
        "BAD_USER_INPUT",
    )
    assert (await api.execute(ONE, {"by": {"externalId": "once"}}))["customer"]["events"]["totalCount"] == 1


def prepared(text: str) -> object:
    document = parse(text)
    [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return Preparing(zoo.schema).prepared(document, operation)


@pytest.mark.parametrize(
    "text",
    [
        "{ box { size @skip(if: true) } }",
        "{ ...F } fragment F on Query { ... @include(if: true) { box { size } } }",
        'mutation { a: release(id: "1") b: release(id: "2") }',
        "{ __schema { types { name } } }",
        "{ maybe(value: 1) }",
        "query($of: Nest) { nest(of: $of) }",
    ],
)
def test_is_never_prepared(text: str) -> None:
    assert prepared(text) is None


def test_is_prepared() -> None:
    assert prepared('mutation { release(id: "1") }')
    assert prepared("query($by: By!) { near(by: $by) { ...F } a: box { size } } fragment F on Toy { label label }")


async def executed(
    schema: strawberry.Schema, text: str, context: object = None, *, prepares: bool = True, **variables: Any
) -> Result:
    operation = Operation(text, None, variables, {}, read_only=False)
    return await Execution(schema, prepares=prepares).execute(operation, context)


@strawberry.type
class Asking:
    @strawberry.field
    async def about(self, info: strawberry.Info[Any, None], value: int = 1) -> list[str]:
        operation = info.operation.name
        return [
            *(info.field_name, info.python_name, str(info.path.as_list()), str(info.return_type)),
            *(str(info.variable_values), str(operation and operation.value), str(info.context), str(info.root_value)),
            *(str(info.selected_fields), str(info.query), str(value)),
        ]


@strawberry.type
class Asked:
    @strawberry.field
    def again(self) -> list[Asking]:
        return [Asking(), Asking()]


async def test_a_resolver_may_ask_for_more_than_the_context(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = strawberry.Schema(Asked)
    text = "query Q($v: Int!, $w: Int = 5) { a: again { b: about(value: $v) about(value: $w) } }"
    stock = await executed(schema, text, prepares=False, v=2)
    monkeypatch.delattr(Executor, "execute_operation")

    assert (await executed(schema, text, v=2)).data == stock.data
    assert stock.data
    assert "['a', 1, 'b']" in stock.data["a"][1]["b"]


class Troubled:
    """One field fails while another is at work."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure
        self.begun = asyncio.Event()
        self.failed = asyncio.Event()
        self.called: list[str] = []

    def schema(self) -> strawberry.Schema:
        troubled = self

        @strawberry.type
        class Inner:
            @strawberry.field
            async def works(self) -> str:
                troubled.called.append("works")
                troubled.begun.set()
                if isinstance(troubled.failure, Refused):
                    await troubled.failed.wait()
                elif troubled.called.count("works") == 1:
                    await asyncio.Event().wait()
                return "done"

            @strawberry.field
            async def fails(self) -> str | None:
                troubled.called.append("fails")
                await troubled.begun.wait()
                troubled.failed.set()
                raise troubled.failure

        @strawberry.type
        class Query:
            @strawberry.field
            async def inner(self) -> Inner:
                troubled.called.append("inner")
                return Inner()

        return strawberry.Schema(Query)


@pytest.mark.parametrize(
    ("failure", "called"),
    [
        (RuntimeError(), ["inner", "works", "fails"] * 2),
        # What can't be reached for now is not asked for twice.
        (Refused(RefusalCode.BUSY, "Try again."), ["inner", "works", "fails"]),
    ],
    ids=["bug", "busy"],
)
async def test_a_field_that_fails_leaves_nothing_running(failure: Exception, called: list[str]) -> None:
    troubled, running = Troubled(failure), asyncio.all_tasks()
    async with asyncio.timeout(60):
        result = await executed(troubled.schema(), "{ inner { works fails } }")

    assert result.data == {"inner": {"works": "done", "fails": None}}
    assert [error.path for error in result.errors] == [["inner", "fails"]]
    assert troubled.called == called
    assert asyncio.all_tasks() == running


@dataclass
class Loads:
    """A context, whose loader answers in a copy only."""

    is_copy: bool = False

    def __post_init__(self) -> None:
        self.numbers: DataLoader[int, int] = DataLoader(self._load)

    def __copy__(self) -> "Loads":
        return Loads(is_copy=True)

    async def _load(self, numbers: list[int]) -> list[int]:
        if not self.is_copy:
            await asyncio.Event().wait()
        return numbers


@strawberry.type
class Loading:
    @strawberry.field
    async def number(self, info: strawberry.Info[Loads, None], of: int) -> int:
        return await info.context.numbers.load(of)

    @strawberry.field
    async def fails(self) -> int | None:
        raise RuntimeError


@pytest.mark.parametrize("operation", ["query", "mutation"])
async def test_when_a_field_fails_what_was_loading_is_given_up(operation: str) -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        async def loading(self) -> Loading:
            return Loading()

    @strawberry.type
    class Mutation(Query):
        pass

    schema, running = strawberry.Schema(Query, Mutation), asyncio.all_tasks()
    text = operation + " { loading { a: number(of: 1) fails b: number(of: 2) } }"
    async with asyncio.timeout(60):
        result = await executed(schema, text, Loads())
    for batch in asyncio.all_tasks() - running:
        batch.cancel()

    assert result.data == {"loading": {"a": 1, "fails": None, "b": 2}}
    assert [error.path for error in result.errors] == [["loading", "fails"]]


@strawberry.type
class Bits:
    a: int | None
    b: str | None
    c: bool | None
    d: float | None
    e: str | None
    f: str | None
    g: str | None
    h: str | None

    @classmethod
    def of(cls, bits: tuple[bool, ...]) -> "Bits":
        values: tuple[Any, ...] = (1, "b", True, 0.5, "e", "f", "g", "h")
        return cls(**{name: value if bit else None for name, value, bit in zip("abcdefgh", values, bits, strict=True)})


@strawberry.type
class AllBits:
    @strawberry.field
    def bits(self) -> list[Bits]:
        return [Bits.of(bits) for bits in product((False, True), repeat=8)]


async def test_objects_of_any_pattern_of_nulls_are_completed_alike() -> None:
    schema, text = strawberry.Schema(AllBits), "{ bits { a b c d e f g h __typename } }"
    stock = await executed(schema, text, prepares=False)

    assert (await executed(schema, text)).data == stock.data
    assert stock.data
    assert len(stock.data["bits"]) == 256
