"""Documents and variables drawn for a schema: most of them valid, many of them odd, all of them by chance."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
# A good value for an argument or an input's field of a leaf type, by its name and its type's.
Samples: TypeAlias = Callable[[Random, str, str], Any]

JUNK: tuple[Any, ...] = (None, "", "junk", 0, -1, 2**31, 2**64, 1.5, True, [], {}, [None], {"junk": 1}, ["a"], "RED")
DEEPEST = 6


@dataclass(frozen=True)
class Variable:
    """`declared` is the document's type, with a default perhaps; a value is drawn for the argument `name` of `type`."""

    declared: str
    name: str
    type: Any


@dataclass(frozen=True)
class Request:
    """What is sent."""

    query: str
    variables: Mapping[str, Any]
    name: str | None = None


@dataclass
class Writer:
    """Writes one document, and variables for it."""

    random: Random
    schema: GraphQLSchema
    samples: Samples
    variables: dict[str, Variable] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    names: int = 0
    left: int = 40  # fields that may still be written
    has_directives: bool = False

    def likely(self, probability: float) -> bool:
        return self.random.random() < probability

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def document(self) -> tuple[str, str | None]:
        """The text, and which operation is meant."""
        self.has_directives = self.likely(0.08)
        is_mutation = self.likely(0.5)
        root = self.schema.mutation_type if is_mutation else self.schema.query_type
        assert root
        selected = self.root(root)
        kind = "mutation" if is_mutation else "query"
        name = "Op" if self.likely(0.3) else None
        declared = ", ".join(f"${name}: {variable.declared}" for name, variable in self.variables.items())
        head = f"{kind} {name or ''}{f'({declared})' if declared else ''}"
        other = " query Other { __typename }" if self.likely(0.03) else ""
        asked = name if self.likely(0.5) or (name and other) else None
        return f"{head} {selected} {' '.join(self.fragments)}{other}", asked

    def values(self) -> dict[str, Any]:
        """Values of the document's variables, to be sent."""
        values = {"unknown": self.random.choice(JUNK)} if self.likely(0.03) else {}
        for name, variable in self.variables.items():
            is_required = variable.declared.endswith("!")
            if self.likely(0.02 if is_required else 0.15):
                continue
            if self.likely(0.02 if is_required else 0.08):
                values[name] = None
            elif self.likely(0.06):
                values[name] = self.random.choice(JUNK)
            else:
                values[name] = self.good(variable.name, variable.type, wrong=0.03)
        return values

    def root(self, type_: GraphQLObjectType) -> str:
        count = 1 if self.likely(0.85) else self.random.randint(2, 3)
        written = [self.field(type_, self.random.choice(sorted(type_.fields)), 0) for _ in range(count)]
        if self.likely(0.05):
            written.append("__typename")
        if self.likely(0.05):
            written.append(self.fragment(type_, [written.pop()]))
        return f"{{ {' '.join(written)} }}"

    def selection(self, type_: Composite, depth: int) -> str:
        written = []
        for _ in range(self.random.randint(1, 5)):
            written.append(self.part(type_, depth))
        return f"{{ {' '.join(written)} }}"

    def part(self, type_: Composite, depth: int) -> str:
        fields = self.fields(type_, depth)
        if isinstance(type_, GraphQLUnionType):
            return "__typename" if self.likely(0.2) else self.member(type_, depth)
        if isinstance(type_, GraphQLObjectType):
            if self.likely(0.08) or not fields:
                return f"{self.alias(0.1)}__typename{self.directives()}"
            if self.likely(0.08):
                return self.fragment(type_, [self.part(type_, depth) for _ in range(self.random.randint(1, 3))])
            return self.field(type_, self.random.choice(fields), depth)
        if self.likely(0.15):
            return "__typename"
        if fields and self.likely(0.3):
            return self.field(type_, self.random.choice(fields), depth)
        return self.member(type_, depth)

    def member(self, type_: GraphQLUnionType | GraphQLInterfaceType, depth: int) -> str:
        member = self.random.choice(self.schema.get_possible_types(type_))
        return self.fragment(member, [self.part(member, depth) for _ in range(self.random.randint(1, 4))])

    def fields(self, type_: Composite, depth: int) -> list[str]:
        if isinstance(type_, GraphQLUnionType):
            return []
        is_full = depth >= DEEPEST or self.left <= 0
        return [name for name, of in type_.fields.items() if not is_full or is_leaf_type(get_named_type(of.type))]

    def fragment(self, type_: GraphQLNamedType, parts: list[str]) -> str:
        inside = f"{{ {' '.join(parts)} }}"
        if self.likely(0.3):
            name = self.name("F")
            self.fragments.append(f"fragment {name} on {type_.name}{inside}")
            return f"...{name}{self.directives()}" * (2 if self.likely(0.1) else 1)
        if self.likely(0.1):
            return f"... on {type_.name}{self.directives()} {{ ...{inside} }}"
        return f"... on {type_.name}{self.directives()} {inside}"

    def field(self, type_: GraphQLObjectType | GraphQLInterfaceType, name: str, depth: int) -> str:
        self.left -= 1
        definition: GraphQLField = type_.fields[name]
        arguments = [
            f"{argument}: {self.argument(argument, of)}"
            for argument, of in definition.args.items()
            if is_required_argument(of) or self.likely(0.4)
        ]
        alias = self.alias(0.7 if arguments and depth else 0.1)
        named = get_named_type(definition.type)
        selected = "" if is_leaf_type(named) else self.selection(named, depth + 1)  # type: ignore[arg-type]
        taken = f"({', '.join(arguments)})" if arguments else ""
        written = f"{alias}{name}{taken}{self.directives()} {selected}"
        return f"{written} {written}" if self.likely(0.04) else written

    def alias(self, probability: float) -> str:
        if not self.likely(probability):
            return ""
        return f"{self.random.choice('ab') if self.likely(0.05) else self.name('a')}: "

    def directives(self) -> str:
        if not self.has_directives or not self.likely(0.2):
            return ""
        condition = self.variable("if", "Boolean!", GraphQLNonNull(GraphQLBoolean))
        return f" @{self.random.choice(('skip', 'include'))}(if: {condition})"

    def argument(self, name: str, of: GraphQLArgument) -> str:
        if self.likely(0.4):
            return self.literal(name, of.type, self.good(name, of.type))
        type_ = str(of.type)
        has_default = of.default_value is not Undefined
        if has_default and self.likely(0.5):
            type_ = type_.removesuffix("!")
        elif not type_.endswith("!") and self.likely(0.15):
            type_ += "!"
        if self.likely(0.12):
            type_ += f" = {self.literal(name, of.type, self.good(name, of.type), constant=True)}"
        return self.variable(name, type_, of.type)

    def variable(self, name: str, declared: str, type_: GraphQLInputType) -> str:
        known = [known for known, variable in self.variables.items() if variable.declared == declared]
        if known and self.likely(0.3):
            return f"${self.random.choice(known)}"
        variable = self.name("v")
        self.variables[variable] = Variable(declared, name, type_)
        return f"${variable}"

    def good(self, name: str, type_: Any, *, wrong: float = 0) -> Any:
        """A JSON value of a type; each part of it is something else with the probability `wrong`."""
        if self.likely(wrong):
            return self.random.choice(JUNK)
        if not isinstance(type_, GraphQLNonNull) and self.likely(0.08):
            return None
        type_ = get_nullable_type(type_)
        if isinstance(type_, GraphQLList):
            if self.likely(0.05):
                return self.good(name, type_.of_type, wrong=wrong)
            return [self.good(name, type_.of_type, wrong=wrong) for _ in range(self.random.randint(0, 3))]
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(sorted(type_.values))
        if not isinstance(type_, GraphQLInputObjectType):
            return self.samples(self.random, name, type_.name)
        if type_.is_one_of:
            chosen = self.random.sample(sorted(type_.fields), 2 if self.likely(2 * wrong) else 1)
            types = {key: type_.fields[key].type for key in chosen}
            is_null = self.likely(2 * wrong)
            return {
                key: None if is_null else self.good(key, GraphQLNonNull(of), wrong=wrong) for key, of in types.items()
            }
        rate = self.random.choice((0.1, 0.3, 0.9))
        given = {
            key: self.good(key, of.type, wrong=wrong)
            for key, of in type_.fields.items()
            if is_required_input_field(of) or self.likely(rate)
        }
        if self.likely(2 * wrong):
            given[self.random.choice((*type_.fields, *["unknown"] * 5))] = self.random.choice(JUNK)
        if given and self.likely(wrong):
            del given[self.random.choice(sorted(given))]
        return given

    def literal(self, name: str, type_: Any, value: Any, *, constant: bool = False) -> str:
        """A value as a document says it; parts of it are variables, if it needn't be constant."""
        if not constant and not isinstance(value, dict | list) and self.likely(0.15):
            return self.variable(name, str(type_), type_)
        type_ = get_nullable_type(type_)
        if value is None:
            return "null"
        if isinstance(value, list) and isinstance(type_, GraphQLList):
            return f"[{', '.join(self.literal(name, type_.of_type, item, constant=constant) for item in value)}]"
        if isinstance(type_, GraphQLList):
            return self.literal(name, type_.of_type, value, constant=True)
        if isinstance(type_, GraphQLEnumType):
            return str(value)
        if isinstance(type_, GraphQLInputObjectType):
            fields = (
                f"{key}: {self.literal(key, type_.fields[key].type, item, constant=constant)}"
                for key, item in value.items()
            )
            return f"{{{', '.join(fields)}}}"
        return plain(value)


def plain(value: Any) -> str:
    """JSON, with the keys of objects as GraphQL has them."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {plain(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(plain, value))}]"
    return json.dumps(value)
