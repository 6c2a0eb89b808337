"""Amounts: numbers, or functions of the variables where these decide. What is known already is a number already."""

from collections.abc import Callable, Collection, Iterable, Mapping
from math import ceil
from typing import Any, TypeAlias

# As they were sent, before anything was checked; and the defaults of those that were not.
Variables: TypeAlias = Mapping[str, Any]

# Not whole where an average is meant.
Amount: TypeAlias = float | Callable[[Variables], float]

# Variables and the values of theirs with which @include and @skip let a field through: all of them, or it is left out.
Guard: TypeAlias = frozenset[tuple[str, bool]]


def amount_with(amount: Amount, variables: Variables) -> int:
    """The amount that it comes to."""
    return ceil(_with(amount, variables))


def total(amounts: Iterable[Amount]) -> Amount:
    known, others = _apart(amounts)
    sum_of_known = sum(known)
    if not others:
        return sum_of_known
    return lambda variables: sum_of_known + sum(other(variables) for other in others)


def largest(amounts: Iterable[Amount]) -> Amount:
    known, others = _apart(amounts)
    most = max(known, default=0)
    if not others:
        return most
    return lambda variables: max(most, *(other(variables) for other in others))


def times(size: Amount, amount: Amount) -> Amount:
    if callable(size):
        return lambda variables: size(variables) * _with(amount, variables)
    if callable(amount):
        return lambda variables: size * amount(variables)
    return size * amount


def first_of(sizes: Iterable[Amount], otherwise: float) -> Amount:
    """The first that is not zero."""
    known, others = _apart(sizes)
    given = next(filter(None, known), otherwise)
    if not others:
        return given
    return lambda variables: next(filter(None, (other(variables) for other in others)), given)


def guarded(guards: Collection[Guard], amount: Amount) -> Amount:
    """The amount, where one of the guards lets the field through."""
    if not all(guards):
        return amount

    def if_let_through(variables: Variables) -> float:
        if any(all(variables.get(name) is wanted for name, wanted in guard) for guard in guards):
            return _with(amount, variables)
        return 0

    return if_let_through


def _with(amount: Amount, variables: Variables) -> float:
    return amount(variables) if callable(amount) else amount


def _apart(amounts: Iterable[Amount]) -> tuple[list[float], list[Callable[[Variables], float]]]:
    known: list[float] = []
    others: list[Callable[[Variables], float]] = []
    for amount in amounts:
        if callable(amount):
            others.append(amount)
        else:
            known.append(amount)
    return known, others
