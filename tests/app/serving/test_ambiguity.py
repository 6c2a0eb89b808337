"""Requests that two readers could read in two ways, and others that are hardly HTTP."""

import threading

import pytest

from app.serving.h11 import H11
from tests.app.serving.conftest import Here
from tests.app.serving.wire import GET, Wire

POST = b"POST /graphql HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

AMBIGUOUS = {
    "a length and a coding": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a list of lengths": POST + b"Content-Length: 3, 4\r\n\r\nabcd",
    "a signed length": POST + b"Content-Length: +3\r\n\r\nabc",
    "a negative length": POST + b"Content-Length: -1\r\n\r\nabc",
    "a hexadecimal length": POST + b"Content-Length: 0x3\r\n\r\nabc",
    "a length of many digits": POST + b"Content-Length: 99999999999999999999999\r\n\r\nabc",
    "no length": POST + b"Content-Length: \r\n\r\nabc",
    "a coding in HTTP/1.0": CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n",
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a coding in the next line": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a folded field": POST + b"X: a\r\n b\r\n\r\n",
    "a fold before the first field": b"GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n",
    "a bare CR": POST + b"X: a\rContent-Length: 3\r\n\r\nabc",
    "a NUL": POST + b"X: a\0b\r\n\r\n",
    "a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a field without a name": POST + b": a\r\n\r\n",
    "a field without a colon": POST + b"abc\r\n\r\n",
    "a space in a field's name": POST + b"X Y: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "two hosts in HTTP/1.0": b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    "a space in the URL": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes in the URL": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 32 + b"\r\n\r\n",
}

CHUNKS = {
    "a hexadecimal prefix": b"0x3\r\nabc\r\n0\r\n\r\n",
    "a sign": b"-3\r\nabc\r\n0\r\n\r\n",
    "a space before the size": b" 3\r\nabc\r\n0\r\n\r\n",
    "no size": b"\r\nabc\r\n0\r\n\r\n",
    "a size that is no number": b"x\r\nabc\r\n0\r\n\r\n",
    "a line feed in an extension": b"3;a\nb\r\nabc\r\n0\r\n\r\n",
    "more than its size": b"3\r\nabcd\r\n0\r\n\r\n",
    "no end": b"3\r\nabcXX0\r\n\r\n",
}


def only(wire: Wire, data: bytes, status: int) -> None:
    """The request is refused, and what stands behind it is no request."""
    refused = wire.send(data + GET).answer()
    assert refused.status == status
    assert refused.headers["connection"] == "close"
    assert refused.error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert wire.rest() == b""


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_an_ambiguous_request_is_refused(here: Here, request_: bytes) -> None:
    with Wire(here.port) as wire:
        only(wire, request_, 400)


@pytest.mark.parametrize("chunk", CHUNKS.values(), ids=CHUNKS)
def test_an_ambiguous_chunk_is_refused(here: Here, chunk: bytes) -> None:
    head = here.post(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    with Wire(here.port) as wire:
        only(wire, head + chunk, 400)


@pytest.mark.parametrize("coding", [b"xchunked", b"gzip, chunked", b"chunked, chunked"])
def test_no_coding_is_known_but_chunked(here: Here, coding: bytes) -> None:
    with Wire(here.port) as wire:
        refused = wire.send(POST + b"Transfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n").answer()
        assert refused.status in {400, 501}
        assert refused.error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert wire.rest() == b""


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/0.9", b"HTTP/3.7"])
def test_another_version_is_refused(here: Here, version: bytes) -> None:
    with Wire(here.port) as wire:
        refused = wire.send(b"GET / " + version + b"\r\nHost: a\r\n\r\n").answer()
        assert refused.status in {400, 505}
        assert wire.rest() == b""


def test_a_preface_of_http_2_is_refused(here: Here) -> None:
    with Wire(here.port) as wire:
        assert wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").answer().status in {400, 505}
        assert wire.rest() == b""


def test_a_trailer_is_no_header(here: Here) -> None:
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Type: application/json\r\n\r\n")
    trailer = b"X-Api-Key: " + here.key.encode()
    with Wire(here.port) as wire:
        answer = wire.send(head + b"1\r\n{\r\n0\r\n" + trailer + b"\r\n\r\n").answer()
        assert answer.status == 401


def test_who_offers_http_2_is_answered_in_http_1(here: Here) -> None:
    body = b'{"query": "{ viewer { tenantId } }"}'
    offer = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
    with Wire(here.port) as wire:
        for together in (True, False):
            wire.send(here.post(len(body), *offer) + (body if together else b""))
            assert wire.send(b"" if together else body).answer().body == b'{"data":{"viewer":{"tenantId":"acme"}}}'
        # None of the bodies was taken for a request.
        assert wire.send(GET).answer().body == b"ok"


@pytest.mark.parametrize("target", [b"CONNECT a:443", b"CONNECT /healthz"])
def test_this_is_no_tunnel(here: Here, target: bytes) -> None:
    with Wire(here.port) as wire:
        assert wire.send(target + b" HTTP/1.1\r\nHost: a\r\n\r\nabc").answer().status in {400, 404, 405}


def test_requests_in_one_packet_are_answered_in_turn(here: Here) -> None:
    other = GET.replace(b"/healthz", b"/nowhere")
    with Wire(here.port) as wire:
        wire.send((GET + other) * 8)
        assert [wire.answer().status for _ in range(16)] == [200, 404] * 8


def test_a_request_in_pieces_across_packets_is_one(here: Here) -> None:
    with Wire(here.port) as wire:
        wire.send(GET + GET[:-4])
        assert wire.answer().status == 200
        assert wire.send(GET[-4:] + GET).answer().status == 200
        assert wire.answer().status == 200


def test_thousands_of_requests_in_one_packet_are_not_put_in_a_queue(here: Here) -> None:
    last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with Wire(here.port) as wire:
        threading.Thread(target=wire.send_while_it_listens, args=(GET * 4999 + last,)).start()
        answered = wire.rest().count(b"HTTP/1.1 200 OK")
        # h11 reads one when the one before is answered; the other parser all at once, but that they are too many.
        assert answered in ({5000} if here.server.config.http is H11 else range(1, 5000))


def test_the_answers_before_a_bad_request_come_first(here: Here) -> None:
    with Wire(here.port) as wire:
        wire.send(GET + GET + b"nonsense\r\n\r\n")
        assert [wire.answer().body, wire.answer().body] == [b"ok", b"ok"]
        assert wire.rest() == b"" or b"BAD_USER_INPUT" in wire.left
