"""An issuer, and applications that trust it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import Api
from tests.graph.conftest import Tenant
from tests.graph.identity.issuer import AUDIENCE, NAME, Issuer, issuing


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
async def trusting(tenant: Tenant, issuer: Issuer) -> Tenant:
    """Makes a tenant of an application that trusts the issuer, and fetches its keys as often as need be."""

    async def made(**settings: Any) -> Api:
        usual = {"token_issuer": NAME, "token_audience": AUDIENCE, "token_keys": issuer.url, "token_keys_pause": 0}
        return await tenant(**{**usual, "failures_per_address": "", **settings})

    return made
