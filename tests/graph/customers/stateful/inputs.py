"""What calls say, drawn from alphabets so small that they meet each other all the time."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.graph.customers.stateful.calls import EXTERNAL_IDS, PROVIDER_IDS, PROVIDERS


@dataclass(frozen=True)
class Made:
    """The id of the nth customer of the caller's tenant, or of the other; of those that are archived, if there are."""

    number: int
    elsewhere: bool = False
    archived: bool = False


Drawn = st.SearchStrategy[Any]


def weighed(*weighed: tuple[int, Drawn]) -> Drawn:
    """One of the strategies, as often as its weight says: `one_of` makes no difference between them."""
    return st.sampled_from([strategy for weight, strategy in weighed for _ in range(weight)]).flatmap(lambda it: it)


def absent_or(strategy: Drawn) -> Drawn:
    return weighed((2, st.none()), (1, strategy))


number = st.integers(0, 5)
made = weighed((7, st.builds(Made, number)), (1, st.builds(Made, number, st.just(True))))


external_id = st.sampled_from([*EXTERNAL_IDS[:3] * 3, *EXTERNAL_IDS])
archived = st.builds(Made, number, archived=st.just(True))
mapping = st.fixed_dictionaries({"provider": st.sampled_from(PROVIDERS), "id": st.sampled_from(PROVIDER_IDS)})
by = weighed(
    (2, st.fixed_dictionaries({"externalId": external_id})),
    (4, st.fixed_dictionaries({"id": made})),
    (1, st.fixed_dictionaries({"integration": mapping})),
)
parent = weighed(
    (2, st.fixed_dictionaries({"parentCustomerExternalId": external_id})),
    (2, st.fixed_dictionaries({"parentCustomerId": made})),
    (1, st.fixed_dictionaries({"parentCustomerId": st.none()}, optional={"parentCustomerExternalId": external_id})),
)
TEXTS = ("name", "contact", "addressLine1", "addressLine2", "addressCity", "addressState", "addressPostalCode")
details = {
    **{name: st.sampled_from([None, "", "Ada", " Åda\u2003", "Bo"]) for name in TEXTS},
    "email": st.sampled_from([None, "ada@example.com", " bo@exämple.test "]),
    "addressCountry": st.sampled_from([None, "de", "FR", " xk "]),
    "timezone": st.sampled_from([None, "", "UTC", "Europe/Berlin", "Asia/Tokyo"]),
    "metadata": st.sampled_from([None, {}, {"plan": "pro"}, {"plan": "free", " kept ": " \n"}]),
}
WRONG: list[dict[str, Any]] = [
    {"externalId": ""},
    {"externalId": " a", "email": "nobody", "name": "x" * 256},
    {"addressCountry": "UK", "timezone": "europe/berlin"},
    {"metadata": {"": "v", "plan": 1}},
]
WRONG_RELATIONS: list[dict[str, Any]] = [
    {"parentCustomerId": "x", "parentCustomerExternalId": "a"},
    {"integrationEntityMapping": [{"provider": "STRIPE", "id": ""}, {"provider": "STRIPE", "id": "1"}]},
]


@st.composite
def described(draw: st.DrawFn) -> dict[str, Any]:
    """What createCustomer and upsertCustomer take; one in twenty breaks a rule."""
    names = draw(st.lists(st.sampled_from(sorted(details)), max_size=3, unique=True))
    input: dict[str, Any] = {"externalId": draw(external_id), **{name: draw(details[name]) for name in names}}
    input |= draw(absent_or(parent)) or {}
    links = absent_or(st.one_of(st.none(), st.lists(mapping, max_size=2, unique_by=lambda one: str(one["provider"]))))
    if (given := draw(links)) is not None or draw(st.integers(0, 5)) == 5:
        input["integrationEntityMapping"] = given
    if draw(st.integers(0, 7)) == 7:
        input["skipOnboardingWorkflow"] = draw(st.booleans())
    return {**input, **broken(draw, [*WRONG, *WRONG_RELATIONS])}


def broken(draw: st.DrawFn, wrong: list[dict[str, Any]]) -> dict[str, Any]:
    return dict(draw(st.sampled_from(wrong))) if draw(st.integers(0, 19)) == 19 else {}


@st.composite
def patched(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(details)), max_size=3, unique=True))
    patch: dict[str, Any] = {name: draw(details[name]) for name in names}
    if (name := draw(absent_or(external_id))) is not None:
        patch["externalId"] = name
    if draw(st.integers(0, 3)) == 3:
        patch["metadataPatch"] = draw(st.sampled_from([{"plan": None}, {"plan": "pro", "x": "y"}, {"gone": None}]))
    return {**patch, **broken(draw, WRONG)}
