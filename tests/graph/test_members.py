"""Every member of every mutation's union is reached by a request, and every expected failure has a face."""

import pytest
from graphql import GraphQLUnionType

from app.errors import Expected
from graph.faces import FACES
from graph.schema import schema
from tests.api import Api
from tests.graph.customers import scenarios  # noqa: F401 - registers what reaches each member
from tests.graph.keys import scenarios as keys  # noqa: F401 - so do these
from tests.graph.scenarios import SCENARIOS


def declared() -> list[tuple[str, str]]:
    mutations = schema._schema.mutation_type
    assert mutations
    return [
        (name, member.name)
        for name, field in mutations.fields.items()
        for member in (field.type.types if isinstance(field.type, GraphQLUnionType) else ())
    ]


@pytest.mark.anyio
@pytest.mark.parametrize(("mutation", "member"), declared())
async def test_the_member_is_reached(api: Api, mutation: str, member: str) -> None:
    assert (mutation, member) in SCENARIOS, "no test reaches this member: write one"

    assert (await SCENARIOS[mutation, member](api))["__typename"] == member


def test_every_scenario_is_declared() -> None:
    assert set(SCENARIOS) == set(declared())


def test_every_expected_failure_has_exactly_one_face() -> None:
    faces = [exception for exception, _ in FACES]

    def leaves(kind: type[Expected]) -> list[type[Expected]]:
        below = [leaf for sub in kind.__subclasses__() for leaf in leaves(sub)]
        # No mutation meets an import's: they go into its file of rejects.
        return below or ([] if kind.__module__.startswith("app.transfer.") else [kind])

    assert {leaf: sum(issubclass(leaf, face) for face in faces) for leaf in leaves(Expected)} == dict.fromkeys(
        leaves(Expected), 1
    )
