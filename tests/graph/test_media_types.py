"""Which media types are read and answered."""

import pytest

from tests.graph.toy import GRAPHQL, client

JSON = "application/json"
QUERY = {"query": "{ echo }"}

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.9", JSON),
        (f"{JSON};q=0.5, */*", GRAPHQL),
        (f"{JSON}, */*;q=0.1", JSON),
        (f"{GRAPHQL.upper()} ; Charset=UTF-8 ; q=1.000", GRAPHQL),
        (f'{GRAPHQL}; charset="utf-8"', GRAPHQL),
        (f"{GRAPHQL}; charset=utf-16, {JSON}", JSON),
        (f"{GRAPHQL};q=0, {JSON}", JSON),
        (f"{JSON};q=0, application/*", GRAPHQL),
        ("text/html, application/*;q=0.5", JSON),
    ],
)
async def test_answers_in_the_media_type_that_the_client_prefers(accept: str, expected: str) -> None:
    async with client(**{"accept": accept} if accept else {}) as http:
        response = await http.post("/", json=QUERY)
    assert (response.status_code, response.json()) == (200, {"data": {"echo": "hi"}})
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize("accept", ["text/html", "image/png", f"{JSON};q=0", f"{JSON};q=x", f"{JSON};charset=latin-1"])
async def test_refuses_a_client_that_accepts_nothing_that_we_speak(accept: str) -> None:
    async with client(accept=accept) as http:
        response = await http.post("/", json=QUERY)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    "content_type", [JSON, "Application/JSON;charset=UTF-8", 'application/json ; charset="utf-8"', f"{JSON}; v=1"]
)
async def test_reads_json_in_utf_8_however_its_media_type_is_written(content_type: str) -> None:
    async with client(**{"content-type": content_type}) as http:
        response = await http.post("/", content='{"query": "{ echo(text: \\"é\\") }"}'.encode())
    assert response.json() == {"data": {"echo": "é"}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/graphql"},
        {"content-type": f"{JSON}; charset=utf-16"},
        {"content-type": f"{JSON}, {JSON}"},
        {"content-type": JSON, "content-encoding": "gzip"},
    ],
)
async def test_refuses_other_media_types_and_compressed_bodies(headers: dict[str, str]) -> None:
    async with client(**headers) as http:
        response = await http.post("/", content=b'{"query": "{ echo }"}')
    assert response.status_code == 415
    assert response.headers.keys() & {"accept-post", "accept-encoding"}
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
