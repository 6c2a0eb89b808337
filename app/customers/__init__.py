"""The registry of customers: what can be asked of it, and what can be done to it."""

from app.customers.creation import Creation, create
from app.customers.insertion import Created
from app.customers.lookup import By, ByExternalId, ById, ByIntegration, by_ids, find, integrations_of
from app.customers.models import CustomerStatus, IntegrationProvider, NewCustomer
from app.customers.tables import Customer, StoredMapping

__all__ = [
    "By",
    "ByExternalId",
    "ById",
    "ByIntegration",
    "Created",
    "Creation",
    "Customer",
    "CustomerStatus",
    "IntegrationProvider",
    "NewCustomer",
    "StoredMapping",
    "by_ids",
    "create",
    "find",
    "integrations_of",
]
