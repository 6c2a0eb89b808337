"""The same schema as Strawberry's documentation would have it served: its ASGI view, an AsyncSession, the ORM.

The GraphQL types, the rules and the tables are the product's. What it leaves out (idempotency, parents, mappings,
limits) only makes it faster.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from typing import Any

import strawberry
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from strawberry import UNSET, Info
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from app import identity, ids
from app.customers.creation import COLUMNS, sortable
from app.customers.models import NewCustomer
from app.customers.tables import Customer as StoredCustomer
from app.database import Database
from app.events import Event
from app.identity.tables import ApiKey
from graph.context import Context
from graph.customers.create import CreateCustomerInput, CreateCustomerResult, CreateCustomerSuccess
from graph.customers.errors import ExternalIdTaken
from graph.customers.types import Customer
from graph.errors import ErrorCode, ValidationErrors
from graph.scalars import SCALARS
from graph.schema import Query
from tests.benchmarks.contenders.listening import main


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_customer(self, info: Info[Any, Any], input: CreateCustomerInput) -> CreateCustomerResult:
        said = {f.name: value for f in fields(input) if (value := getattr(input, f.name)) is not UNSET}
        async with AsyncSession(info.context.engine, expire_on_commit=False) as session:
            key = await authenticated(session, info.context.request)
            try:
                new = NewCustomer.model_validate(said)
            except ValidationError as error:
                message = f"{error.error_count()} fields are not valid."
                return ValidationErrors(
                    code=ErrorCode.VALIDATION_FAILED, message=message, path=["input"], field_errors=[]
                )
            customer = stored(key, new)
            session.add(customer)
            try:
                await session.flush()
            except IntegrityError:
                return ExternalIdTaken(
                    code=ErrorCode.EXTERNAL_ID_TAKEN, message="Taken.", path=["input", "externalId"], existing=None
                )
            session.add(happened(customer, said))
            await session.commit()
        return CreateCustomerSuccess(customer=Customer.of(customer), replayed=False)


async def authenticated(session: AsyncSession, request: Request) -> ApiKey:
    digest = identity.digest_of(request.headers["authorization"].removeprefix("Bearer "))
    return (await session.exec(select(ApiKey).where(ApiKey.digest == digest))).one()


def stored(key: ApiKey, new: NewCustomer) -> StoredCustomer:
    now = datetime.now(UTC)
    return StoredCustomer(
        **{name: getattr(new, name) for name in COLUMNS},
        **sortable(new.name, new.email, new.external_id),
        tenant_id=key.tenant_id,
        environment_id=key.environment_id,
        id=ids.new(ids.CUSTOMER),
        metadata_=new.metadata,
        status="PUBLISHED",
        version=1,
        created_at=now,
        updated_at=now,
        created_by=key.id,
        updated_by=key.id,
    )


def happened(customer: StoredCustomer, said: dict[str, Any]) -> Event:
    return Event(
        tenant_id=customer.tenant_id,
        environment_id=customer.environment_id,
        id=ids.new(ids.EVENT),
        type="customer.created",
        customer_id=customer.id,
        customer_version=1,
        actor_id=customer.created_by,
        created_at=customer.created_at,
        changes={name: {"before": None, "after": value} for name, value in said.items()},
        options={},
    )


@dataclass
class StockContext(Context):
    """What the product's own queries need, which are served here too, and what the mutation does."""

    engine: AsyncEngine
    request: Request


class View(GraphQL[Any, Any]):
    def __init__(self, engine: AsyncEngine, database: Database) -> None:
        super().__init__(strawberry.Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS)))
        self._engine = engine
        self._database = database
        self._callers = identity.Callers(database, seconds=0)

    async def get_context(self, request: Any, response: Any) -> Any:
        secret = request.headers["authorization"].removeprefix("Bearer ")
        digest = identity.digest_of(secret)
        actor = (await self._database.read(partial(identity.actors_of, digests=[digest])))[digest]
        return StockContext(actor, self._database, "", self._callers, request=request, engine=self._engine)


def make(url: str) -> Starlette:
    asynchronous = url.replace("sqlite:", "sqlite+aiosqlite:", 1).replace("postgresql:", "postgresql+asyncpg:", 1)
    # Patient: who has to wait for SQLite's one writer is not refused after 5 seconds.
    options: dict[str, Any] = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {"pool_pre_ping": True}
    engine = create_async_engine(asynchronous, **options)
    return Starlette(routes=[Route("/graphql", View(engine, Database(url)))])


if __name__ == "__main__":
    main(make)
