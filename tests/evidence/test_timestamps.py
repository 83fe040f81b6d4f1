"""Timestamps: a real authority's answer is kept, and none that is not to our question and our head."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.x509 import Certificate
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.authority import Authority, openssl, own_authority, serving
from tests.evidence.logs import a_log, faults
from tests.net.server import Waits
from tocsin.errors import AddressRefused, AnswerUnread, FetchFailed, InputError
from tocsin.evidence.custody import Head, Logged, entry
from tocsin.evidence.timestamps import QUERY, root_certificates, stamp, stamps
from tocsin.evidence.tree import root
from tocsin.net import GuardedFetcher, Limits
from tocsin.net.manners import Manners

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")
_, (*_, HEAD) = a_log([2, 3])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with serving(own_authority(tmp_path_factory.mktemp("tsa") / "own", "Own Test")) as up:
        yield up


@pytest.fixture(scope="module")
def roots(authority: Authority) -> list[Certificate]:
    return root_certificates(authority.folder / "ca.pem")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> list[Certificate]:
    return root_certificates(own_authority(tmp_path_factory.mktemp("tsa") / "other", "Other") / "ca.pem")


@pytest.fixture(scope="module")
def stamped(authority: Authority, roots: list[Certificate]) -> Head:
    return stamp(poster(authority), authority.url(), roots, HEAD)


def poster(authority: Authority) -> GuardedFetcher:
    limits = Limits(seconds=20, retries=1, body_bytes=1 << 20, wire_bytes=1 << 20)
    return GuardedFetcher(limits, [authority.host], manners=Manners(wait=Waits()))


def test_an_authority_timestamps_a_head_and_the_answer_is_checked_and_kept(
    authority: Authority, roots: list[Certificate], stamped: Head
) -> None:
    assert (stamped.size, stamped.root, stamped.authority) == (HEAD.size, HEAD.root, authority.url())
    found = stamps([HEAD, stamped], roots)
    assert found.newest == stamped and not found.unchecked and not found.faults
    kind, query = authority.asked[0]
    assert kind == QUERY and sha256(stamped.message).digest() in query


def test_openssl_itself_verifies_what_is_kept(authority: Authority, stamped: Head, tmp_path: Path) -> None:
    (tmp_path / "head.json").write_bytes(stamped.message)
    (tmp_path / "head.tsr").write_bytes(stamped.token)
    files = ("-data", tmp_path / "head.json", "-in", tmp_path / "head.tsr")
    openssl("ts", "-verify", *files, "-CAfile", authority.folder / "ca.pem")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("nonce", "Nonce mismatch"),
        ("digest", "Mismatch between messages"),
        ("noise", "does not fit"),
        ("cut", "does not fit"),
        ("more", "does not fit"),
        ("refused", "does not fit"),
        ("html", "answered with text/html"),
    ],
)
def test_an_answer_that_is_not_to_our_question_is_refused_in_one_line(
    authority: Authority, roots: list[Certificate], path: str, why: str
) -> None:
    url = authority.url(path)
    asked = replace(HEAD, authority=url)
    authority.data, authority.digest = asked.message, sha256(asked.message).digest()
    with pytest.raises(AnswerUnread, match=why) as raised:
        stamp(poster(authority), url, roots, HEAD)
    assert url in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(("path", "why"), [("down", "500"), ("moved", "redirects")])
def test_an_authority_that_fails_says_so(
    authority: Authority, roots: list[Certificate], path: str, why: str
) -> None:
    with pytest.raises(FetchFailed, match=why):
        stamp(poster(authority), authority.url(path), roots, HEAD)


def test_a_timestamp_of_an_authority_that_is_not_trusted_is_refused(
    authority: Authority, foreign: list[Certificate]
) -> None:
    with pytest.raises(AnswerUnread, match="certificate"):
        stamp(poster(authority), authority.url(), foreign, HEAD)


def test_an_inside_address_is_not_asked_unless_it_is_allowed(
    authority: Authority, roots: list[Certificate]
) -> None:
    with pytest.raises(AddressRefused):
        stamp(GuardedFetcher(), authority.url(), roots, HEAD)
    with pytest.raises(AddressRefused, match="offline"):
        stamp(GuardedFetcher(allow=[authority.host], offline=True), authority.url(), roots, HEAD)


def test_without_a_root_certificate_a_timestamp_is_only_held_to_its_head_and_that_is_said(
    stamped: Head, foreign: list[Certificate]
) -> None:
    found = stamps([stamped], [])
    assert (found.newest, found.unchecked, found.faults) == (stamped, 1, ())
    (fault,) = stamps([stamped], foreign).faults
    assert fault.startswith(f"head {stamped.seq}: its timestamp does not fit")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "change",
    [{"size": 9}, {"root": "0" * 64}, {"authority": "https://other.example"}, {"at": "2026-01-01T00:00:00"}],
)
def test_a_timestamp_does_not_fit_another_head(
    stamped: Head, roots: list[Certificate], change: dict[str, object], known: bool
) -> None:
    assert stamps([replace(stamped, **change)], roots if known else []).faults


@given(data=st.data())
def test_a_token_with_one_changed_byte_is_found_also_where_nobody_signed(
    stamped: Head, data: st.DataObject
) -> None:
    entries, heads = a_log([2, 3])
    head = replace(stamped, seq=3, frontier=None)
    logged = Logged("timestamp", "timestamp-3", "2026-01-03T12:00:00", head.stamped)
    entries.append(entry(5, "0" * 32, logged))
    top = root(bytes.fromhex(one.leaf) for one in entries).hex()
    last = Head(4, 6, top, "2026-01-03T12:00:00")
    assert faults(entries, [*heads, head, last]) == []
    token = bytearray(stamped.token)
    token[data.draw(st.integers(0, len(token) - 1))] ^= data.draw(st.integers(1, 255))
    said = ["the timestamp of head 3 is not the one that was logged"]
    assert faults(entries, [*heads, replace(head, token=bytes(token)), last]) == said
    assert faults(entries, [*heads, replace(head, token=b"", authority=""), last])[-1:] == said


@given(st.binary(min_size=1, max_size=300))
def test_bytes_that_are_no_token_are_a_fault(stamped: Head, raw: bytes) -> None:
    assert stamps([replace(stamped, token=raw)], []).faults


def test_a_file_without_certificates_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        root_certificates(tmp_path / "none.pem")
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(InputError, match="no certificate"):
        root_certificates(tmp_path / "empty.pem")
