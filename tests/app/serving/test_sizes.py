"""Requests that are larger than they may be."""

import pytest

from tests.app.serving.conftest import Here
from tests.app.serving.wire import GET, Wire

URL, HEADER, FIELDS = 8192, 16_384, 100


def url_of(length: int) -> bytes:
    return b"/healthz?" + b"x" * (length - 9)


def head(*fields: bytes) -> bytes:
    return b"\r\n".join((b"GET /healthz HTTP/1.1", b"Host: a", *fields, b"", b""))


def test_a_url_may_be_as_long_as_the_limit_and_no_longer(here: Here) -> None:
    with Wire(here.port) as wire:
        assert wire.send(b"GET " + url_of(URL) + b" HTTP/1.1\r\nHost: a\r\n\r\n").answer().status == 200

        refused = wire.send(b"GET " + url_of(URL + 1) + b" HTTP/1.1\r\nHost: a\r\n\r\n").answer()

        assert refused.status == 414
        assert refused.headers["connection"] == "close"
        assert refused.error == {
            "message": "A request's URL may be 8192 bytes long.",
            "extensions": {"code": "TOO_LARGE", "limit": "url", "most": URL},
        }
        assert wire.rest() == b""


def test_a_url_without_end_is_refused_before_it_ends(here: Here) -> None:
    with Wire(here.port) as wire:
        wire.send_while_it_listens(b"GET /" + b"x" * 5_000_000)
        assert wire.answer().status == 414


def test_a_header_section_may_be_as_large_as_the_limit_and_no_larger(here: Here) -> None:
    room = HEADER - len(b"Host: a\r\n") - len(b"X: \r\n")
    with Wire(here.port) as wire:
        assert wire.send(head(b"X: " + b"x" * room)).answer().status == 200

        refused = wire.send(head(b"X: " + b"x" * (room + 1))).answer()

        assert refused.status == 431
        assert refused.error == {
            "message": "A request's header section may hold 16384 bytes.",
            "extensions": {"code": "TOO_LARGE", "limit": "header", "most": HEADER},
        }
        assert wire.rest() == b""


@pytest.mark.parametrize("endless", [b"X: ", b"X", b"X: a\r\n" * 4 + b"Y: "])
def test_a_header_section_without_end_is_refused_before_it_ends(here: Here, endless: bytes) -> None:
    with Wire(here.port) as wire:
        wire.send_while_it_listens(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + endless + b"x" * 5_000_000)
        assert wire.answer().status == 431


def test_a_header_section_has_so_many_fields_and_no_more(here: Here) -> None:
    with Wire(here.port) as wire:
        assert wire.send(head(*[b"X: a"] * (FIELDS - 1))).answer().status == 200

        refused = wire.send(head(*[b"X: a"] * FIELDS)).answer()

        assert (refused.status, refused.error["extensions"]["limit"]) == (431, "header fields")


def test_a_body_that_is_too_large_is_told_while_it_is_sent(here: Here) -> None:
    with Wire(here.port) as wire:
        wire.send_while_it_listens(here.post(2**40) + b" " * 3_000_000)
        refused = wire.answer()

        assert (refused.status, refused.error["extensions"]["code"]) == (413, "TOO_LARGE")
        assert wire.rest() == b""


def test_a_chunk_may_not_be_all_extensions(here: Here) -> None:
    fields = (b"Content-Type: application/json", b"X-Api-Key: " + here.key.encode(), b"Transfer-Encoding: chunked")
    with Wire(here.port) as wire:
        wire.send_while_it_listens(b"\r\n".join((b"POST /graphql HTTP/1.1", b"Host: a", *fields, b"", b"1;")))
        wire.send_while_it_listens(b"x" * 5_000_000)
        assert wire.answer().status == 400


def test_a_header_may_come_byte_by_byte(here: Here) -> None:
    with Wire(here.port) as wire:
        for byte in GET + GET:
            wire.send(bytes([byte]))
        assert [wire.answer().status, wire.answer().status] == [200, 200]
