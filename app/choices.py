"""Closed lists that are too long to print: ISO 3166-1 countries and IANA time zones."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import pycountry
from pydantic_core import PydanticCustomError

# Kosovo's code is user-assigned: in no ISO list, and in every payment provider's.
KOSOVO = "XK"

# Nearness costs the square of the length; nothing longer than this is near to anything.
LONGEST_GUESS = 64


@cache
def countries() -> frozenset[str]:
    return frozenset({country.alpha_2 for country in pycountry.countries} | {KOSOVO})


@cache
def _country_names() -> Mapping[str, str]:
    """Codes by what people write in their place: names, three-letter codes, UK."""
    names = {"uk": "GB", "great britain": "GB", "kosovo": KOSOVO}
    for country in pycountry.countries:
        for name in ("alpha_3", "name", "common_name", "official_name"):
            if hasattr(country, name):
                names[getattr(country, name).casefold()] = country.alpha_2
    return names


def country(text: str) -> str:
    """The assigned alpha-2 code, in upper case."""
    code = text.upper()
    if code in countries():
        return code
    guesses = near(text.casefold(), _country_names()) if len(text) > 2 else []
    nearest = [_country_names()[guess] for guess in guesses]
    if named := _country_names().get(text.casefold()):
        nearest = [named, *nearest]
    nearest += near(code, sorted(countries()))
    raise not_among(nearest, "This must be a two-letter country code of ISO 3166-1.")


@cache
def timezones() -> frozenset[str]:
    """The names of the installed `tzdata`, which is the same on every machine, unlike the system's own."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def _zones_by_habit() -> Mapping[str, str]:
    """Zones by what people write in their place: another case, or the city alone."""
    names = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(timezones(), reverse=True)}
    return names | {zone.casefold(): zone for zone in timezones()}


def timezone(text: str) -> str:
    """An IANA name, exactly as it is spelled there."""
    if text in timezones():
        return text
    habits = _zones_by_habit()
    nearest = [habits[guess] for guess in near(text.casefold().replace(" ", "_"), habits)]
    raise not_among(nearest, "This must be the name of a time zone in the IANA database.")


def near(text: str, choices: Mapping[str, str] | Sequence[str]) -> list[str]:
    """Those of the choices that a text may have meant, the likeliest first."""
    return get_close_matches(text, choices, n=5) if len(text) <= LONGEST_GUESS else []


def not_among(nearest: Sequence[str], message: str) -> PydanticCustomError:
    allowed = list(dict.fromkeys(nearest))[:5]
    suggestion = allowed[0] if allowed else None
    return PydanticCustomError("INVALID_CHOICE", message, {"allowed": allowed, "suggestion": suggestion})
