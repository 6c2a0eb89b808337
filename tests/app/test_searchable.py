"""What is searched stays in step with what is stored, whatever happens to it."""

import pytest
from sqlalchemy import Connection, delete, text

from app.customers.tables import CUSTOMERS
from app.database import Database
from tests.api import Api
from tests.graph.customers.lists.population import store
from tests.graph.customers.lists.reading import listed

pytestmark = pytest.mark.anyio

UPDATE = "mutation($id: ID!, $to: String) { updateCustomer(by: {id: $id}, patch: {name: $to}) { __typename } }"


class Removal:
    """As a creation that failed after its first table does."""

    def __init__(self, id: str) -> None:
        self.id = id

    def apply(self, connection: Connection) -> None:
        connection.execute(delete(CUSTOMERS).where(CUSTOMERS.c.id == self.id))


async def found(api: Api, text: str) -> list[str]:
    return await listed(api, filter={"search": text})


async def test_a_changed_customer_is_found_by_what_it_is_called_now(api: Api) -> None:
    [row] = await store(api, [{"external_id": "acme", "name": "Ünlü Ltd"}])
    assert await found(api, "ünlü") == [row["id"]]

    await api.execute(UPDATE, {"id": row["id"], "to": "Straße AG"})

    assert await found(api, "STRASSE") == [row["id"]]
    assert await found(api, "ünlü") == []
    assert await trigrams(api.database, "ünl") == 0


async def test_a_removed_customer_is_not_found(api: Api) -> None:
    [row] = await store(api, [{"external_id": "acme", "name": "qzwxqz"}])
    assert await found(api, "qzwxqz") == [row["id"]]

    await api.database.write(Removal(row["id"]))

    assert await found(api, "qzwxqz") == []
    assert await trigrams(api.database, "qzw") == 0


async def trigrams(database: Database, of: str) -> int:
    """How many entries of SQLite's index have it; PostgreSQL keeps its own in step."""
    if not database.is_sqlite:
        return 0
    asked = text("SELECT count(*) FROM customers_search WHERE customers_search MATCH :of")
    return await database.read(lambda connection: int(connection.scalar(asked, {"of": f'"{of}"'}) or 0))


async def test_a_vacuum_mixes_nobody_up(api: Api) -> None:
    rows = await store(api, [{"external_id": f"c{n}", "name": f"vacuumed {n:03}"} for n in range(50)])
    for row in rows[::2]:
        await api.database.write(Removal(row["id"]))

    async with api.database.direct.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver
        await driver.execute("VACUUM")  # In no transaction, where it could not be.

    for number in (1, 25, 49):
        assert await found(api, f"vacuumed {number:03}") == [rows[number]["id"]]


async def test_a_thousand_different_characters_can_be_searched_for(api: Api) -> None:
    name = "".join(map(chr, range(0x4E00, 0x4E00 + 250)))
    [row] = await store(api, [{"external_id": "long", "name": name}])

    assert await found(api, name) == [row["id"]]
    assert await found(api, name + "x") == []
