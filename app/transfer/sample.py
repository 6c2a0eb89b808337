"""Customers who do not exist: companies and people of many countries, the same ones for the same seed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from app.customers.models import IntegrationProvider
from app.errors import Unusable

# How many names, streets and cities of each country there are to draw from.
POOL = 400

# Locale, country, the zones of its people, and how its telephone numbers begin.
PLACES = (
    ("en", "US", ("America/New_York", "America/Chicago", "America/Los_Angeles"), "+1"),
    ("en-gb", "GB", ("Europe/London",), "+44"),
    ("de", "DE", ("Europe/Berlin",), "+49"),
    ("fr", "FR", ("Europe/Paris",), "+33"),
    ("es", "ES", ("Europe/Madrid",), "+34"),
    ("it", "IT", ("Europe/Rome",), "+39"),
    ("pl", "PL", ("Europe/Warsaw",), "+48"),
    ("tr", "TR", ("Europe/Istanbul",), "+90"),
    ("ru", "KZ", ("Asia/Almaty",), "+7"),
    ("el", "GR", ("Europe/Athens",), "+30"),
    ("ja", "JP", ("Asia/Tokyo",), "+81"),
    ("ko", "KR", ("Asia/Seoul",), "+82"),
    ("zh", "CN", ("Asia/Shanghai",), "+86"),
    ("fa", "IR", ("Asia/Tehran",), "+98"),
    ("pt-br", "BR", ("America/Sao_Paulo",), "+55"),
)
PLANS = ("free", "starter", "pro", "enterprise")
SOURCES = ("website", "referral", "trade fair", "partner")
# A customer in five is a company; some of those belong to a larger one, and people to either.
COMPANIES, OWNED = 0.2, 0.4
# Those of whom a later one may be a part.
RECENT = 200


@dataclass(frozen=True, slots=True)
class Place:
    country: str
    zones: tuple[str, ...]
    prefix: str
    companies: list[str]
    people: list[str]
    streets: list[str]
    cities: list[str]
    states: list[str]
    codes: list[str]


def places(seed: int) -> list[Place]:
    try:
        from mimesis import Generic
        from mimesis.locales import Locale
    except ImportError:
        raise Unusable("Demo data needs a library: pip install 'billfolk[demo]'") from None
    made = []
    for locale, country, zones, prefix in PLACES:
        of = Generic(locale=Locale(locale), seed=seed)
        made.append(
            Place(
                country,
                zones,
                prefix,
                companies=_drawn(of.finance.company),
                people=_drawn(of.person.full_name),
                streets=_drawn(of.address.address),
                cities=_drawn(of.address.city),
                states=_drawn(of.address.state),
                codes=_drawn(of.address.postal_code, most=20),
            )
        )
    return made


def _drawn(source: Callable[[], object], most: int = 100) -> list[str]:
    return [_printable(str(source()))[:most] for _ in range(POOL)]


def _printable(text: str) -> str:
    """The text without what no field takes: some of the library's names hold a control character."""
    return "".join(character for character in text if character.isprintable()).strip()


def customers(count: int, seed: int) -> Iterator[Mapping[str, Any]]:
    """Rows of a file for `import`, parents before their children."""
    random, all_places = Random(seed), places(seed)  # noqa: S311 - it is to be foreseen
    above: list[tuple[str, int, Place]] = []
    for number in range(1, count + 1):
        is_company = number == 1 or random.random() < COMPANIES
        owner = random.choice(above) if above and random.random() < OWNED else None
        place = owner[2] if owner else random.choice(all_places)
        id = f"{'org' if is_company else 'usr'}-{seed}-{number:07}"
        yield {"externalId": id, **_described(random, place, id, number, is_company), **_related(random, owner, number)}
        level = owner[1] + 1 if owner else 1
        if is_company and level < 4:
            above.append((id, level, place))
            del above[:-RECENT]


def _described(random: Random, place: Place, id: str, number: int, is_company: bool) -> dict[str, Any]:
    name = random.choice(place.companies if is_company else place.people)
    if is_company:
        name = f"{name} {random.randint(2, 99)}" if random.random() < 0.3 else name
    return {
        "name": name,
        "email": f"{'billing' if is_company else 'hello'}+{number}@{id.split('-')[0]}.example",
        "contact": f"{place.prefix} {random.randint(10**7, 10**9 - 1)}",
        "addressLine1": random.choice(place.streets),
        "addressCity": random.choice(place.cities),
        "addressState": random.choice(place.states),
        "addressPostalCode": random.choice(place.codes),
        "addressCountry": place.country,
        "timezone": random.choice(place.zones),
        "metadata": {
            "plan": random.choice(PLANS),
            "source": random.choice(SOURCES),
            "seats": str(random.randint(1, 500)),
        },
    }


def _related(random: Random, owner: tuple[str, int, Place] | None, number: int) -> dict[str, Any]:
    related: dict[str, Any] = {"parentCustomerExternalId": owner[0]} if owner else {}
    if random.random() < 0.3:
        provider = random.choice(list(IntegrationProvider))
        related["integrationEntityMapping"] = [{"provider": provider.value, "id": f"{provider.lower()}_{number:09}"}]
    return related


def lines(count: int, seed: int) -> Iterator[bytes]:
    """`customers` as JSON lines."""
    return (orjson.dumps(row) + b"\n" for row in customers(count, seed))
