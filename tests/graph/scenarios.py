"""What reaches each member of each mutation's union: registered by the modules of the domains."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.api import Api

Scenario = Callable[[Api], Awaitable[Any]]
SCENARIOS: dict[tuple[str, str], Scenario] = {}


def reaches(mutation: str, member: str) -> Callable[[Scenario], Scenario]:
    """Register what makes a mutation end so. It answers the union's member."""

    def register(scenario: Scenario) -> Scenario:
        SCENARIOS[mutation, member] = scenario
        return scenario

    return register
