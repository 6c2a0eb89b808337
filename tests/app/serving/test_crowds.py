"""More connections than there may be: five here."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.app.serving.conftest import Here, Serve
from tests.app.serving.wire import GET, Wire

MOST = 5


@pytest.fixture(scope="module")
def small(serve: Serve) -> Iterator[Here]:
    with serve(max_connections=MOST) as here:
        yield here


def test_a_newcomer_takes_the_place_of_whoever_waited_longest(small: Here) -> None:
    with ExitStack() as stack:
        silent, slow, idle, *_ = [stack.enter_context(Wire(small.port)) for _ in range(MOST)]
        slow.send(b"GET / HTTP/1.1\r\n")
        assert idle.send(GET).answer().status == 200

        for _ in range(MOST):
            newcomer = stack.enter_context(Wire(small.port))
            assert newcomer.send(GET).answer().status == 200

        for displaced in (silent, slow):
            refused = displaced.answer()
            assert refused.status == 503
            assert refused.headers["retry-after"] == "1"
            assert refused.error["extensions"] == {"code": "BUSY", "limit": "connections", "most": MOST}
        assert idle.rest() == b""


def test_those_that_say_nothing_stop_nobody(small: Here) -> None:
    with ExitStack() as stack:
        for _ in range(20 * MOST):
            stack.enter_context(Wire(small.port)).send(b"G")
            with Wire(small.port) as normal:
                assert normal.send(GET).answer().status == 200


def test_a_newcomer_is_refused_when_everybody_else_is_being_served(small: Here) -> None:
    body = b'{"query": "{ viewer { tenantId } }"}'
    with ExitStack() as stack:
        served = [stack.enter_context(Wire(small.port)).send(small.post(len(body))) for _ in range(MOST)]
        for wire in served:
            # By then its head was read, and what it waits for is the body.
            wire.send(body[:-1])
        refused = stack.enter_context(Wire(small.port)).send(GET).answer()

        assert refused.status == 503
        assert refused.error["extensions"] == {"code": "BUSY", "limit": "connections", "most": MOST}
        assert [wire.send(body[-1:]).answer().status for wire in served] == [200] * MOST


def test_those_that_were_answered_before_they_had_said_all_make_room(small: Here) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(4 * MOST):
            assert stack.enter_context(Wire(small.port)).send(head).answer().status == 401
        assert stack.enter_context(Wire(small.port)).send(GET).answer().status == 200
