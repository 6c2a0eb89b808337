"""Closed lists that are too long to print: ISO 3166-1 countries and IANA time zones."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from heapq import nlargest
from importlib.resources import files
from itertools import pairwise

import pycountry
from pydantic_core import PydanticCustomError

# Kosovo's code is user-assigned: in no ISO list, and in every payment provider's.
KOSOVO = "XK"

# Nearness costs the square of the length, for each name that is looked at; nothing longer is near to anything.
LONGEST_GUESS = 64
LOOKED_AT = 15


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


@cache
def _names_of_countries() -> "Names":
    return Names(_country_names())


@cache
def _codes_of_countries() -> "Names":
    return Names(sorted(countries()))


def country(text: str) -> str:
    """The assigned alpha-2 code, in upper case."""
    code = text.upper()
    if code in countries():
        return code
    guesses = _names_of_countries().near(text.casefold()) if len(text) > 2 else []
    nearest = [_country_names()[guess] for guess in guesses]
    if named := _country_names().get(text.casefold()):
        nearest = [named, *nearest]
    nearest += _codes_of_countries().near(code)
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


@cache
def _names_of_zones() -> "Names":
    return Names(_zones_by_habit())


def timezone(text: str) -> str:
    """An IANA name, exactly as it is spelled there."""
    if text in timezones():
        return text
    habits = _zones_by_habit()
    nearest = [habits[guess] for guess in _names_of_zones().near(text.casefold().replace(" ", "_"))]
    raise not_among(nearest, "This must be the name of a time zone in the IANA database.")


def near(text: str, choices: Iterable[str]) -> Sequence[str]:
    """Those of a few choices that a text may have meant, the likeliest first."""
    return get_close_matches(text, list(choices), n=5) if len(text) <= LONGEST_GUESS else []


class Names:
    """Many choices, by the pairs of letters in them: those that share few with a text are not worth a closer look."""

    def __init__(self, names: Collection[str]) -> None:
        self._sizes = {name: len(_pairs(name)) for name in names}
        self._with: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            for pair in _pairs(name):
                self._with[pair].append(name)
        # Whoever sends a wrong name in one row sends it in the next.
        self._known = lru_cache(maxsize=1024)(self._look)

    def near(self, text: str) -> Sequence[str]:
        return self._known(text) if len(text) <= LONGEST_GUESS else []

    def _look(self, text: str) -> Sequence[str]:
        pairs = _pairs(text)
        shared = Counter(name for pair in pairs for name in self._with.get(pair, ()))
        few = nlargest(LOOKED_AT, shared, key=lambda name: shared[name] / (len(pairs) + self._sizes[name]))
        return near(text, few)


def _pairs(text: str) -> set[str]:
    return {first + second for first, second in pairwise(f" {text} ")}


def not_among(nearest: Sequence[str], message: str) -> PydanticCustomError:
    allowed = list(dict.fromkeys(nearest))[:5]
    suggestion = allowed[0] if allowed else None
    return PydanticCustomError("INVALID_CHOICE", message, {"allowed": allowed, "suggestion": suggestion})
