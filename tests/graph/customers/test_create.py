"""createCustomer, from outside."""

from asyncio import gather
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.identity import Scope
from tests.api import CREATE, Api
from tests.graph.conftest import Tenant

pytestmark = pytest.mark.anyio

EVERYTHING = {
    "externalId": "acme-1",
    "name": "Acme Inc.",
    "email": "billing@acme.example",
    "contact": "+49 30 901820",
    "addressLine1": "Hauptstraße 1",
    "addressLine2": "3. Etage",
    "addressCity": "Berlin",
    "addressState": "BE",
    "addressPostalCode": "10827",
    "addressCountry": "DE",
    "timezone": "Europe/Berlin",
    "metadata": {"plan": "pro", " kept ": " as\tsent\r\n"},
}


async def test_a_customer_is_stored_as_it_was_described_and_reads_back_the_same(api: Api) -> None:
    parent = await api.created(externalId="parent")
    before = datetime.now(UTC)
    links = [{"provider": "STRIPE", "id": "cus_9"}, {"provider": "PAYPAL", "id": " kept "}]

    made = await api.created(**EVERYTHING, parentCustomerId=parent["id"], integrationEntityMapping=links)

    assert {name: made[name] for name in EVERYTHING} == EVERYTHING
    assert made["id"].startswith("cust_")
    assert made["parent"] == {"id": parent["id"], "externalId": "parent"}
    assert made["parentCustomerId"] == parent["id"]
    assert made["integrations"] == sorted(links, key=lambda link: link["provider"])
    assert (made["tenantId"], made["environmentId"]) == (api.tenant, api.environment)
    assert (made["status"], made["version"]) == ("PUBLISHED", 1)
    assert before - timedelta(seconds=1) < datetime.fromisoformat(made["createdAt"]) <= datetime.now(UTC)
    assert made["updatedAt"] == made["createdAt"]
    assert made["createdBy"] == made["updatedBy"] == (await api.execute("{ viewer { id } }"))["viewer"]["id"]
    for by in ({"id": made["id"]}, {"externalId": "acme-1"}, {"integration": links[0]}):
        assert await api.find(**by) == made


async def test_only_the_external_id_is_needed_and_what_is_unset_is_null(api: Api) -> None:
    made = await api.created(
        externalId="bare", name=None, email="", addressCity=" \t\u00a0", timezone="", metadata=None
    )

    unset = [name for name, value in made.items() if value is None]
    assert unset == [
        "name",
        "email",
        "contact",
        "addressLine1",
        "addressLine2",
        "addressCity",
        "addressState",
        "addressPostalCode",
        "addressCountry",
        "parentCustomerId",
        "parent",
    ]
    assert (made["timezone"], made["metadata"], made["integrations"]) == ("UTC", {}, [])


async def test_texts_are_trimmed_and_a_country_is_stored_in_upper_case(api: Api) -> None:
    made = await api.created(externalId="t", name="\u2003Åsa \n", addressCountry=" xk ", email=" ünï@exämple.test ")

    assert (made["name"], made["addressCountry"], made["email"]) == ("Åsa", "XK", "ünï@exämple.test")


@pytest.mark.parametrize(
    ("input", "path", "code", "constraint"),
    [
        ({"externalId": ""}, ["externalId"], "TOO_SHORT", {"minLength": 1, "maxLength": 255, "actualLength": 0}),
        (
            {"externalId": "x" * 256},
            ["externalId"],
            "TOO_LONG",
            {"minLength": 1, "maxLength": 255, "actualLength": 256},
        ),
        ({"externalId": " x"}, ["externalId"], "INVALID_FORMAT", {"format": "EXTERNAL_ID"}),
        ({"externalId": "x\u3000"}, ["externalId"], "INVALID_FORMAT", {"format": "EXTERNAL_ID"}),
        ({"externalId": "a\x00b"}, ["externalId"], "INVALID_FORMAT", {"format": "EXTERNAL_ID"}),
        ({"name": " " + "😀" * 256}, ["name"], "TOO_LONG", {"minLength": None, "maxLength": 255, "actualLength": 256}),
        ({"name": "a\nb"}, ["name"], "INVALID_FORMAT", {"format": "TEXT"}),
        ({"name": "a\x1f"}, ["name"], "INVALID_FORMAT", {"format": "TEXT"}),
        ({"name": "\ud800"}, ["name"], "INVALID_FORMAT", {"format": "TEXT"}),
        ({"email": "John <a@b.com>"}, ["email"], "INVALID_FORMAT", {"format": "EMAIL"}),
        ({"email": "a@b\x00.com"}, ["email"], "INVALID_FORMAT", {"format": "TEXT"}),
        (
            {"email": "a" * 250 + "@b.com"},
            ["email"],
            "TOO_LONG",
            {"minLength": None, "maxLength": 254, "actualLength": 256},
        ),
        ({"contact": "1" * 21}, ["contact"], "TOO_LONG", {"minLength": None, "maxLength": 20, "actualLength": 21}),
        ({"addressCountry": "UK"}, ["addressCountry"], "INVALID_CHOICE", {"suggestion": "GB"}),
        ({"addressCountry": "germany"}, ["addressCountry"], "INVALID_CHOICE", {"suggestion": "DE"}),
        ({"timezone": "europe/berlin"}, ["timezone"], "INVALID_CHOICE", {"suggestion": "Europe/Berlin"}),
        ({"timezone": "New York"}, ["timezone"], "INVALID_CHOICE", {"suggestion": "America/New_York"}),
        ({"timezone": "Mars/" + "x" * 9999}, ["timezone"], "INVALID_CHOICE", {"suggestion": None, "allowed": []}),
        ({"metadata": ["a"]}, ["metadata"], "INVALID_TYPE", None),
        ({"metadata": "a"}, ["metadata"], "INVALID_TYPE", None),
        ({"metadata": {"camel_case": 1}}, ["metadata", "camel_case"], "INVALID_TYPE", None),
        ({"metadata": {"k": None}}, ["metadata", "k"], "INVALID_TYPE", None),
        ({"metadata": {"": "v"}}, ["metadata", ""], "TOO_SHORT", {"minLength": 1, "maxLength": 40, "actualLength": 0}),
        ({"metadata": {"k" * 41: "v"}}, ["metadata", "k" * 41], "TOO_LONG", {"maxLength": 40, "actualLength": 41}),
        ({"metadata": {"k": "v" * 501}}, ["metadata", "k"], "TOO_LONG", {"maxLength": 500, "actualLength": 501}),
        ({"metadata": {"k": "\x0b"}}, ["metadata", "k"], "INVALID_FORMAT", {"format": "TEXT"}),
        ({"metadata": {"\udcff": "v"}}, ["metadata", "\ufffd\ufffd\ufffd"], "INVALID_FORMAT", {"format": "TEXT"}),
        (
            {"metadata": {str(n): "" for n in range(51)}},
            ["metadata"],
            "TOO_MANY",
            {"minItems": None, "maxItems": 50, "actualItems": 51},
        ),
        ({"parentCustomerId": "\x00"}, ["parentCustomerId"], "INVALID_FORMAT", {"format": "TEXT"}),
        (
            {"parentCustomerId": "a", "parentCustomerExternalId": "b"},
            ["parentCustomerExternalId"],
            "MUTUALLY_EXCLUSIVE",
            {"conflictsWith": [["input", "parentCustomerId"]]},
        ),
        (
            {"integrationEntityMapping": [{"provider": "STRIPE", "id": ""}]},
            ["integrationEntityMapping", "0", "id"],
            "TOO_SHORT",
            {"minLength": 1, "maxLength": 255, "actualLength": 0},
        ),
        (
            {"integrationEntityMapping": [{"provider": "STRIPE", "id": id} for id in "ab"]},
            ["integrationEntityMapping", "1"],
            "DUPLICATE",
            None,
        ),
        # Each would be told as a duplicate, if so many were looked at.
        (
            {"integrationEntityMapping": [{"provider": "STRIPE", "id": "a"}] * 21},
            ["integrationEntityMapping"],
            "TOO_MANY",
            {"minItems": None, "maxItems": 20, "actualItems": 21},
        ),
    ],
)
async def test_each_rule_is_told_with_its_path_and_limits(
    api: Api, input: dict[str, object], path: list[str], code: str, constraint: dict[str, object] | None
) -> None:
    outcome = await api.create(**{"externalId": "x", **input})

    assert (outcome["__typename"], outcome["path"]) == ("ValidationErrors", ["input"])
    [error] = outcome["fieldErrors"]
    assert (error["path"], error["code"]) == (["input", *path], code)
    assert (error["constraint"] is None) == (constraint is None)
    assert (constraint or {}).items() <= (error["constraint"] or {}).items()
    assert await api.find(externalId="x") is None


async def test_the_largest_of_everything_is_taken(api: Api) -> None:
    wide = "😀"
    made = await api.created(
        externalId=wide * 255,
        name=wide * 255,
        contact=wide * 20,
        addressCity=wide * 100,
        metadata={f"{n:02}{wide * 38}": wide * 500 for n in range(50)},
        integrationEntityMapping=[{"provider": "RAZORPAY", "id": wide * 255}],
    )

    assert await api.find(externalId=wide * 255) == made


async def test_every_wrong_field_is_told_at_once_in_the_order_of_the_input(api: Api) -> None:
    outcome = await api.create(
        "ключ",
        integrationEntityMapping=[{"provider": "STRIPE", "id": " "}, {"provider": "STRIPE", "id": ""}],
        metadata={"a": 1, "b": [], "c": "fine"},
        addressLine1="x" * 256,
        email="nobody",
        externalId="",
    )

    assert [(error["path"], error["code"]) for error in outcome["fieldErrors"]] == [
        (["input", "externalId"], "TOO_SHORT"),
        (["input", "email"], "INVALID_FORMAT"),
        (["input", "addressLine1"], "TOO_LONG"),
        (["input", "metadata", "a"], "INVALID_TYPE"),
        (["input", "metadata", "b"], "INVALID_TYPE"),
        (["input", "integrationEntityMapping", "1", "id"], "TOO_SHORT"),
        (["input", "integrationEntityMapping", "1"], "DUPLICATE"),
        (["idempotencyKey"], "INVALID_FORMAT"),
    ]


@pytest.mark.parametrize(("key", "code"), [("", "TOO_SHORT"), ("k" * 256, "TOO_LONG"), ("é", "INVALID_FORMAT")])
async def test_a_bad_idempotency_key_is_told(api: Api, key: str, code: str) -> None:
    [error] = (await api.create(key, externalId="x"))["fieldErrors"]

    assert (error["path"], error["code"]) == (["idempotencyKey"], code)


async def test_metadata_may_stand_in_the_document_itself(api: Api) -> None:
    query = """mutation($v: String!) { createCustomer(input: {externalId: "m", metadata: %s}) {
      ... on CreateCustomerSuccess { customer { metadata } } ... on ValidationErrors { fieldErrors { path code } } }
    }"""

    good = await api.execute(query % '{plan: "pro", from: $v}', {"v": "variable"})
    bad = await api.execute(query % "{plan: 1, list: [$v], null: null, enum: PRO}", {"v": ""})
    worse = await api.execute(query % "[$v]", {"v": ""})

    assert good["createCustomer"]["customer"]["metadata"] == {"plan": "pro", "from": "variable"}
    assert [error["path"][2:] for error in bad["createCustomer"]["fieldErrors"]] == [
        ["plan"],
        ["list"],
        ["null"],
        ["enum"],
    ]
    assert worse["createCustomer"]["fieldErrors"] == [{"path": ["input", "metadata"], "code": "INVALID_TYPE"}]


async def test_a_taken_external_id_shows_whose_it_is(api: Api, other: Api) -> None:
    first = await api.created(externalId="acme")

    outcome = await api.create(externalId="acme", name="Another")

    assert (outcome["__typename"], outcome["code"]) == ("ExternalIdTaken", "EXTERNAL_ID_TAKEN")
    assert outcome["path"] == ["input", "externalId"]
    assert outcome["existing"] == {"id": first["id"], "externalId": "acme"}
    assert (await other.created(externalId="acme"))["id"] != first["id"]


async def test_a_conflict_shows_nothing_to_who_may_not_read(api: Api) -> None:
    link = [{"provider": "STRIPE", "id": "cus_1"}]
    await api.created(externalId="acme", integrationEntityMapping=link)
    writer = await api.acting(Scope.WRITE)

    external_id = await writer.create(externalId="acme")
    integration = await writer.create(externalId="other", integrationEntityMapping=link)

    assert (external_id["__typename"], external_id["existing"]) == ("ExternalIdTaken", None)
    assert (integration["__typename"], integration["existing"]) == ("IntegrationTaken", None)


async def test_a_providers_id_belongs_to_one_customer_and_a_refused_create_leaves_nothing(api: Api, other: Api) -> None:
    razorpay, stripe = {"provider": "RAZORPAY", "id": "r"}, {"provider": "STRIPE", "id": "s"}
    holder = await api.created(externalId="holder", integrationEntityMapping=[stripe])

    outcome = await api.create("key", externalId="late", integrationEntityMapping=[razorpay, stripe])

    assert (outcome["__typename"], outcome["code"]) == ("IntegrationTaken", "INTEGRATION_TAKEN")
    assert outcome["path"] == ["input", "integrationEntityMapping", "1"]
    assert (outcome["provider"], outcome["id"]) == ("STRIPE", "s")
    assert outcome["existing"] == {"id": holder["id"], "externalId": "holder"}
    assert await api.find(externalId="late") is None
    assert await api.find(integration=razorpay) is None
    assert not (await api.create("key", externalId="late", integrationEntityMapping=[razorpay]))["replayed"]
    await other.created(externalId="late", integrationEntityMapping=[stripe])


async def test_a_parent_is_found_by_either_id_in_the_own_tenant_only(api: Api, other: Api) -> None:
    parent = await api.created(externalId="parent")
    foreign = await other.created(externalId="foreign")

    child = await api.created(externalId="child", parentCustomerExternalId=" parent ")
    missing = [
        (await api.create(externalId="x", **by), path)
        for by, path in (
            ({"parentCustomerId": foreign["id"]}, "parentCustomerId"),
            ({"parentCustomerId": "nonsense"}, "parentCustomerId"),
            ({"parentCustomerExternalId": "foreign"}, "parentCustomerExternalId"),
        )
    ]

    assert child["parent"]["id"] == parent["id"]
    for outcome, path in missing:
        assert (outcome["__typename"], outcome["code"]) == ("ParentNotFound", "PARENT_NOT_FOUND")
        assert outcome["path"] == ["input", path]


async def test_a_tenth_level_is_the_last(api: Api) -> None:
    above = await api.created(externalId="level-1")
    for level in range(2, 11):
        above = await api.created(externalId=f"level-{level}", parentCustomerId=above["id"])

    outcome = await api.create(externalId="level-11", parentCustomerId=above["id"])

    assert (outcome["__typename"], outcome["code"]) == ("HierarchyConflict", "HIERARCHY_TOO_DEEP")
    assert outcome["path"] == ["input", "parentCustomerId"]


async def test_forty_racing_creates_make_one_customer(api: Api) -> None:
    outcomes = await gather(*(api.create(externalId="acme") for _ in range(40)))

    [made] = [o for o in outcomes if o["__typename"] == "CreateCustomerSuccess"]
    lost = [o for o in outcomes if o["__typename"] == "ExternalIdTaken"]
    assert len(lost) == 39
    assert {o["existing"]["id"] for o in lost} == {made["customer"]["id"]}


async def test_forty_racing_creates_share_no_providers_id(api: Api) -> None:
    link = [{"provider": "STRIPE", "id": "cus_1"}]
    outcomes = await gather(*(api.create(externalId=f"c{n}", integrationEntityMapping=link) for n in range(40)))

    [made] = [o for o in outcomes if o["__typename"] == "CreateCustomerSuccess"]
    assert Counter(o["__typename"] for o in outcomes)["IntegrationTaken"] == 39
    assert (await api.find(integration=link[0]))["id"] == made["customer"]["id"]


async def test_fifteen_concurrent_calls_with_one_key_make_one_customer(api: Api) -> None:
    outcomes = await gather(*(api.create("key", externalId="acme", name="Acme") for _ in range(15)))

    assert Counter(o["replayed"] for o in outcomes) == {False: 1, True: 14}
    assert len({o["customer"]["id"] for o in outcomes}) == 1


async def test_a_replay_means_the_same_input_however_it_is_written(api: Api) -> None:
    made = await api.create("key", externalId="acme", name="Acme", metadata={"a": "1", "b": "2"})

    same = await api.create(
        "key", externalId="acme", name=" Acme ", email=None, metadata={"b": "2", "a": "1"}, timezone="UTC"
    )
    others = await gather(
        api.create("key", externalId="acme"),
        api.create("key", externalId="acme", name="acme", metadata={"a": "1", "b": "2"}),
    )

    assert same["replayed"]
    assert same["customer"] == made["customer"]
    for outcome in others:
        assert (outcome["__typename"], outcome["code"]) == ("IdempotencyConflict", "IDEMPOTENCY_KEY_REUSED")
        assert outcome["path"] == ["idempotencyKey"]


async def test_a_key_is_its_environments_own(api: Api, other: Api) -> None:
    await api.created("key", externalId="acme")

    assert not (await other.create("key", externalId="acme"))["replayed"]


async def test_the_first_failure_that_applies_is_the_one_that_is_told(api: Api) -> None:
    link = [{"provider": "STRIPE", "id": "s"}]
    await api.created("used", externalId="acme", integrationEntityMapping=link)
    wrong = {"externalId": "acme", "parentCustomerId": "nobody", "integrationEntityMapping": link}

    told = [
        (await api.create("used", **wrong, email="nobody"))["__typename"],
        (await api.create("used", **wrong))["__typename"],
        (await api.create(**wrong))["__typename"],
        (await api.create(**{**wrong, "parentCustomerId": None}))["__typename"],
        (await api.create(**{**wrong, "parentCustomerId": None, "externalId": "new"}))["__typename"],
    ]

    assert told == ["ValidationErrors", "IdempotencyConflict", "ParentNotFound", "ExternalIdTaken", "IntegrationTaken"]


async def test_scope_comes_before_validation(api: Api) -> None:
    reader = await api.acting(Scope.READ)

    error = await reader.refused(CREATE, {"input": {"externalId": ""}})

    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["path"] == ["createCustomer"]


async def test_one_failing_field_leaves_anothers_committed_result(api: Api) -> None:
    answer = await api.execute(
        """mutation {
          first: createCustomer(input: {externalId: "one"}) { __typename }
          again: createCustomer(input: {externalId: "one"}) { __typename }
          second: createCustomer(input: {externalId: "two"}) { __typename }
        }"""
    )

    assert {name: outcome["__typename"] for name, outcome in answer.items()} == {
        "first": "CreateCustomerSuccess",
        "again": "ExternalIdTaken",
        "second": "CreateCustomerSuccess",
    }


async def test_what_an_index_of_the_operators_own_refuses_is_a_bug_and_holds_nobody_up(
    tenant: Tenant, own_database: str
) -> None:
    api = await tenant(database_url=own_database)
    async with api.database.direct.begin() as connection:
        await connection.exec_driver_sql("CREATE UNIQUE INDEX their_own ON customers (tenant_id, email)")
    await api.created(externalId="first", email="ada@acme.example")
    input = {"externalId": "second", "email": "ada@acme.example"}

    error = await api.refused(CREATE, {"input": input})

    assert error["extensions"]["code"] == "INTERNAL"
    await api.created(externalId="third", email="grace@acme.example")
