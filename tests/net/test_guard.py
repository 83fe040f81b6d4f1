"""Addresses: which are public, which are none, and that no text of one ends in an error not our own."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.errors import AddressRefused, FetchFailed
from tocsin.net.guard import public, redirected, resolved, target
from tocsin.net.veil import OPEN, Veil
from tocsin.settings import Secret

ODD = st.text("htps:/\\@[]%?#.&=1a é\u2100\u3002\r\n\t\x00\ud800０", max_size=40)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2002:808:808::1"])
def test_public_addresses_are_told_from_internal_ones(address: str) -> None:
    assert public(address)


@given(st.ip_addresses(v=4))
def test_an_internal_address_stays_internal_however_it_is_wrapped(inner: object) -> None:
    if not public(str(inner)):
        raw = int(inner)
        wrapped = (
            f"::ffff:{inner}",
            f"2002:{raw >> 16:x}:{raw & 0xFFFF:x}::1",
            f"64:ff9b::{inner}",
            f"::{inner}",
        )
        assert not any(public(address) for address in wrapped)


@given(ODD | st.text(max_size=40) | ODD.map("http://".__add__) | ODD.map("https://a.example/".__add__))
@example("http://ａ.example/")
@example("http://user:word@[::1/")
@example("http://" + "a" * 300 + "/")
@example("http://a" + "é" * 70 + "/")
@example("http://a:99999999999/")
@example("http://a:²/")
def test_an_address_is_taken_or_refused_in_one_line(text: str) -> None:
    try:
        found = target(text)
    except AddressRefused as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert found.netloc.isascii() and 0 < found.port < 65536 and found.scheme in ("http", "https")
        assert found.pinned("192.0.2.1").startswith(f"{found.scheme}://192.0.2.1:{found.port}")


@given(ODD | st.text(max_size=40))
def test_where_an_answer_points_is_taken_or_refused_in_one_line(location: str) -> None:
    try:
        redirected(target("https://a.example/b"), location, OPEN)
    except (AddressRefused, FetchFailed) as error:
        assert len(str(error).splitlines()) == 1


def test_a_redirect_that_leaves_https_is_refused() -> None:
    with pytest.raises(AddressRefused, match="from https to http"):
        redirected(target("https://a.example/"), "http://a.example/", OPEN)
    assert redirected(target("http://a.example/b/c"), "../d", OPEN).url == "http://a.example/d"


@pytest.mark.parametrize("spelled", ["k%2Fey-1", "k%2fey-1", "k/ey-1", "%6b%2Fey-1"])
def test_a_redirect_that_would_carry_a_secret_to_another_host_is_refused(spelled: str) -> None:
    veil, asked = Veil([Secret("k/ey-1")]), target("https://a.example/")
    with pytest.raises(AddressRefused, match="a secret would go to another host") as raised:
        redirected(asked, f"https://b.example/?t={spelled}", veil)
    assert spelled not in str(raised.value)
    same = redirected(asked, f"/?t={spelled}", veil)
    assert spelled in same.url and same.shown == "https://a.example/?t=***"


def test_a_name_and_password_in_an_address_are_not_repeated() -> None:
    with pytest.raises(AddressRefused, match=r"https://\*\*\*@example.org/") as raised:
        target("https://user:word@example.org/")
    assert "word@" not in str(raised.value)


def test_a_name_beyond_ascii_is_sent_as_dns_knows_it() -> None:
    assert target("https://bücher.example:8443/").netloc == "xn--bcher-kva.example:8443"
    assert target("https://bücher.example/").named(frozenset({"xn--bcher-kva.example:443"}))


def test_an_allowed_host_may_be_internal_and_another_may_not() -> None:
    assert resolved(target("http://127.0.0.1/"), True) == ["127.0.0.1"]
    with pytest.raises(AddressRefused, match="internal or reserved"):
        resolved(target("http://127.0.0.1/"), False)
