"""Changing customers, from outside: patches, versions, conflicts, replays."""

from asyncio import gather
from collections import Counter

import pytest

from app.identity import Scope
from tests.api import Api

pytestmark = pytest.mark.anyio

ACME = {"externalId": "acme"}


async def test_a_patch_keeps_what_is_absent_clears_what_is_null_and_sets_the_rest(api: Api) -> None:
    made = await api.created(**ACME, name="Acme", email="a@acme.test", timezone="Europe/Berlin", metadata={"a": "1"})

    patch = {"name": " New ", "email": None, "timezone": None}
    changed = (await api.mutate("updateCustomer", by=ACME, patch=patch))["customer"]

    assert changed == {
        **made,
        "name": "New",
        "email": None,
        "timezone": "UTC",
        "version": 2,
        "updatedAt": changed["updatedAt"],
    }
    assert changed["updatedAt"] > made["updatedAt"]
    assert await api.find(**ACME) == changed


async def test_a_patch_that_changes_nothing_keeps_the_version(api: Api) -> None:
    made = await api.created(**ACME, name="Acme", metadata={"a": "1"})

    for patch in ({}, {"name": "Acme "}, {"metadata": {"a": "1"}}, {"metadataPatch": {"b": None}}, {"email": ""}):
        outcome = await api.mutate("updateCustomer", by=ACME, patch=patch)

        assert (outcome["__typename"], outcome["customer"]) == ("UpdateCustomerSuccess", made)


async def test_metadata_is_replaced_or_merged_but_not_both(api: Api) -> None:
    await api.created(**ACME, metadata={"a": "1", "b": "2"})

    async def patched(**patch: object) -> object:
        outcome = await api.mutate("updateCustomer", by=ACME, patch=patch)
        return outcome["customer"]["metadata"]

    assert await patched(metadataPatch={"a": None, "c": "3"}) == {"b": "2", "c": "3"}
    assert await patched(metadata={"d": "4"}) == {"d": "4"}
    assert await patched(metadata=None) == {}
    both = await api.mutate("updateCustomer", by=ACME, patch={"metadata": {}, "metadataPatch": {"a": "1"}})
    [error] = both["fieldErrors"]
    assert (error["path"], error["code"]) == (["patch", "metadataPatch"], "MUTUALLY_EXCLUSIVE")
    assert error["constraint"]["conflictsWith"] == [["patch", "metadata"]]


async def test_merging_can_not_exceed_what_metadata_may_hold(api: Api) -> None:
    await api.created(**ACME, metadata={f"k{n}": "" for n in range(50)})

    full = await api.mutate("updateCustomer", by=ACME, patch={"metadataPatch": {"k0": None, "new": "x"}})
    over = await api.mutate("updateCustomer", by=ACME, patch={"metadataPatch": {"k0": "x"}})

    assert full["__typename"] == "UpdateCustomerSuccess"
    [error] = over["fieldErrors"]
    assert (error["path"], error["code"]) == (["patch", "metadataPatch"], "TOO_MANY")
    assert error["constraint"]["actualItems"] == 51


async def test_an_external_id_can_be_changed_and_not_cleared(api: Api) -> None:
    made = await api.created(**ACME)

    renamed = await api.mutate("updateCustomer", by=ACME, patch={"externalId": "umbrella"})
    cleared = await api.mutate("updateCustomer", by={"id": made["id"]}, patch={"externalId": None})

    assert (renamed["customer"]["id"], renamed["customer"]["externalId"]) == (made["id"], "umbrella")
    assert await api.find(**ACME) is None
    assert [(e["path"], e["code"]) for e in cleared["fieldErrors"]] == [(["patch", "externalId"], "TOO_SHORT")]
    await api.created(**ACME)


async def test_a_conflict_carries_the_current_record(api: Api) -> None:
    await api.created(**ACME)
    current = (await api.mutate("updateCustomer", by=ACME, patch={"name": "Now"}, expectedVersion=1))["customer"]

    outcome = await api.mutate("updateCustomer", by=ACME, patch={"name": "Late"}, expectedVersion=1)
    writer = await api.acting(Scope.WRITE)
    unseen = await writer.mutate("updateCustomer", by=ACME, patch={"name": "Late"}, expectedVersion=1)

    assert (outcome["__typename"], outcome["path"]) == ("VersionConflict", ["expectedVersion"])
    assert (outcome["expectedVersion"], outcome["current"]) == (1, current)
    assert unseen["current"] is None


async def test_of_twenty_updates_of_one_version_one_wins_and_the_others_see_it(api: Api) -> None:
    await api.created(**ACME)

    outcomes = await gather(
        *(api.mutate("updateCustomer", by=ACME, patch={"name": f"n{n}"}, expectedVersion=1) for n in range(20))
    )

    [won] = [o for o in outcomes if o["__typename"] == "UpdateCustomerSuccess"]
    lost = [o for o in outcomes if o["__typename"] == "VersionConflict"]
    assert len(lost) == 19
    assert all(o["current"] == won["customer"] for o in lost)


async def test_a_replayed_change_has_no_second_effect_and_shows_the_customer_as_it_is(api: Api) -> None:
    await api.created(**ACME)
    first = await api.mutate("updateCustomer", by=ACME, patch={"name": "A"}, idempotencyKey="key")
    later = await api.mutate("updateCustomer", by=ACME, patch={"name": "B"})

    again = await api.mutate("updateCustomer", by=ACME, patch={"name": "A"}, idempotencyKey="key")
    other = await api.mutate("updateCustomer", by=ACME, patch={"name": None}, idempotencyKey="key")

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["customer"] == later["customer"]
    assert other["__typename"] == "IdempotencyConflict"


async def test_only_successes_are_kept_under_a_key(api: Api) -> None:
    missing = await api.mutate("archiveCustomer", by=ACME, idempotencyKey="key")
    await api.created(**ACME)
    found = await api.mutate("archiveCustomer", by=ACME, idempotencyKey="key")

    assert (missing["__typename"], found["__typename"]) == ("CustomerNotFound", "ArchiveCustomerSuccess")
    assert not found["replayed"]


async def test_racing_renames_to_one_external_id_have_one_winner(api: Api) -> None:
    for n in range(10):
        await api.created(externalId=f"c{n}")

    outcomes = await gather(
        *(api.mutate("updateCustomer", by={"externalId": f"c{n}"}, patch={"externalId": "wanted"}) for n in range(10))
    )

    [won] = [o for o in outcomes if o["__typename"] == "UpdateCustomerSuccess"]
    assert Counter(o["__typename"] for o in outcomes)["ExternalIdTaken"] == 9
    assert {o["existing"]["id"] for o in outcomes if o is not won} == {won["customer"]["id"]}


async def test_an_archived_customer_gives_up_its_external_id_and_takes_it_back_when_it_is_free(api: Api) -> None:
    old = await api.created(**ACME)
    child = await api.created(externalId="child", parentCustomerId=old["id"])
    archived = (await api.mutate("archiveCustomer", by=ACME))["customer"]
    new = await api.created(**ACME)

    taken = await api.mutate("restoreCustomer", by={"id": old["id"]})
    await api.mutate("archiveCustomer", by=ACME)
    restored = await api.mutate("restoreCustomer", by={"id": old["id"]})

    assert (archived["status"], archived["version"]) == ("ARCHIVED", 2)
    assert (taken["__typename"], taken["existing"]["id"]) == ("ExternalIdTaken", new["id"])
    assert (restored["customer"]["status"], restored["customer"]["version"]) == ("PUBLISHED", 3)
    assert (await api.find(externalId="child"))["parent"]["id"] == old["id"]
    assert (await api.find(id=child["id"]))["parentCustomerId"] == old["id"]


async def test_by_its_external_id_the_customer_that_was_archived_last_is_restored(api: Api) -> None:
    made = []
    for _ in range(3):
        made.append(await api.created(**ACME))
        await api.mutate("archiveCustomer", by=ACME)

    restored = await api.mutate("restoreCustomer", by=ACME)

    assert restored["customer"]["id"] == made[-1]["id"]


async def test_nothing_can_be_put_under_an_archived_customer(api: Api) -> None:
    parent = await api.created(externalId="parent")
    await api.created(**ACME)
    await api.mutate("archiveCustomer", by={"id": parent["id"]})

    made = await api.create(externalId="x", parentCustomerId=parent["id"])
    moved = await api.mutate("setCustomerParent", by=ACME, parentCustomerId=parent["id"])
    gone = await api.create(externalId="x", parentCustomerExternalId="parent")

    assert [(o["__typename"], o["code"]) for o in (made, moved)] == [("HierarchyConflict", "PARENT_ARCHIVED")] * 2
    assert moved["path"] == ["parentCustomerId"]
    assert gone["__typename"] == "ParentNotFound"


async def test_an_erased_customer_is_no_parent_for_anybody(api: Api) -> None:
    parent = await api.created(externalId="parent")
    await api.created(**ACME)
    admin = await api.acting(*Scope)
    await admin.mutate("eraseCustomer", by={"id": parent["id"]}, confirmExternalId="parent")

    made = await api.create(externalId="x", parentCustomerId=parent["id"])
    moved = await api.mutate("setCustomerParent", by=ACME, parentCustomerId=parent["id"])
    brought = await api.mutate("upsertCustomer", input={**ACME, "parentCustomerId": parent["id"]})

    assert [outcome["__typename"] for outcome in (made, moved, brought)] == ["ParentNotFound"] * 3


@pytest.mark.parametrize("end", ["archiveCustomer", "eraseCustomer"])
async def test_who_stands_above_a_customer_may_stay_whatever_became_of_them(api: Api, end: str) -> None:
    parent = await api.created(externalId="parent")
    made = await api.created(**ACME, parentCustomerId=parent["id"])
    whole = {**ACME, "name": "Acme", "parentCustomerId": parent["id"]}
    confirmed = {"confirmExternalId": "parent"} if end == "eraseCustomer" else {}
    await (await api.acting(*Scope)).mutate(end, by={"id": parent["id"]}, **confirmed)

    stays = await api.mutate("setCustomerParent", by=ACME, parentCustomerId=parent["id"])
    named = await api.mutate("upsertCustomer", input=whole)
    again = await api.mutate("upsertCustomer", input=whole)

    assert (stays["__typename"], stays["customer"]["version"]) == ("SetCustomerParentSuccess", made["version"])
    assert (named["outcome"], again["outcome"]) == ("UPDATED", "UNCHANGED")
    assert named["customer"]["parentCustomerId"] == parent["id"]


async def test_a_customer_is_linked_once_to_a_provider_and_never_silently_to_another_id(api: Api) -> None:
    made = await api.created(**ACME)
    stripe, other = {"provider": "STRIPE", "id": "cus_1"}, {"provider": "STRIPE", "id": "cus_2"}

    linked = await api.mutate("linkIntegration", by=ACME, mapping=stripe)
    again = await api.mutate("linkIntegration", by=ACME, mapping=stripe)
    second = await api.mutate("linkIntegration", by=ACME, mapping=other)
    unlinked = await api.mutate("unlinkIntegration", by={"integration": stripe}, provider="STRIPE")
    nothing = await api.mutate("unlinkIntegration", by=ACME, provider="STRIPE")

    assert (linked["customer"]["integrations"], linked["customer"]["version"]) == ([stripe], 2)
    assert again["customer"] == linked["customer"]
    assert (second["__typename"], second["id"], second["existing"]["id"]) == ("IntegrationTaken", "cus_1", made["id"])
    assert second["path"] == ["mapping"]
    assert (unlinked["customer"]["integrations"], unlinked["customer"]["version"]) == ([], 3)
    assert nothing["customer"] == unlinked["customer"]


async def test_another_tenants_customer_can_not_be_changed(api: Api, other: Api) -> None:
    theirs = await other.created(**ACME)

    for name, arguments in (
        ("updateCustomer", {"patch": {"name": "x"}}),
        ("archiveCustomer", {}),
        ("setCustomerParent", {}),
        ("unlinkIntegration", {"provider": "STRIPE"}),
    ):
        outcome = await api.mutate(name, by={"id": theirs["id"]}, **arguments)
        assert outcome["__typename"] == "CustomerNotFound"
    assert await other.find(**ACME) == theirs
