"""Operations of the schema as schemathesis makes them up, and the two ways in which they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import schemathesis
from graphql import (
    REMOVE,
    ArgumentNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLSchema,
    Visitor,
    introspection_from_schema,
    is_union_type,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.fuzz.literals import literal, scalars

# schemathesis gives all four arguments of every list, which never go together.
PAGES = [set[str](), {"first"}, {"last"}, {"first", "after"}, {"last", "before"}, {"first", "after", "last", "before"}]
FAILURE = "... on Error { code message path }"


@dataclass(frozen=True)
class Request:
    query: str
    variables: dict[str, Any] = field(default_factory=dict)


class Documents:
    """What can be asked of a schema.

    The inputs are made up here, in the guise of scalars: to schemathesis the fields of a `@oneOf` are independent, and
    an email address is any text.
    """

    def __init__(self, schema: GraphQLSchema, ids: Sequence[str], external_ids: Sequence[str]) -> None:
        self.schema = schema
        known = scalars(ids, external_ids)
        introspection = cast("dict[str, Any]", introspection_from_schema(schema))
        for shown in introspection["__schema"]["types"]:
            type = schema.type_map[shown["name"]]
            if isinstance(type, GraphQLInputObjectType):
                shown |= {"kind": "SCALAR", "inputFields": None}
                known[type.name] = literal(type, known)
        for name, literals in known.items():
            schemathesis.graphql.scalar(name, literals)
        self.operations = schemathesis.graphql.from_dict(introspection)

    def valid(self, root: str, field: str) -> st.SearchStrategy[Request]:
        documents = self.operations[root][field].as_strategy().map(lambda case: str(case.body))
        return st.builds(self._request, documents, st.sampled_from(PAGES), st.booleans())

    def invalid(self, root: str, field: str) -> st.SearchStrategy[Request]:
        cases = self.operations[root][field].as_strategy(GenerationMode.NEGATIVE)
        requests: st.SearchStrategy[Request] = cases.map(lambda case: Request(str(case.body)))
        return requests

    def _request(self, document: str, pages: set[str], in_variables: bool) -> Request:
        """The operation, its arguments in place or sent beside it, as clients do; with what each failure says."""
        [operation] = visit(parse(document), Without(PAGES[-1] - pages)).definitions
        [asked] = operation.selection_set.selections
        root = self.schema.get_root_type(operation.operation)
        assert isinstance(asked, FieldNode)
        assert root
        field = root.fields[asked.name.value]
        selected = print_ast(asked.selection_set) if asked.selection_set else ""
        if is_union_type(field.type):
            selected = f"{{ {FAILURE} {selected[1:]}"
        arguments = {argument.name.value: argument.value for argument in asked.arguments or ()}
        if in_variables and arguments:
            declared = ", ".join(f"${name}: {field.args[name].type}" for name in arguments)
            passed = ", ".join(f"{name}: ${name}" for name in arguments)
            variables = {name: value_from_ast_untyped(value) for name, value in arguments.items()}
            head = f"{operation.operation.value}({declared})"
            return Request(f"{head} {{ {asked.name.value}({passed}) {selected} }}", variables)
        passed = ", ".join(f"{name}: {print_ast(value)}" for name, value in arguments.items())
        in_place = f"({passed})" if passed else ""
        return Request(f"{operation.operation.value} {{ {asked.name.value}{in_place} {selected} }}")


class Without(Visitor):
    """Drops arguments by name."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return REMOVE if node.name.value in self.names else None
