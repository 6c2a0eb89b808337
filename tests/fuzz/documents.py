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
    OperationDefinitionNode,
    Visitor,
    introspection_from_schema,
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
        [operation] = visit(parse(document), Without(PAGES[-1] - pages)).definitions
        return self._lifted(operation) if in_variables else Request(print_ast(operation))

    def _lifted(self, operation: OperationDefinitionNode) -> Request:
        """The same, with the arguments of the one field beside the document, as clients send them."""
        [asked] = operation.selection_set.selections
        root = self.schema.get_root_type(operation.operation)
        assert isinstance(asked, FieldNode)
        assert root
        given = {argument.name.value: value_from_ast_untyped(argument.value) for argument in asked.arguments or ()}
        if not given:
            return Request(print_ast(operation))
        name = asked.name.value
        declared = ", ".join(f"${argument}: {root.fields[name].args[argument].type}" for argument in given)
        passed = ", ".join(f"{argument}: ${argument}" for argument in given)
        inside = print_ast(asked.selection_set) if asked.selection_set else ""
        return Request(f"{operation.operation.value}({declared}) {{ {name}({passed}) {inside} }}", given)


class Without(Visitor):
    """Drops arguments by name."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return REMOVE if node.name.value in self.names else None
