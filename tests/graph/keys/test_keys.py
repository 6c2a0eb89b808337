"""API keys made, listed and revoked through the API."""

from asyncio import gather
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import identity
from app.errors import Refused
from app.identity import Scope, actors_of, digest_of, granting
from tests.api import Api
from tests.graph.keys.scenarios import administrator

pytestmark = pytest.mark.anyio

KEYS = "{ apiKeys { id scopes createdAt createdBy expiresAt revokedAt } }"
VIEWER = "{ viewer { id scopes tenantId environmentId } }"


@pytest.fixture
async def admin(api: Api) -> Api:
    return await administrator(api)


def by(api: Api, secret: str) -> Api:
    """The same tenant, by another key."""
    return Api(api.client, api.database, api.tenant, api.environment, secret)


async def me(api: Api) -> Any:
    return (await api.execute(VIEWER))["viewer"]


async def listed(api: Api, key_id: str) -> Any:
    [key] = [key for key in (await api.execute(KEYS))["apiKeys"] if key["id"] == key_id]
    return key


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def wrong(outcome: Any) -> list[tuple[list[str], str]]:
    assert outcome["__typename"] == "ValidationErrors", outcome
    return [(error["path"], error["code"]) for error in outcome["fieldErrors"]]


async def test_a_made_key_works_at_once_in_its_makers_tenant_and_environment(admin: Api) -> None:
    made = await admin.mutate("createApiKey")

    new, maker = await me(by(admin, made["secret"])), await me(admin)
    assert new == {**maker, "id": made["apiKey"]["id"], "scopes": ["customers:read", "customers:write"]}
    key = await listed(admin, new["id"])
    assert (key["createdBy"], key["scopes"]) == (maker["id"], new["scopes"])
    assert (key["expiresAt"], key["revokedAt"]) == (None, None)


async def test_the_secret_is_shown_once(admin: Api) -> None:
    first = await admin.mutate("createApiKey", scopes=["customers:write", "admin"], idempotencyKey="key")
    again = await admin.mutate("createApiKey", scopes=["admin", "customers:write"], idempotencyKey="key")

    assert first["secret"].startswith("sk_")
    assert not first["replayed"]
    assert again == {**first, "secret": None, "replayed": True}
    stored = await admin.database.read(identity.keys)
    assert first["secret"] not in repr(stored)


async def test_racing_calls_with_one_idempotency_key_make_one_key_and_tell_its_secret_once(admin: Api) -> None:
    outcomes = await gather(*(admin.mutate("createApiKey", idempotencyKey="key") for _ in range(8)))

    assert len({outcome["apiKey"]["id"] for outcome in outcomes}) == 1
    assert len([outcome for outcome in outcomes if outcome["secret"]]) == 1


async def test_a_key_cannot_grant_more_than_it_has(api: Api) -> None:
    admin = await api.acting(Scope.ADMIN, Scope.READ)
    outcome = await admin.mutate("createApiKey", scopes=["admin", "customers:write", "costumers:read"])

    assert wrong(outcome) == [(["scopes", "1"], "INVALID_CHOICE"), (["scopes", "2"], "INVALID_CHOICE")]
    own = ["admin", "customers:read"]
    assert [error["constraint"] for error in outcome["fieldErrors"]] == [
        {"__typename": "ChoiceConstraint", "allowed": own, "suggestion": "customers:read"},
        {"__typename": "ChoiceConstraint", "allowed": own, "suggestion": "customers:read"},
    ]


async def test_left_out_scopes_are_what_the_maker_has_of_read_and_write(api: Api) -> None:
    reader = await api.acting(Scope.ADMIN, Scope.READ)
    made = await reader.mutate("createApiKey")
    assert (await listed(reader, made["apiKey"]["id"]))["scopes"] == ["customers:read"]

    neither = await (await api.acting(Scope.ADMIN)).mutate("createApiKey")
    assert wrong(neither) == [(["scopes"], "INVALID_CHOICE")]


@pytest.mark.parametrize(
    ("scopes", "code"), [([], "INVALID_CHOICE"), (["admin"] * 4, "TOO_MANY"), (["\ud800"], "INVALID_CHOICE")]
)
async def test_scopes_are_some_of_those_that_exist(admin: Api, scopes: list[str], code: str) -> None:
    [(path, told)] = wrong(await admin.mutate("createApiKey", scopes=scopes))

    assert (path[0], told) == ("scopes", code)


async def test_every_wrong_argument_is_told_at_once(admin: Api) -> None:
    past = instant(datetime.now(UTC) - timedelta(seconds=1))
    outcome = await admin.mutate("createApiKey", scopes=["all"], expiresAt=past, idempotencyKey="")

    assert outcome["path"] == []
    assert wrong(outcome) == [
        (["scopes", "0"], "INVALID_CHOICE"),
        (["expiresAt"], "INVALID_CHOICE"),
        (["idempotencyKey"], "TOO_SHORT"),
    ]


async def test_a_key_does_not_outlive_its_maker(api: Api) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    maker = by(api, await api.key(*Scope, expires_at=end))

    earlier = await maker.mutate("createApiKey", expiresAt=instant(end - timedelta(minutes=1)))
    as_long = await maker.mutate("createApiKey")
    longer = await maker.mutate("createApiKey", expiresAt=instant(end + timedelta(microseconds=1)))

    assert (await listed(maker, earlier["apiKey"]["id"]))["expiresAt"] == instant(end - timedelta(minutes=1))
    assert (await listed(maker, as_long["apiKey"]["id"]))["expiresAt"] == instant(end)
    assert wrong(longer) == [(["expiresAt"], "INVALID_CHOICE")]
    assert longer["fieldErrors"][0]["constraint"]["suggestion"] == instant(end)


async def test_an_expiry_beyond_the_calendar_is_refused(admin: Api) -> None:
    query = 'mutation { createApiKey(expiresAt: "9999-12-31T23:59:59-01:00") { __typename } }'

    assert (await admin.refused(query))["extensions"]["code"] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


async def test_a_revoked_key_ends_at_once_and_keeps_the_time(admin: Api) -> None:
    made = await admin.mutate("createApiKey")
    key_id = made["apiKey"]["id"]

    first = await admin.mutate("revokeApiKey", id=key_id, idempotencyKey="key")
    revoked_at = (await listed(admin, key_id))["revokedAt"]
    again = await admin.mutate("revokeApiKey", id=key_id)
    replay = await admin.mutate("revokeApiKey", id=key_id, idempotencyKey="key")

    assert (await by(admin, made["secret"]).post(VIEWER)).status_code == 401
    assert [outcome["__typename"] for outcome in (first, again, replay)] == ["RevokeApiKeySuccess"] * 3
    assert [outcome["replayed"] for outcome in (first, again, replay)] == [False, False, True]
    assert revoked_at
    assert (await listed(admin, key_id))["revokedAt"] == revoked_at


async def test_a_key_may_end_itself_and_those_it_made_go_on(admin: Api) -> None:
    made = await admin.mutate("createApiKey")

    ended = await admin.mutate("revokeApiKey", id=(await me(admin))["id"])

    assert ended["__typename"] == "RevokeApiKeySuccess"
    assert (await admin.post(VIEWER)).status_code == 401
    assert (await me(by(admin, made["secret"])))["id"] == made["apiKey"]["id"]


async def test_a_key_that_is_revoked_while_it_makes_another_makes_none(admin: Api) -> None:
    [actor] = (await admin.database.read(lambda connection: actors_of(connection, [digest_of(admin.secret)]))).values()
    on_its_way = granting.grant(actor)
    await admin.mutate("revokeApiKey", id=actor.id)

    with pytest.raises(Refused, match="revoked"):
        await admin.database.write(on_its_way)


async def test_keys_of_another_tenant_or_environment_do_not_exist(admin: Api, other: Api) -> None:
    live = Api(admin.client, admin.database, admin.tenant, "live")
    live.secret = await live.key(*Scope)
    own = {key["id"] for key in (await admin.execute(KEYS))["apiKeys"]}

    for elsewhere in (live, other):
        theirs = (await me(elsewhere))["id"]
        assert theirs not in own
        outcome = await admin.mutate("revokeApiKey", id=theirs)
        assert (outcome["__typename"], outcome["code"]) == ("ApiKeyNotFound", "NOT_FOUND")
        assert outcome["path"] == ["id"]
        assert await me(elsewhere)


@pytest.mark.parametrize("key_id", ["", "key_", "key_\x00", "\ud800", "cust_01M820GBEJ0JNFMSS8J2Q70ZWF"])
@pytest.mark.parametrize("idempotency_key", [None, "key"])
async def test_an_id_that_is_none_is_not_found(admin: Api, key_id: str, idempotency_key: str | None) -> None:
    outcome = await admin.mutate("revokeApiKey", id=key_id, idempotencyKey=idempotency_key)

    assert outcome["__typename"] == "ApiKeyNotFound"


@pytest.mark.parametrize(
    "query",
    [
        "{ apiKeys { id } }",
        'mutation { createApiKey(scopes: ["x"], idempotencyKey: "") { __typename } }',
        'mutation { revokeApiKey(id: "x") { __typename } }',
    ],
)
async def test_only_administrators_handle_keys(api: Api, query: str) -> None:
    assert (await api.refused(query))["extensions"]["code"] == "FORBIDDEN"
