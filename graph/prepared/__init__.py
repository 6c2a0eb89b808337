"""Operations that are made into functions once, and then only called: variables, arguments, resolvers, selections.

The contract. What a prepared operation answers is what graphql-core would have answered; or it declines, and
graphql-core does the work. Whatever is not expected declines: a null or a type that doesn't belong there, a directive,
an error. Every error is graphql-core's own.

A mutation never runs twice. When its operation is declined after it has run, graphql-core gets what it returned or
raised, and goes on from there. All other fields are resolved anew, with a copy of the context: the specification has
them free of side effects (https://spec.graphql.org/September2025/#sec-Normal-and-Serial-Execution).

`operations` is where to begin. `variables` and `arguments` make what resolvers take; `resolving` calls these, `running`
awaits them; `selections`, `fields` and `completing` make the answer of what they return.
"""

from graph.prepared.operations import Executed, Prepared, Preparing, execute

__all__ = ["Executed", "Prepared", "Preparing", "execute"]
