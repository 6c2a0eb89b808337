"""What stands in X-Forwarded-* and in Forwarded, and who is believed."""

from typing import Any

import httpx2 as httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.serving.forwarded import Forwarded
from app.settings import Settings

pytestmark = pytest.mark.anyio

PROXIES = "10.0.0.0/8, fd00::/8, 192.0.2.7"
PROXY, OTHER_PROXY, STRANGER = "10.1.2.3", "192.0.2.7", "203.0.113.9"


async def seen(request: Request) -> Response:
    headers = {name: value for name, value in request.headers.items() if "forwarded" in name}
    return JSONResponse(
        {"client": request.client, "scheme": request.url.scheme, "host": request.headers["host"], "headers": headers}
    )


async def seen_from(peer: str, *headers: tuple[str, str], **settings: str) -> Any:
    chosen = Settings.model_validate({"trusted_proxies": PROXIES, **settings})
    middleware = Middleware(Forwarded, proxies=chosen.trusted_proxies, headers=chosen.proxy_headers)
    app = Starlette(routes=[Route("/", seen)], middleware=[middleware])
    transport = httpx.ASGITransport(app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client:
        return (await client.get("/", headers=list(headers))).json()


def unchanged(peer: str) -> Any:
    return {"client": [peer, 4711], "scheme": "http", "host": "billfolk.test", "headers": {}}


ALL = (
    ("x-forwarded-for", "198.51.100.1"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "evil.example"),
    ("forwarded", "for=198.51.100.2;proto=https;host=evil.example"),
)


@pytest.mark.parametrize("kind", ["x-forwarded", "forwarded"])
@pytest.mark.parametrize("peer", [STRANGER, "11.0.0.1", "2001:db8::1", ""])
async def test_a_stranger_is_not_believed(peer: str, kind: str) -> None:
    assert await seen_from(peer, *ALL, proxy_headers=kind) == unchanged(peer)


async def test_nobody_is_believed_unless_told_so() -> None:
    assert await seen_from("127.0.0.1", *ALL, trusted_proxies="") == unchanged("127.0.0.1")


@pytest.mark.parametrize("peer", [PROXY, OTHER_PROXY, "fd00::1"])
async def test_a_trusted_proxy_is_believed(peer: str) -> None:
    told = await seen_from(peer, *ALL[:3])
    assert told == {"client": ["198.51.100.1", 0], "scheme": "https", "host": "evil.example", "headers": {}}


@pytest.mark.parametrize(
    ("list_", "client"),
    [
        # What the client had sent stands before what the proxies know.
        (f"127.0.0.1, {STRANGER}", [STRANGER, 0]),
        (f"10.9.9.9, {STRANGER}, {OTHER_PROXY}, 10.0.0.1", [STRANGER, 0]),
        (f"nonsense, {STRANGER}", [STRANGER, 0]),
        (f"{STRANGER}:1234", [STRANGER, 1234]),
        ("2001:db8::9", ["2001:db8::9", 0]),
        ("[2001:db8::9]:1234", ["2001:db8::9", 1234]),
        # Nobody but proxies: the first of them called.
        ("10.0.0.5, 10.0.0.6", ["10.0.0.5", 0]),
        ("", [PROXY, 4711]),
        (" , ", [PROXY, 4711]),
    ],
)
async def test_the_client_is_the_last_that_is_no_proxy(list_: str, client: list[Any]) -> None:
    assert (await seen_from(PROXY, ("x-forwarded-for", list_)))["client"] == client


async def test_a_list_in_several_headers_is_one_list() -> None:
    told = await seen_from(PROXY, ("x-forwarded-for", "198.51.100.66"), ("x-forwarded-for", STRANGER))
    assert told["client"] == [STRANGER, 0]


@pytest.mark.parametrize(
    ("proto", "host", "scheme", "name"),
    [
        ("HTTPS", "shop.example:8443", "https", "shop.example:8443"),
        ("http, https", "forged.example, shop.example", "https", "shop.example"),
        ("gopher", "a b", "http", "billfolk.test"),
        ("", "shop.example/path", "http", "billfolk.test"),
        ("https", "[2001:db8::1]:443", "https", "[2001:db8::1]:443"),
    ],
)
async def test_scheme_and_host_are_the_nearest_proxys(proto: str, host: str, scheme: str, name: str) -> None:
    headers = (("x-forwarded-for", STRANGER), ("x-forwarded-proto", proto), ("x-forwarded-host", host))
    told = await seen_from(PROXY, *headers)
    assert (told["scheme"], told["host"]) == (scheme, name)


async def test_a_proxy_may_leave_out_the_client() -> None:
    told = await seen_from(PROXY, ("x-forwarded-proto", "https"))
    assert told == {**unchanged(PROXY), "scheme": "https"}


@pytest.mark.parametrize(
    ("value", "client", "scheme", "host"),
    [
        (f"for={STRANGER};proto=https;host=shop.example", [STRANGER, 0], "https", "shop.example"),
        (f'For="{STRANGER}:80" ; Proto=HTTPS', [STRANGER, 80], "https", "billfolk.test"),
        ('for="[2001:db8:cafe::17]:4711"', ["2001:db8:cafe::17", 4711], "http", "billfolk.test"),
        # The element of the proxy that the client called, before those between proxies.
        (
            f"for=127.0.0.1;host=evil.example, for={STRANGER};proto=https;host=shop.example, for=10.0.0.2;proto=http",
            [STRANGER, 0],
            "https",
            "shop.example",
        ),
        # What is open at the client's end closes nothing at ours.
        (f'for="198.51.100.66;host="evil, for={STRANGER}', [STRANGER, 0], "http", "billfolk.test"),
        ("for=unknown;proto=https", ["unknown", 0], "https", "billfolk.test"),
        ("proto=https", [PROXY, 4711], "https", "billfolk.test"),
        ("nonsense", [PROXY, 4711], "http", "billfolk.test"),
    ],
)
async def test_the_standard_header_is_read_when_it_is_chosen(
    value: str, client: list[Any], scheme: str, host: str
) -> None:
    told = await seen_from(PROXY, ("forwarded", value), proxy_headers="forwarded")
    assert told == {"client": client, "scheme": scheme, "host": host, "headers": {}}


async def test_the_kind_that_is_not_chosen_is_the_clients_word() -> None:
    assert await seen_from(PROXY, ALL[3]) == unchanged(PROXY)
    assert await seen_from(PROXY, *ALL[:3], proxy_headers="forwarded") == unchanged(PROXY)
