"""Customers as files may have them: every field, in every script, empty or as long as can be, in any state."""

import string
from collections.abc import Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from hypothesis import strategies as st

from app import choices, ids
from app.customers.metadata import MOST_KEYS
from app.customers.models import CustomerStatus, Details, IntegrationProvider
from app.texts import WHITE_SPACE, TextRule
from app.transfer.names import camel

Row = dict[str, Any]

PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"])
LINED = st.one_of(PRINTABLE, st.sampled_from("\t\n\r"))
NAMES = """Zoë Ωμέγα Ёлка Հայոց עברית عربي ܣܘܪ देवनागरी বাংলা ਪੰਜਾਬੀ ગુજરાતી தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල ไทย ລາວ བོད မြန်မာ
    ქართული 한글 አማርኛ ᏣᎳᎩ ខ្មែរ ᠮᠣᠩᠭᠣᠯ ひらがな カタカナ 漢字 ꦗꦮ ⵜⵉⴼⵉ 𐌰𐌱𐌲 🏳️‍🌈 ﷺ e\u0301"""
SCRIPTS = NAMES.split()
# What a spreadsheet, a CSV reader or a trimming import might take for something else.
TRICKY = [
    "=1+1",
    "'=x",
    "''+",
    "+49 30",
    "-",
    "@a",
    '"',
    ",",
    ";",
    'a,b"c',
    "null",
    "\u202e",
    "\uff1d",
    "\u2028".join("ab"),
]

LIMITS = {
    name: rule.most
    for name, field in Details.model_fields.items()
    for rule in field.metadata
    if isinstance(rule, TextRule) and rule.most and name not in {"external_id", "email"}
}


def texts(most: int, characters: Any = PRINTABLE) -> Any:
    longest = st.builds(lambda c: c * most, characters)
    chosen = st.sampled_from([text for text in [*SCRIPTS, *TRICKY] if len(text) <= most])
    return st.one_of(st.text(characters, max_size=min(most, 30)), chosen, longest)


def trimmed(most: int) -> Any:
    """Texts that stay what they are: not empty, no space around."""
    return texts(most).filter(lambda text: text and text == text.strip(WHITE_SPACE))


LOCAL = st.one_of(
    st.text(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=30),
    st.sampled_from(["zoë", "Ωμέγα", "用户", "a.b.c", "e" * 200]),
)
DOMAIN = st.sampled_from(["example.com", "bücher.example", "例え.example", "xn--bcher-kva.example", "a-b.c.test"])
EMAILS = st.builds(lambda local, domain: f"{local}@{domain}", LOCAL, DOMAIN)


class MostMetadata(dict[str, str]):
    """As many keys, and as long ones and values, as there may be."""

    def __init__(self) -> None:
        super().__init__({f"{n:02}{'ключ' * 9}kk": ("\t\n\r=" + "я" * 121) * 4 for n in range(MOST_KEYS)})

    def __repr__(self) -> str:
        return "MostMetadata()"


METADATA = st.one_of(
    st.dictionaries(texts(40).filter(bool), texts(500, LINED), max_size=4), st.just({}), st.builds(MostMetadata)
)
LINKS = st.lists(
    st.builds(
        lambda provider, text: {"provider": provider.value, "id": f"{text}{token_hex(8)}"},
        st.sampled_from(IntegrationProvider),
        texts(239),
    ),
    max_size=3,
    unique_by=lambda link: link["provider"],
)
DETAILS = {
    **{camel(name): trimmed(most) for name, most in LIMITS.items()},
    "email": EMAILS,
    "addressCountry": st.sampled_from(sorted(choices.countries())),
    "timezone": st.sampled_from(sorted(choices.timezones())),
    "metadata": METADATA,
    "integrationEntityMapping": LINKS,
}
INSTANTS = st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
)  # noqa: DTZ001, RUF100 - the zone is given beside it
STATE = {
    "status": st.sampled_from(CustomerStatus).map(str),
    "version": st.one_of(st.integers(1, 9), st.just(2**31 - 2)),
    "createdAt": INSTANTS,
    "updatedAt": INSTANTS,
    "createdBy": trimmed(255),
    "updatedBy": trimmed(255),
}


def rows(most: int) -> Any:
    """Files' rows: of new customers, each below one before it; or of such that had ids, and any status, elsewhere."""
    new = st.fixed_dictionaries({"externalId": trimmed(255)}, optional=DETAILS)
    known = st.fixed_dictionaries({"externalId": trimmed(255)}, optional={**DETAILS, **STATE})
    return st.one_of(_related(new, most, by_id=False), _related(known, most, by_id=True))


def _related(row: Any, most: int, *, by_id: bool) -> Any:
    several = st.lists(row, min_size=1, max_size=most, unique_by=lambda one: one["externalId"])
    # Mostly the one before, so that trees grow deep; 0 is nobody.
    above = st.lists(st.one_of(st.just(1), st.just(1), st.integers(0, 5)), min_size=most, max_size=most)
    return st.builds(lambda rows, above: _below(rows, above, by_id=by_id), several, above)


def _below(rows: list[Row], above: list[int], *, by_id: bool) -> list[Row]:
    levels: list[int] = []
    made = [{**row, "id": ids.new(ids.CUSTOMER)} if by_id else dict(row) for row in rows]
    for n, row in enumerate(made):
        parent: Mapping[str, Any] | None = made[n - above[n]] if 0 < above[n] <= n else None
        level = levels[n - above[n]] + 1 if parent else 1
        if parent and level <= 10:
            row |= {"parentCustomerId": parent["id"]} if by_id else {"parentCustomerExternalId": parent["externalId"]}
        levels.append(level if level <= 10 else 1)
    return made
