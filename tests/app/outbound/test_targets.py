"""URLs are judged without a look-up, as whoever stores one needs it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outbound.addresses import is_public
from app.outbound.errors import BadURL, Forbidden, NotPublic
from app.outbound.targets import NAME, Target, literal, target_of
from tests.app.outbound.conftest import terms
from tests.app.outbound.hostile import HOSTILE

STRICT = terms(outbound_allowed_networks=())

# What hosts and URLs are made of, and what they are not.
PIECES = st.sampled_from(
    [*"0127aefx.:[]@/\\?#%-_ \t\0", "://", "http", "https", "127", "0x", "::ffff:", "ü", "。", "①"]
)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example", Target("https", "hooks.example", 443, b"/")),
        ("HTTPS://Hooks.Example.:443/a?b#c", Target("https", "hooks.example", 443, b"/a?b")),
        ("http://hooks.example:8080/ü", Target("http", "hooks.example", 8080, b"/%C3%BC")),
        ("https://bücher.example/", Target("https", "xn--bcher-kva.example", 443, b"/")),
        ("https://1.1.1.1/", Target("https", "1.1.1.1", 443, b"/")),
        ("https://[2606:4700:4700:0::1111]/", Target("https", "2606:4700:4700::1111", 443, b"/")),
    ],
)
def test_says_where_a_url_leads(url: str, target: Target) -> None:
    assert target_of(url, STRICT) == target


@pytest.mark.parametrize("url", HOSTILE, ids=ascii)
def test_refuses_what_is_hostile_by_itself(url: str) -> None:
    with pytest.raises(Forbidden):
        target_of(url.replace("PORT", "8080"), STRICT)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"])
def test_tells_a_host_that_is_not_public_from_a_url_that_is_wrong(host: str) -> None:
    with pytest.raises(NotPublic):
        target_of(f"https://{host}/", STRICT)
    with pytest.raises(BadURL):
        target_of(f"https://{host}:0/", STRICT)


@given(
    st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(lambda host: f"http://{''.join(host)}/"))
)
def test_whatever_is_let_through_is_a_name_or_public(url: str) -> None:
    try:
        target = target_of(url, STRICT)
    except Forbidden:
        return

    address = literal(target.host)
    assert is_public(address) if address else NAME.fullmatch(target.host)
    assert target.scheme in {"http", "https"}
    assert target.path.isascii()
    assert target.path.startswith(b"/")
