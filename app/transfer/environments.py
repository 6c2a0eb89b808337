"""Which tenant's environment a command works in."""

from sqlalchemy import Connection, select

from app.errors import Unusable
from app.identity import Actor, Scope
from app.identity.tables import ENVIRONMENTS

MOST_TOLD = 6


def environment_of(connection: Connection, tenant: str | None, environment: str | None, actor_id: str) -> Actor:
    """The actor in the environment that was named; in the only one there is, when none was.

    Never makes one: a slip of the pen would otherwise move everything into a tenant that nobody has.
    """
    every = select(ENVIRONMENTS.c.tenant_id, ENVIRONMENTS.c.id).limit(MOST_TOLD)
    named = every
    if tenant is not None:
        named = named.where(ENVIRONMENTS.c.tenant_id == tenant)
    if environment is not None:
        named = named.where(ENVIRONMENTS.c.id == environment)
    fitting = [(t, e) for t, e in connection.execute(named)]
    if len(fitting) == 1:
        return Actor(*fitting[0], actor_id, frozenset({Scope.READ, Scope.WRITE}))
    if fitting:
        raise Unusable(f"There are several environments, so name one: {_options(fitting)}")
    if others := [(t, e) for t, e in connection.execute(every)]:
        raise Unusable(f"There is no such environment. There is: {_options(others)}")
    raise Unusable("There is no environment yet. To make one: python -m app keys create --tenant … --environment …")


def _options(environments: list[tuple[str, str]]) -> str:
    shown = "; ".join(f"--tenant {t} --environment {e}" for t, e in sorted(environments)[: MOST_TOLD - 1])
    return f"{shown}; …" if len(environments) == MOST_TOLD else shown
