"""The registry of customers: what can be asked of it, and what can be done to it."""

from app.customers.archiving import archive, restore
from app.customers.bulk import CreatedMany, OnError, create_many
from app.customers.changing import Changed
from app.customers.creation import Creation, create
from app.customers.drafts import Created
from app.customers.erasing import Erased, Receipt, erase
from app.customers.linking import link, unlink
from app.customers.lookup import By, ByExternalId, ById, ByIntegration, by_ids, find, integrations_of
from app.customers.models import CustomerStatus, IntegrationProvider, NewCustomer
from app.customers.moving import move
from app.customers.tables import Customer, StoredMapping
from app.customers.updating import update
from app.customers.upserting import Upserted, UpsertOutcome, upsert

__all__ = [
    "By",
    "ByExternalId",
    "ById",
    "ByIntegration",
    "Changed",
    "Created",
    "CreatedMany",
    "Creation",
    "Customer",
    "CustomerStatus",
    "Erased",
    "IntegrationProvider",
    "NewCustomer",
    "OnError",
    "Receipt",
    "StoredMapping",
    "UpsertOutcome",
    "Upserted",
    "archive",
    "by_ids",
    "create",
    "create_many",
    "erase",
    "find",
    "integrations_of",
    "link",
    "move",
    "restore",
    "unlink",
    "update",
    "upsert",
]
