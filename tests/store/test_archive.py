"""The archive: what is kept can be read back and checked, without secrets, also after a crash."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.made import record
from tocsin.acts import faults
from tocsin.errors import HomeError
from tocsin.net import Fetched, Validators
from tocsin.sources.readers.warc import Capture, LeftOut, captures
from tocsin.store.archive import Archive
from tocsin.store.backup import back_up
from tocsin.store.home import Home, open_home

AT = datetime(2026, 11, 20, 12, 5, 1, 250_000, tzinfo=UTC)
LINES = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "gzip"),
    ("Content-Length", "17"),
    ("Set-Cookie", "visitor=4711"),
    ("WWW-Authenticate", "Basic realm=4711"),
    ("X-Two", "lines\r\nX-Evil: 1"),
)


def answer(body: bytes = b"<p>Words.</p>", url: str = "https://body.example/a", at: datetime = AT) -> Fetched:
    return Fetched(url, 200, "text/html", body, Validators(), at, reason="OK", lines=LINES)


def kept(home: Home, fetched: Fetched, number: int = 1) -> str:
    """A record that rests on an answer of the archive."""
    reference = home.archive.keep(fetched)
    rests = replace(record(number), kept=reference, raw_sha256=fetched.sha256)
    home.lake.write({"records": [rests]}, "test")
    return reference


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def test_an_answer_is_read_back_as_it_came(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    reference = archive.keep(answer())
    assert reference.startswith("2026/11/pages-20261120-001.warc.gz#urn:uuid:")
    (path,) = archive.files()
    info, found, asked = captures(path)
    assert isinstance(info, LeftOut) and isinstance(asked, LeftOut)
    assert (info.kind, asked.kind) == ("warcinfo", "request")
    assert isinstance(found, Capture) and reference.endswith(f"#{found.id}")
    assert (found.body, found.url, found.date, found.sound) == (b"<p>Words.</p>", answer().url, AT, True)
    assert oct(path.stat().st_mode)[-3:] == "600"


def test_neither_cookies_nor_keys_are_kept_and_the_file_says_so(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep(answer())
    text = gzip.decompress(archive.files()[0].read_bytes()).decode()
    assert "4711" not in text and "set-cookie" in text, "left out, and said in the warcinfo record"
    assert "X-Archive-Orig-Content-Encoding: gzip" in text
    assert "X-Two: lines X-Evil: 1" in text, "a header cannot begin another one"


def test_every_process_and_day_has_a_file_of_its_own(tmp_path: Path) -> None:
    one, other = Archive(tmp_path), Archive(tmp_path)
    for archive, at in ((one, AT), (other, AT), (one, AT), (one, AT + timedelta(days=1))):
        archive.keep(answer(at=at))
    assert [p.name for p in one.files()] == [
        "pages-20261120-001.warc.gz",
        "pages-20261120-002.warc.gz",
        "pages-20261121-001.warc.gz",
    ]


def test_an_answer_in_a_file_is_kept_from_there(tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"x" * 100_000)
    archive = Archive(tmp_path / "archive")
    big = replace(answer(b""), path=tmp_path / "body", sha256="0", md5="0")
    archive.keep(big)
    found = [c for c in captures(archive.files()[0]) if isinstance(c, Capture)]
    assert [c.body for c in found] == [b"x" * 100_000]


def test_after_a_crash_all_that_was_whole_is_there(home: Home) -> None:
    first = kept(home, answer())
    (path,) = home.archive.files()
    whole = path.stat().st_size
    home.archive.keep(answer(b"<p>Others.</p>"))
    path.write_bytes(path.read_bytes()[: whole + 40])
    assert faults(home) == [], "nothing rests on the answer that was cut"
    again = Archive(home.archive.folder)
    assert again.keep(answer()).split("#")[0] != first.split("#")[0], "nobody writes on behind it"


def test_check_names_what_is_missing_or_changed(home: Home) -> None:
    references = [kept(home, answer(body), n) for n, body in enumerate((b"<p>One.</p>", b"<p>Two.</p>"))]
    assert faults(home) == []
    (path,) = home.archive.files()
    blocks = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(blocks.replace(b"<p>One.</p>", b"<p>0ne.</p>")))
    assert faults(home) == [f"{path}: the answer {references[0].split('#')[1]} changed since it was kept"]
    path.write_bytes(gzip.compress(blocks[: blocks.index(b"<p>Two")]))
    assert len(faults(home)) == 2
    path.unlink()
    assert faults(home) == [f"{path}: missing (2 records rest on it)"]


def test_a_reference_that_leads_out_of_the_archive_is_a_fault(home: Home, tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(b"")
    (found,) = home.archive.faults({"../../x.warc.gz#urn:uuid:1": "0"})
    assert "missing" in found


def test_a_backup_carries_the_archive(home: Home, tmp_path: Path) -> None:
    kept(home, answer())
    back_up(home, tmp_path / "copy")
    copy = open_home(tmp_path / "copy")
    assert faults(copy) == [] and len(copy.archive.files()) == 1
    copy.archive.files()[0].unlink()
    assert faults(copy), "what is not carried is missed"
    copy.close()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"a file")
    with pytest.raises(HomeError, match="was not kept"):
        Archive(tmp_path / "archive").keep(answer())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=300),
    lines=st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4),
    path=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    reason=st.text(max_size=12),
)
def test_whatever_a_server_says_its_bytes_come_back(
    tmp_path: Path, body: bytes, lines: list[tuple[str, str]], path: str, reason: str
) -> None:
    archive = Archive(tmp_path)
    told = tuple(
        (n.encode("utf-8", "replace").decode(), v.encode("utf-8", "replace").decode()) for n, v in lines
    )
    given = replace(answer(body, f"https://body.example/{path}"), lines=told, reason=reason)
    reference = archive.keep(given)
    assert archive.faults({reference: given.sha256}) == []
