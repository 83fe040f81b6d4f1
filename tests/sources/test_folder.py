"""The source `folder`: identity, dates, origin of documents that the user brings."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from tests.shared_data import shared
from tests.sources.given import RECORDED, records, request
from tocsin.errors import InputError, SourceStopped
from tocsin.evidence import canonical
from tocsin.sources import sort_paths, source

WIRE = "Lisbon, April 2 (AFP/dpa) The envoy said that people fled.\nHe called for help.\n--AFP/dpa\nx/y\n"
DATED = "1 April 2014. The envoy said that people fled from two districts.\n\nHe called for help.\n"


def _write(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_a_document_uses_its_own_full_date_and_else_the_given_one(tmp_path: Path) -> None:
    found, gathered = records(_write(tmp_path, a=WIRE, b=DATED), published="2014-04-02")
    assert [(str(r.published), str(r.known), r.backfilled) for r in found] == [
        ("2014-04-02", "2014-04-02", True),
        ("2014-04-01", "2014-04-01", True),
    ]
    assert gathered.report.notes == ()


def test_a_document_without_a_full_date_asks_for_one_and_none_is_guessed(tmp_path: Path) -> None:
    found, gathered = records(_write(tmp_path, a=WIRE, b=DATED))
    assert found[0].known is None and found[0].published is None and not found[0].backfilled
    assert gathered.report.used == 2
    assert any("1 document states no full date" in n and "--published" in n for n in gathered.report.notes)


def test_the_name_of_a_file_is_no_part_of_its_identity(tmp_path: Path) -> None:
    first, _ = records(_write(tmp_path / "one", a=WIRE, b=DATED), published="2014-04-02")
    second, _ = records(_write(tmp_path / "two", zz=WIRE, aa=DATED), published="2014-04-02")
    assert {r.id: r for r in first} == {r.id: r for r in second}
    changed, _ = records(_write(tmp_path / "three", a=WIRE + "More."), published="2014-04-02")
    assert changed[0].id not in {r.id for r in first}


def test_origin_is_the_agency_the_publisher_or_the_domain(tmp_path: Path) -> None:
    lines = [
        '{"text": "Words.", "url": "https://www.paper.example/1"}',
        '{"text": "Words.", "url": "https://www.paper.example/2", "source": "An Agency"}',
        '{"text": "Lisbon, April 2 (AFP) Words.", "url": "https://www.paper.example/3"}',
        '{"text": "Words."}',
    ]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    found, _ = records(path)
    assert [r.origin for r in found] == ["paper.example", "an agency", "afp", "folder:unstated"]
    assert [r.address for r in found[:3]] == [f"https://www.paper.example/{n}" for n in (1, 2, 3)]


def test_documents_that_say_nothing_of_their_origin_count_as_one_voice(tmp_path: Path) -> None:
    found, _ = records(_write(tmp_path, a="People fled from one town.", b="Soldiers burned another town."))
    assert len(found) == 2 and {r.origin for r in found} == {"folder:unstated"}


def test_a_page_cannot_name_itself_another_voice_than_its_domain(tmp_path: Path) -> None:
    for name, site in (("a", "The Daily"), ("b", "The Weekly")):
        head = f'<meta property="og:site_name" content="{site}"><link rel="canonical" href="https://{name}.x.org/1">'
        page = f"<html><head>{head}</head><body><p>People fled from town {name}.</p></body></html>"
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    found, _ = records(tmp_path)
    assert [r.origin for r in found] == ["x.org", "x.org"]


def test_one_bad_line_is_refused_with_its_reason_and_the_others_are_read(tmp_path: Path) -> None:
    lines = [
        '{"text": "Words.", "url": "http://[x/"}',
        '{"text": "Half \\ud800 a character."}',
        '{"text": "Words.", "a\\ud800": 1}',
        '{"text": "Words.", "published": "0001-01-01T00:00+14:00"}',
        '{"text": "Words.", "published": "9999-12-31T23:59-14:00"}',
        '{"text": "Words that can be read.", "url": "https://paper.example/1"}',
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "list.json").write_text(f"[{', '.join(lines)}]", encoding="utf-8")
    found, gathered = records(tmp_path)
    report = gathered.report
    assert [r.origin for r in found] == ["paper.example"] * 2
    reasons = [
        "url 'http://[x/' is not an address",
        "holds half a character (U+D800)",
        "holds half a character (U+D800)",
        "published '0001-01-01T00:00+14:00' is not a date",
        "published '9999-12-31T23:59-14:00' is not a date",
    ]
    assert [why.startswith(r) for (_, why), r in zip(report.refused, reasons * 2, strict=True)] == [True] * 10
    canonical(asdict(report)).encode()


def test_a_file_name_that_is_no_text_can_still_be_reported(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.doc")).write_bytes(b"x")
    (tmp_path / "a.txt").write_text(WIRE, encoding="utf-8")
    _, gathered = records(tmp_path)
    canonical(asdict(gathered.report)).encode()
    assert gathered.report.unreadable[0][0].endswith("caf\\udce9.doc")
    assert gathered.report.inputs == 2


def test_a_title_is_a_short_first_line_followed_by_text(tmp_path: Path) -> None:
    found, _ = records(_write(tmp_path, a="A short title\n\nWords follow.\n", b="Only one line."))
    assert [r.title for r in found] == ["A short title", ""]


def test_a_date_after_the_run_is_not_used_and_is_said(tmp_path: Path) -> None:
    found, gathered = records(_write(tmp_path, a="1 April 2027. Words from the future."))
    assert found[0].known is None
    assert any("states the future date 2027-04-01" in note for note in gathered.report.notes)


def test_one_unreadable_file_in_a_folder_is_refused_and_named_and_the_others_go_on(tmp_path: Path) -> None:
    folder = _write(tmp_path, a=WIRE)
    (folder / "b.txt").write_bytes(b"caf\xe9")
    (folder / "c.docx").write_bytes(b"x")
    (folder / ".hidden.txt").write_text("x", encoding="utf-8")
    found, gathered = records(folder)
    report = gathered.report
    assert len(found) == 1 and (report.rows_read, report.refused_rows) == (3, 2)
    assert [Path(where).name for where, _ in report.unreadable] == ["b.txt", "c.docx"]
    assert "left out the hidden file .hidden.txt" in report.notes


def test_when_nothing_can_be_read_the_first_reason_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "b.txt"
    path.write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match="byte 3 "):
        records(path)
    with pytest.raises(InputError, match="no such file or folder"):
        records(tmp_path / "nothing")
    with pytest.raises(SourceStopped, match="no documents were given"):
        records()


def test_an_empty_folder_is_written_down_as_read_and_empty(tmp_path: Path) -> None:
    found, gathered = records(tmp_path)
    assert found == [] and gathered.report.rows_read == 0
    assert "nothing was read; that says nothing about any place" in gathered.report.notes


def test_since_leaves_out_what_was_published_before(tmp_path: Path) -> None:
    gathered = next(source("folder").read(request(_write(tmp_path, a=WIRE, b=DATED), since=date(2014, 4, 2))))
    assert [r.origin for r in gathered.records] == ["afp"]
    assert gathered.report.ignored == {"published before 2014-04-02": 1}


def test_the_two_reports_of_one_speech_are_two_records_with_their_own_dates() -> None:
    found, _ = records(shared("seeds"), published="2014-04-02")
    assert sorted(str(r.known) for r in found) == ["2014-04-01", "2014-04-02"]
    assert {r.recorded for r in found} == {RECORDED} and {r.language for r in found} == {""}
    assert len({r.origin for r in found}) == 2


def test_files_go_to_the_source_that_reads_their_form(tmp_path: Path) -> None:
    for name in ("a.txt", "b.csv", "c.xml", "d.pdf"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    sorted_paths = sort_paths([tmp_path])
    assert {name: [p.name for p in paths] for name, paths in sorted_paths.items()} == {
        "folder": ["a.txt", "d.pdf"],
        "ucdp": ["b.csv"],
        "feeds": ["c.xml"],
    }
