"""The rules that a document is validated by: the specification's, some in words of ours and within limits of ours."""

from typing import Any

from graphql import (
    SKIP,
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ScalarLeafsRule,
    UniqueInputFieldNamesRule,
    ValidationContext,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    VisitorAction,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from app.errors import RefusalCode
from graph import coercion
from graph.limits import Limits, too_large


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


class LeafsRule(ScalarLeafsRule):
    """A selection that is missing is guessed at as names are: only where guessing is wanted."""

    def report_error(self, error: GraphQLError) -> None:
        if self.context.hide_suggestions:
            error = GraphQLError(error.message.partition(" Did you mean ")[0], error.nodes)
        super().report_error(error)


_OURS = {
    ValuesOfCorrectTypeRule: ValuesRule,
    UniqueInputFieldNamesRule: UniqueNamesRule,
    ScalarLeafsRule: LeafsRule,
}


class Validator:
    """Validates documents against one schema, within limits."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        class OverlapsRule(OverlappingFieldsCanBeMergedRule):
            """Quadratic in fields and in fragments: graphql-core's own budget is nearly a second."""

            def __init__(self, context: ValidationContext) -> None:
                super().__init__(context)
                self.rule_context.remaining_complexity_budget = limits.comparisons

        ours = {**_OURS, OverlappingFieldsCanBeMergedRule: OverlapsRule}
        self._rules = (*(ours.get(rule, rule) for rule in specified_rules), MaybeNullValidationRule)
        self._schema = schema
        self._limits = limits

    def errors(self, document: DocumentNode) -> list[GraphQLError]:
        """What is wrong with a document, as far as it is told; nothing when it is valid."""
        limits = self._limits
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=coercion.MAX_ERRORS,
            hide_suggestions=not limits.suggestions,
        )
        if errors and isinstance(errors[-1], ValidationAbortedError) and len(errors) <= coercion.MAX_ERRORS:
            # Not because of the errors, so because of the work.
            message = f"Fields of the same name may be compared {limits.comparisons} times to see whether they merge."
            errors[-1] = too_large("COMPARISONS", limits.comparisons, message)
        return errors
