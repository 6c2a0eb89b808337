"""The faces of what can be wrong with an API key's change."""

from collections.abc import Iterable

import strawberry

from app.errors import Expected
from app.identity import errors
from graph.errors import Error


@strawberry.type(description="No API key of this environment has the id.")
class ApiKeyNotFound(Error):
    pass


FACES: Iterable[tuple[type[Expected], type[Error]]] = ((errors.ApiKeyNotFound, ApiKeyNotFound),)
