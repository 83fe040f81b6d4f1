"""Web archives: answers are read, all else is named, and nothing hostile passes or hides its neighbours."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.errors import InputError, TooLarge
from tocsin.sources.readers import warc
from tocsin.sources.readers.warc import Archived, Capture, LeftOut, captures

PAGE = b"<html><body>Words of a page.</body></html>"
SHA1 = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


def http(body: bytes = PAGE, *lines: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def entry(content: bytes, **headers: str) -> bytes:
    given = {
        "WARC-Type": "response",
        "WARC-Target-URI": "https://body.example/a",
        "WARC-Record-ID": "<urn:uuid:1>",
        "WARC-Date": "2023-05-04T03:02:01Z",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(content)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + content + b"\r\n\r\n"


def read(folder: Path, *entries: bytes, packed: bool = True, cap: int = 10_000) -> list[Archived]:
    path = folder / ("a.warc.gz" if packed else "a.warc")
    path.write_bytes(b"".join(gzip.compress(e) if packed else e for e in entries))
    return list(captures(path, cap))


def one(folder: Path, content: bytes, **headers: str) -> Archived:
    (found,) = read(folder, entry(content, **headers))
    return found


@pytest.mark.parametrize("packed", [True, False])
def test_an_answer_is_read_with_what_its_record_states(tmp_path: Path, packed: bool) -> None:
    (found,) = read(tmp_path, entry(http()), packed=packed)
    assert isinstance(found, Capture)
    assert (found.url, found.id, found.status, found.reason) == (
        "https://body.example/a",
        "urn:uuid:1",
        200,
        "OK",
    )
    assert (found.body, found.content_type, found.sound) == (PAGE, "text/html; charset=utf-8", None)
    assert found.date and found.date.isoformat() == "2023-05-04T03:02:01+00:00"


def test_records_that_are_no_answers_are_left_out_by_name(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        entry(b"software: x\r\n", WARC_Type="warcinfo"),
        entry(b"GET / HTTP/1.1\r\n\r\n", WARC_Type="request"),
        entry(b"20230504", WARC_Target_URI="dns:body.example"),
        entry(http()),
        entry(http(b""), WARC_Type="revisit"),
    )
    kinds = [f.kind if isinstance(f, LeftOut) else "" for f in found]
    assert kinds == ["warcinfo", "request", "response of dns", "", "revisit"]
    assert isinstance(found[3], Capture)


def test_chunks_and_content_encodings_are_undone(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    told = ("Transfer-Encoding: chunked", "Content-Encoding: gzip")
    for content in (http(packed, told[1]), http(chunked, *told), http(PAGE, told[1])):
        found = one(tmp_path, content)
        assert isinstance(found, Capture) and found.body == PAGE


def test_a_wrong_digest_is_told_and_a_right_one_too(tmp_path: Path) -> None:
    right = one(tmp_path, http(b""), WARC_Payload_Digest=SHA1)
    wrong = one(tmp_path, http(), WARC_Payload_Digest=SHA1)
    assert isinstance(right, Capture) and right.sound is True
    assert isinstance(wrong, Capture) and wrong.sound is False


@pytest.mark.parametrize(
    ("content", "headers", "why"),
    [
        (b"no http at all", {}, "is not a record"),
        (http(status="2x0 OK"), {}, "status '2x0'"),
        (http(b"", "Content-Encoding: br"), {}, "encoded as 'br'"),
        (http(gzip.compress(PAGE)[:-9], "Content-Encoding: gzip"), {}, "cut short"),
        (http(b"zz\r\nx", "Transfer-Encoding: chunked"), {}, "chunks are broken"),
        (http(b"x" * 20_000), {}, "unpacks to more than 10,000 bytes"),
        (http(b"x" * 90_000), {}, "at most 10,000 are taken"),
        (http(gzip.compress(b"0" * 5_000_000), "Content-Encoding: gzip"), {}, "unpacks to more"),
        (http(), {"WARC-Target-URI": "https://body.example/a b\x1b[2J"}, "spaces or controls"),
        (http(), {"WARC-Payload-Digest": "shake_128:AAAA"}, "is not a record"),
        (b"", {}, "no http answer"),
    ],
)
def test_a_record_that_cannot_be_taken_says_why_and_hides_no_other(
    tmp_path: Path, content: bytes, headers: dict[str, str], why: str
) -> None:
    bad, good = read(tmp_path, entry(content, **headers), entry(http()))
    assert isinstance(bad, InputError) and why in str(bad) and "record 1" in str(bad)
    assert isinstance(good, Capture)


def test_what_is_cut_ends_with_a_line_after_all_that_was_whole(tmp_path: Path) -> None:
    for packed in (True, False):
        path = tmp_path / "cut"
        whole = [gzip.compress(entry(http())) if packed else entry(http())] * 2
        path.write_bytes(b"".join(whole)[:-30])
        reading = captures(path)
        assert isinstance(next(reading), Capture)
        with pytest.raises(InputError, match=r"cut short|ends after"):
            list(reading)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"PK\x03\x04 zip", "does not begin as a WARC record"),
        (b"<html></html>", "does not begin as a WARC record"),
        (b"\x1f\x8bnot gzip at all", "broken"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", "states no length"),
        (entry(b"", Content_Length="9\r\nContent-Length: 8"), "states no length"),
        (b"WARC/1.0\r\n" + b"X: " + b"x" * 100_000, "longer than"),
        (b"WARC/1.0\r\nContent-Length: 99999999\r\n\r\nx", "ends inside a record"),
    ],
)
def test_what_is_no_web_archive_is_refused_as_a_whole(tmp_path: Path, raw: bytes, why: str) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=why):
        list(captures(path))


def test_an_archive_that_unpacks_without_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "RATIO_FROM", 100_000)
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(gzip.compress(entry(b"0" * 50_000_000)))
    with pytest.raises(TooLarge, match="unpacks to more"):
        list(captures(path, 10_000))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    at=st.integers(0, 600),
    put=st.binary(max_size=12),
    packed=st.booleans(),
)
def test_a_damaged_archive_never_breaks_the_reader(
    tmp_path: Path, data: st.DataObject, at: int, put: bytes, packed: bool
) -> None:
    """Whatever byte is changed, dropped or put in: records, or errors of the house, and nothing else."""
    raw = entry(http(), WARC_Payload_Digest=SHA1) + entry(
        http(b"3\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
    )
    dropped = data.draw(st.integers(0, 12))
    spoilt = raw[:at] + put + raw[at + dropped :]
    path = tmp_path / "a.warc"
    path.write_bytes(gzip.compress(spoilt) if packed else spoilt)
    try:
        found = list(captures(path))
    except InputError:
        return
    assert all(isinstance(f, Capture | LeftOut | InputError) for f in found)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.text(max_size=30), max_size=4), body=st.binary(max_size=200))
def test_any_headers_and_bytes_are_read_or_refused(tmp_path: Path, lines: list[str], body: bytes) -> None:
    content = http(body, *(line.encode("utf-8", "replace").decode() for line in lines))
    for found in read(tmp_path, entry(content)):
        assert isinstance(found, Capture | InputError)
