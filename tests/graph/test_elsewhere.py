"""What is answered where GraphQL is not. The rest is seen from sockets, in `test_http_served`."""

import httpx2 as httpx
import pytest

from app.settings import Settings
from graph.asgi import create_app
from tests.lines import told

pytestmark = pytest.mark.anyio


async def test_a_bug_outside_of_graphql_is_masked_too_and_told_with_the_requests_id(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings())  # It has not begun: there is no database to be asked.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client:
        response = await client.get("/readyz", headers={"x-request-id": "req-1"})

    assert response.status_code == 500
    assert response.headers["x-request-id"] == "req-1"
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "req-1"}
    assert "Request req-1 failed" in caplog.text
    [line] = told(capfd.readouterr().err, "GET /readyz")
    assert (line["level"], line["status"], line["request_id"]) == ("error", 500, "req-1")
