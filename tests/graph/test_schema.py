"""The schema as a document: what generators and people read."""

from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNamedType, GraphQLNonNull, build_schema
from graphql.type import is_specified_scalar_type

from graph.schema import schema

SDL = Path(__file__).parents[2] / "schema.graphql"


def test_schema_graphql_is_what_python_m_graph_prints() -> None:
    assert SDL.read_text("utf-8") == schema.as_str() + "\n"


def own_types() -> list[GraphQLNamedType]:
    types = build_schema(SDL.read_text("utf-8")).type_map.values()
    return [type for type in types if not type.name.startswith("__") and not is_specified_scalar_type(type)]


def test_everything_in_the_schema_is_described() -> None:
    bare: list[str] = []
    for type in own_types():
        bare += [] if type.description else [type.name]
        parts = type.values if isinstance(type, GraphQLEnumType) else getattr(type, "fields", {})
        for name, part in parts.items():
            bare += [] if part.description else [f"{type.name}.{name}"]
            arguments = getattr(part, "args", {})
            bare += [f"{type.name}.{name}({argument}:)" for argument, of in arguments.items() if not of.description]

    assert bare == []


def test_a_mutation_is_nullable_so_that_a_crash_in_one_leaves_the_others() -> None:
    mutations = build_schema(SDL.read_text("utf-8")).mutation_type
    assert mutations

    assert [name for name, field in mutations.fields.items() if isinstance(field.type, GraphQLNonNull)] == []


def test_an_optional_input_field_has_no_default_that_would_hide_its_absence() -> None:
    inputs = [type for type in own_types() if isinstance(type, GraphQLInputObjectType)]
    assert inputs

    nulls = [
        f"{type.name}.{name}"
        for type in inputs
        for name, field in type.fields.items()
        if field.default is not None and not isinstance(field.type, GraphQLNonNull)
    ]
    assert nulls == []
