"""createCustomers: its rows, its outcomes, the mutation."""

from typing import Annotated, cast

import strawberry
from strawberry import UNSET

from app import customers
from app.customers import OnError
from app.errors import Expected
from app.identity import Scope
from graph.context import Info
from graph.customers.create import CreateCustomerInput, CreateCustomerResult, CreateCustomerSuccess
from graph.customers.types import Customer
from graph.enums import described
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.faces import face_of
from graph.inputs import IdempotencyKey, given

described(
    OnError,
    "What a row that can't be stored does to the others.",
    SKIP="Nothing: the others are stored.",
    ABORT="Nothing is stored: rows that were good have a null `result`.",
)


@strawberry.type(description="What became of one row.")
class CreateCustomersRow:
    index: int = strawberry.field(description="The row's place among the inputs, from 0.")
    result: CreateCustomerResult | None = strawberry.field(
        description=(
            "What createCustomer would have said; null when the row was good and another's failure aborted all."
        )
    )


@strawberry.type(description="What became of each row, in the order of the inputs.")
class CreateCustomersSuccess:
    results: list[CreateCustomersRow] = strawberry.field(description="One for each input.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


CreateCustomersResult = Annotated[
    CreateCustomersSuccess | ValidationErrors | IdempotencyConflict,
    strawberry.union("CreateCustomersResult", description="Every way in which createCustomers can end."),
]

Inputs = Annotated[list[CreateCustomerInput], strawberry.argument(description="1 to 1,000 customers.")]
OnErrorArgument = Annotated[OnError, strawberry.argument(description="What a row that fails does to the others.")]


@strawberry.mutation(
    description=(
        "Create many customers in one transaction, each with the outcome that it would have had alone; a row's paths "
        'begin with `["inputs", "17"]`. Needs the scope `customers:write`.'
    )
)
async def create_customers(
    info: Info,
    inputs: Inputs,
    on_error: OnErrorArgument = OnError.SKIP,
    idempotency_key: IdempotencyKey = UNSET,
) -> CreateCustomersResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.create_many(actor, given(inputs), on_error, given(idempotency_key))
    made = await info.context.database.write(change)
    rows = [CreateCustomersRow(index=index, result=result_of(row, info)) for index, row in enumerate(made.rows)]
    return CreateCustomersSuccess(results=rows, replayed=made.replayed)


def result_of(row: customers.Created | Expected | None, info: Info) -> CreateCustomerResult | None:
    if isinstance(row, Expected):
        # Strawberry's exception handlers reach a field's own result, not the items of a list in it.
        return cast(CreateCustomerResult, face_of(row, info))
    if row is None:
        return None
    return CreateCustomerSuccess(customer=Customer.of(row.customer), replayed=row.replayed)
