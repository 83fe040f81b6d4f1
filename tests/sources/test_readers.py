"""Readers: what they take, and the one clear line for what they refuse."""

from __future__ import annotations

import io
import json
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.given import events, ged_row, records, request, write
from tocsin.clock import Precision
from tocsin.errors import InputError, TooLarge
from tocsin.sources import source
from tocsin.sources.readers import archive
from tocsin.sources.readers.columnar import columnar
from tocsin.sources.readers.datelines import stated_date, written_date
from tocsin.sources.readers.delimited import delimited
from tocsin.sources.readers.documents import FORMS, documents
from tocsin.sources.readers.lines import decoded, text_lines
from tocsin.sources.readers.page import page
from tocsin.sources.readers.syndication import syndication
from tocsin.sources.readers.table import plain
from tocsin.sources.readers.workbook import workbook

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0"><channel><title>&b;</title></channel></rss>"""


def one_line(error: InputError, *parts: str) -> None:
    text = str(error)
    assert "\n" not in text, text
    for part in parts:
        assert part in text, text


# ---------------------------------------------------------------- lines and encodings


def test_a_line_of_two_gigabytes_is_refused_with_its_number_and_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as stream:
        stream.write(b"a,b\n1,2\n")
        stream.truncate(2 * 1024**3)
    with pytest.raises(TooLarge) as raised, path.open("rb") as stream:
        list(delimited(stream, path.name).rows)
    one_line(raised.value, "long.csv", "line 3 is longer than 16,777,216 bytes")


def test_a_document_of_two_gigabytes_is_refused(tmp_path: Path) -> None:
    for name in ("long.txt", "long.jsonl", "long.html"):
        path = tmp_path / name
        with path.open("wb") as stream:
            stream.truncate(2 * 1024**3)
        with pytest.raises(TooLarge):
            list(documents(path))


def test_bytes_that_are_not_utf_8_are_named_by_file_place_and_remedy() -> None:
    data = "date\nMünchen\n".encode("latin-1")
    with pytest.raises(InputError) as raised:
        list(text_lines(io.BytesIO(data), "old.csv"))
    one_line(raised.value, "old.csv", "byte 6 (0xfc) is not UTF-8", "iconv")
    with pytest.raises(InputError) as raised:
        decoded("München".encode("utf-16"), "wide.txt")
    one_line(raised.value, "wide.txt", "UTF-16")


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    table = delimited(io.BytesIO(b"\xef\xbb\xbfid,name\r\n1,x\r\n"), "t.csv")
    assert table.columns == ("id", "name") and [r.values for r in table.rows] == [{"id": "1", "name": "x"}]


def test_the_place_of_a_wrong_byte_counts_the_byte_order_mark() -> None:
    with pytest.raises(InputError, match="byte 4 "):
        list(text_lines(io.BytesIO(b"\xef\xbb\xbfa\xff"), "t.csv"))


# ---------------------------------------------------------------- tables


def test_a_header_that_names_a_column_twice_is_refused() -> None:
    with pytest.raises(InputError, match="names the column 'best' twice"):
        delimited(io.BytesIO(b"id,best,best\n1,2,3\n"), "t.csv")


def test_an_empty_file_has_no_header() -> None:
    with pytest.raises(InputError, match="has no header row"):
        delimited(io.BytesIO(b""), "t.csv")


def test_a_quotation_that_never_ends_is_refused() -> None:
    with pytest.raises(InputError, match="check the quotation marks"):
        list(delimited(io.BytesIO(b'id,name\n1,"' + b"x" * 200_000), "t.csv").rows)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_comma_semicolon_and_tab_separate(separator: str) -> None:
    table = delimited(io.BytesIO(separator.join("abc").encode() + b"\n"), "t.csv")
    assert table.columns == ("a", "b", "c")


def test_one_value_has_one_text_in_every_form() -> None:
    assert [plain(v) for v in (None, 3.0, 3.5, True, "NA", 0)] == ["", "3", "3.5", "true", "NA", "0"]
    day = date(2020, 5, 6)
    same = (day, datetime(2020, 5, 6), "2020-05-06 00:00:00.000", "2020-05-06")
    assert {plain(value) for value in same} == {"2020-05-06"}
    assert plain("2020-05-06 00:00:01") == "2020-05-06 00:00:01"


# ---------------------------------------------------------------- archives and binary forms


def _zip(path: Path, *files: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files:
            target.writestr(name, data)
    return path


@pytest.mark.parametrize("kept", [0, 1, 30, 200, -1])
def test_a_zip_cut_short_anywhere_is_one_clear_line(tmp_path: Path, kept: int) -> None:
    table = write(tmp_path / "t.csv", *(ged_row(id=n) for n in range(500)))
    path = _zip(tmp_path / "ged251.zip", ("GEDEvent_v25_1.csv", table.read_bytes()))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError) as raised:
        events(path)
    one_line(raised.value, "ged251.zip", "not a whole zip archive", "fetch it again")


def test_a_zip_damaged_inside_yields_an_error_and_not_half_a_release(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", *(ged_row(id=n) for n in range(500)))
    path = _zip(tmp_path / "ged251.zip", ("GEDEvent_v25_1.csv", table.read_bytes()))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(InputError) as raised:
        events(path)
    one_line(raised.value, "ged251.zip")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("../../outside.csv", b"x", "names a file outside the archive"),
        ("/etc/outside.csv", b"x", "names a file outside the archive"),
        ("..\\outside.csv", b"x", "names a file outside the archive"),
        ("inner.zip", b"x", "is an archive inside an archive"),
        ("bomb.csv", b"0" * 20_000_000, "unpacks 19"),
        ("readme.txt", b"x", "holds no CSV file"),
    ],
)
def test_an_archive_that_could_do_harm_is_refused(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(InputError) as raised:
        events(_zip(tmp_path / "ged251.zip", (name, data)))
    one_line(raised.value, reason)


def test_an_encrypted_or_overlarge_archive_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "ged251.zip", ("a.csv", b"x"))
    with pytest.raises(TooLarge, match="unpacks to more than 0 bytes"), archive.opened(path, "z", 0):
        pass
    data = path.read_bytes().replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    path.write_bytes(data)
    with pytest.raises(InputError, match="is encrypted"):
        events(path)


@pytest.mark.parametrize("name", ["t.xlsx", "t.parquet", "t.zip"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300))
def test_random_bytes_under_any_name_are_an_input_error(tmp_path: Path, name: str, data: bytes) -> None:
    magic = {"t.xlsx": b"PK\x03\x04", "t.parquet": b"PAR1", "t.zip": b"PK\x03\x04"}[name]
    for head in (b"", magic):
        (tmp_path / name).write_bytes(head + data + head)
        with pytest.raises(InputError) as raised:
            events(tmp_path / name)
        one_line(raised.value, name)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_as_delimited_text_are_a_table_or_an_input_error(data: bytes) -> None:
    try:
        table = delimited(io.BytesIO(data), "t.csv")
        for row in table.rows:
            assert row.fault or tuple(row.values) == table.columns
    except InputError as error:
        one_line(error, "t.csv")


def test_a_workbook_with_a_broken_sheet_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "t.xlsx", ("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<workbook/>"))
    with pytest.raises(InputError):
        workbook(path)


def test_a_name_with_signs_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not Parquet"):
        columnar(write(tmp_path / "a[1]*.parquet", ged_row()))


# ---------------------------------------------------------------- dates of documents


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 April 2014. The Secretary-General said that", "2014-04-01"),
        ("NAIROBI, April 2, 2014 (AFP) - Three", "2014-04-02"),
        ("(New York, April 2, 2014) – Forces", "2014-04-02"),
        ("GENEVA (2 April 2014) – An expert", "2014-04-02"),
        ("A title\n\nPublished: 2014-04-02\nText", "2014-04-02"),
        ("Tuesday, 1st April 2014\nText", "2014-04-01"),
        ("Genève, 2 avril 2014 – Le bureau", "2014-04-02"),
        ("Bogotá, 2 de abril de 2014. El informe", "2014-04-02"),
        ("Москва, 2 апреля 2014 — Доклад", "2014-04-02"),
        ("2014-04-02\nText", "2014-04-02"),
        ("Brussels, April 2 (AGENCY) The", None),
        ("On 7 April 1994, the killing began.", None),
        ("Since 7 April 1994 - the day", None),
        ("On 7 April 1994 - the day", None),
        ("7 April 1994 was the first day", None),
        ("In Kigali, 7 April 1994 - the day", None),
        ("31 February 2014. Text", None),
        ("Text\n" * 5 + "2 April 2014. Text", None),
        ("", None),
    ],
)
def test_a_text_states_its_date_at_its_head_in_full_or_not_at_all(text: str, day: str | None) -> None:
    found = stated_date(text)
    assert (str(found) if found else None) == day


def test_a_date_field_may_be_a_year_or_month_and_keeps_that_precision() -> None:
    year = written_date("2014")
    assert year and year.precision is Precision.YEAR
    assert written_date("April 2014") is None and written_date("tomorrow") is None


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_may_be_searched_for_a_date(text: str) -> None:
    stated_date(text), written_date(text)


# ---------------------------------------------------------------- documents


def test_a_page_gives_its_article_and_only_the_date_its_metadata_state() -> None:
    body = "<p>" + "The council met and heard the report on the north of the country. " * 5 + "</p>"
    markup = f"""<html lang="fr-FR"><head><title>Report</title><link rel="canonical" href="https://a.example/1">
      <script type="application/ld+json">{{"@graph": [{{"datePublished": "2014-04-02T10:00:00Z"}}]}}</script>
      </head><body><nav>Menu 3 May 2020</nav><article>{body}</article></body></html>"""
    found = page(markup, "p.html")
    assert str(found.published) == "2014-04-02T10:00:00+00:00"
    assert (found.title, found.url, found.language) == ("Report", "https://a.example/1", "fr")
    assert "heard the report" in found.text
    assert page(f"<html><body><p>3 May 2020</p>{body}</body></html>", "p.html").published is None


def test_json_lines_are_read_line_by_line_and_a_bad_line_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    good = {
        "id": 7,
        "text": "Words.",
        "published": "2014-04-02",
        "source": "A Paper",
        "language": "en",
        "x": 1,
    }
    lines = [json.dumps(good), "{", '{"id": "8"}', '{"text": "Words.", "published": "soon"}', "[1]", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    found, gathered = records(path)
    assert [(r.address, r.origin, str(r.known), r.language) for r in found] == [
        ("7", "a paper", "2014-04-02", "en")
    ]
    assert [where.rpartition(", ")[2] for where, _ in gathered.report.refused] == [
        "line 2",
        "line 3",
        "line 4",
        "line 5",
    ]
    assert gathered.report.unknown_columns == ("x",)


def test_a_json_file_may_hold_one_document_or_a_list(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"text": "One."}', encoding="utf-8")
    (tmp_path / "two.json").write_text('[{"text": "Two."}, {"text": "Three."}]', encoding="utf-8")
    found, _ = records(tmp_path)
    assert [r.text for r in found] == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("ending", sorted(FORMS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_random_bytes_as_a_document_are_read_or_refused(tmp_path: Path, ending: str, data: bytes) -> None:
    path = tmp_path / f"d{ending}"
    path.write_bytes(data)
    gathered = next(source("folder").read(request(path)))
    try:
        list(gathered.records)
    except InputError as error:
        one_line(error, path.name)
    report = gathered.report
    assert report.rows_read == report.used + report.refused_rows


# ---------------------------------------------------------------- feeds


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<!DOCTYPE html><html><body>Moved</body></html>", "is an HTML page, not a feed"),
        (b"\xef\xbb\xbf\n<!-- c --><html></html>", "is an HTML page, not a feed"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "is an HTML page, not a feed"),
        (BOMB, "declares XML entities"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>', "declares XML entities"),
        (b"<rss><channel>", "is not well-formed XML"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b'{"feed": 1}', "is not well-formed XML"),
        (b"<urlset/>", "is XML of the kind 'urlset', not RSS or Atom"),
    ],
)
def test_what_is_no_feed_is_refused_with_what_it_is(data: bytes, reason: str) -> None:
    with pytest.raises(InputError) as raised:
        syndication(data, "f.xml")
    one_line(raised.value, "f.xml", reason)


@settings(deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_random_bytes_as_a_feed_are_an_input_error(data: bytes, wrapped: bool) -> None:
    given_bytes = (
        b"<rss><channel><item><title>" + data + b"</title></item></channel></rss>" if wrapped else data
    )
    try:
        syndication(given_bytes, "f.xml")
    except InputError as error:
        one_line(error, "f.xml")
    else:
        assert wrapped


def test_a_page_behind_many_comments_is_told_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match="is an HTML page, not a feed"):
        syndication(b"<!---->" * 200 + b"<html>", "f.xml")
    assert syndication(b"<!---->" * 200 + b"<rss></rss>", "f.xml").entries == ()
    assert time.monotonic() - began < 5
