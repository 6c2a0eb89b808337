"""What identifies a tenant's records, and what identifies none."""

from dataclasses import dataclass
from secrets import token_hex

from app import ids
from tests.api import Api

# Texts that are chosen from closed lists identify nothing; and which choice is near differs from word to word.
CHOSEN = {"addressCountry", "timezone", "scopes"}


@dataclass
class Known:
    """Identifiers, by what they are tried as."""

    ids: list[str]
    external_ids: list[str]
    provider_ids: list[str]
    cursors: list[str]
    idempotency_keys: list[str]
    texts: list[str]

    def of(self, place: tuple[str, ...], type_name: str) -> list[str]:
        """Those to be tried at that place in a field's arguments; nothing, where it has none."""
        if not place:
            return [""]
        name = place[-1]
        if CHOSEN & {*place}:
            return []
        if name in ("after", "before"):
            return self.cursors
        if name == "idempotencyKey":
            return self.idempotency_keys
        if type_name == "ID":
            return self.ids
        if name == "id":
            return self.provider_ids
        if "externalId" in place or name.endswith("ExternalId"):
            return self.external_ids
        # What describes a customer is nobody's: a filter may find it, and all else only stores it.
        return self.texts if place[0] == "filter" else self.texts[:1]

    def all(self) -> list[str]:
        lists = (self.ids, self.external_ids, self.provider_ids, self.cursors, self.idempotency_keys, self.texts)
        return [value for listed in lists for value in listed]


async def stored_by(api: Api) -> Known:
    """A parent with a child that a provider knows, an archived customer, and a key."""
    suffix = token_hex(4)
    texts = {"name": f"Name-{suffix}", "email": f"{suffix}@example.com", "addressCity": f"City-{suffix}"}
    parent = await api.created(externalId=f"parent-{suffix}")
    child = await api.created(
        f"key-{suffix}",
        externalId=f"child-{suffix}",
        parentCustomerId=parent["id"],
        integrationEntityMapping=[{"provider": "STRIPE", "id": f"cus_{suffix}"}],
        metadata={"secret": f"Meta-{suffix}"},
        **texts,
    )
    gone = await api.created(externalId=f"gone-{suffix}")
    await api.mutate("archiveCustomer", by={"id": gone["id"]})
    key = await api.mutate("createApiKey")
    seen = await api.execute(
        """query($id: ID!) {
             customers { edges { cursor } }
             customer(by: {id: $id}) { children { edges { cursor } } events { edges { cursor node { id } } } }
           }""",
        {"id": parent["id"]},
    )
    children, events = (seen["customer"][name]["edges"] for name in ("children", "events"))
    return Known(
        ids=[parent["id"], child["id"], gone["id"], key["apiKey"]["id"], events[0]["node"]["id"]],
        external_ids=[f"parent-{suffix}", f"child-{suffix}", f"gone-{suffix}"],
        provider_ids=[f"cus_{suffix}"],
        cursors=[edges[0]["cursor"] for edges in (seen["customers"]["edges"], children, events)],
        idempotency_keys=[f"key-{suffix}"],
        texts=[*texts.values(), f"Meta-{suffix}"],
    )


def made_up(known: Known) -> Known:
    """As many of the same form, of nobody's."""
    suffix = token_hex(4)
    return Known(
        ids=[ids.new(id.partition("_")[0]) for id in known.ids],
        external_ids=[f"{value.partition('-')[0]}-{suffix}" for value in known.external_ids],
        provider_ids=[f"cus_{suffix}"],
        cursors=[cursor[::-1] for cursor in known.cursors],
        idempotency_keys=[f"key-{suffix}"],
        texts=[f"Name-{suffix}", f"{suffix}@example.com", f"City-{suffix}", f"Meta-{suffix}"],
    )
