"""What every resolver can reach: who calls, the data, and what is loaded in batches."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import strawberry

from app.database import Database
from app.identity import Actor, Callers

if TYPE_CHECKING:
    from graph.customers.loaders import CustomerLoaders


@dataclass
class Context:
    """One request's. Resolvers that run side by side share it, and no database connection."""

    actor: Actor
    database: Database
    request_id: str
    callers: Callers

    def __copy__(self) -> "Context":
        """The same caller's, with nothing loaded."""
        return replace(self)

    @cached_property
    def customers(self) -> "CustomerLoaders":
        from graph.customers.loaders import CustomerLoaders

        return CustomerLoaders(self.actor, self.database)


Info: TypeAlias = strawberry.Info[Context, None]
