"""The rules that a document is validated by: the specification's, some in words of ours, and one of depth."""

from typing import Any

from graphql import (
    SKIP,
    ArgumentNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInputType,
    OperationDefinitionNode,
    SelectionSetNode,
    UniqueInputFieldNamesRule,
    ValidationContext,
    ValidationRule,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    VisitorAction,
    specified_rules,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from app.errors import RefusalCode
from graph import coercion

MAX_DEPTH = 50  # executing lists of objects overflows Python's stack at about 75; GraphiQL's introspection needs 15


class ValuesRule(ValuesOfCorrectTypeRule):
    """Values in the document (arguments, and the defaults of variables) fit their types; none is repeated."""

    place, root = "", ""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self.place, self.root = f'Argument "{node.name.value}"', node.name.value

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self.place, self.root = f'Default of variable "${node.variable.name.value}"', node.variable.name.value

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        if input_type:
            suggest = not self.context.hide_suggestions
            for error in coercion.wrong_literal(node, input_type, self.place, self.root, suggest=suggest):
                self.report_error(error)
        return SKIP


class UniqueNamesRule(UniqueInputFieldNamesRule):
    """A field's name may be a key of the caller's own map, so it isn't told."""

    def report_error(self, error: GraphQLError) -> None:
        code = {"code": RefusalCode.BAD_USER_INPUT}
        super().report_error(GraphQLError("A field of an input is there twice.", error.nodes, extensions=code))


class DepthRule(ValidationRule):
    """Refuses selections nested too deeply; each fragment is measured once, however often it is spread."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.fragments: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        if self.depth(node.selection_set) > MAX_DEPTH:
            self.report_error(GraphQLError(f"Selections may be nested {MAX_DEPTH} levels deep.", node))

    def depth(self, selections: SelectionSetNode) -> int:
        deepest = 0
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                deepest = max(deepest, self.fragment(selection.name.value) - 1)
            elif nested := getattr(selection, "selection_set", None):
                deepest = max(deepest, self.depth(nested))
        return deepest + 1

    def fragment(self, name: str) -> int:
        if name not in self.fragments:
            self.fragments[name] = 0  # a cycle ends here, and is another rule's to report
            definition = self.context.get_fragment(name)
            self.fragments[name] = self.depth(definition.selection_set) if definition else 0
        return self.fragments[name]


_OURS = {ValuesOfCorrectTypeRule: ValuesRule, UniqueInputFieldNamesRule: UniqueNamesRule}

RULES = (*(_OURS.get(rule, rule) for rule in specified_rules), MaybeNullValidationRule, DepthRule)
