"""The catalogue of fact sheets and the account of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.given import ged_row, request, write
from tocsin.errors import InputError, SourceStopped, UnknownId
from tocsin.sources import catalog, fact_sheet, sort_paths, source
from tocsin.sources.contract import DETAIL, UNJUDGED, SourceReport, Tally
from tocsin.sources.factsheet import CATALOG, _catalog


def test_every_source_has_a_sheet_that_says_who_could_be_hurt() -> None:
    assert {"ucdp", "feeds", "folder", "epr", "gdelt", "gdelt_gkg"} <= set(catalog())
    for sheet in catalog().values():
        assert sheet.review and sheet.licence and sheet.attribution
        assert "checked" in sheet.address and source(sheet.id).name == sheet.id


def test_an_unknown_source_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(UnknownId, match="unknown source 'uscdp'; did you mean ucdp"):
        fact_sheet("uscdp")
    with pytest.raises(UnknownId, match="did you mean folder"):
        source("foldr")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"license": "x"}, "unknown key 'license'; did you mean licence"),
        ({"licence": None}, "lacks licence"),
        ({"grade": "G"}, "grade 'G' is none of A, B, C, D, E, F"),
        ({"ownership": "unknown"}, "ownership 'unknown' is none of"),
        ({"review": " "}, "say who could use this to hurt whom"),
        ({"expected": {"rows": 3}}, "unknown key 'rows'"),
        ({"id": "other"}, "differs from the file name"),
    ],
)
def test_a_sheet_that_is_wrong_is_refused_with_the_key(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    sheet = yaml.safe_load((CATALOG / "ucdp.yml").read_text(encoding="utf-8")) | change
    kept = {name: value for name, value in sheet.items() if value is not None or name == "retention_days"}
    (tmp_path / "ucdp.yml").write_text(yaml.safe_dump(kept), encoding="utf-8")
    with pytest.raises(InputError, match=r"ucdp\.yml") as raised:
        _catalog(tmp_path)
    assert reason in str(raised.value)


def test_naming_the_room_loads_no_heavy_library() -> None:
    heavy = ["duckdb", "feedparser", "lxml", "trafilatura", "httpx2", "python_calamine", "sklearn"]
    code = f"import sys, tocsin.sources, tocsin.net; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_report_whose_rows_do_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        SourceReport("x", 3, 1, {"old": 1}, (), 0, (), (), (), (), "")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["use", "ignore", "refuse", "unreadable"]), max_size=200))
def test_rows_read_are_used_ignored_or_refused_and_counted_in_full(steps: list[str]) -> None:
    tally = Tally("x")
    for step in steps:
        if step == "unreadable":
            tally.unreadable("a file", "why")
            continue
        tally.read()
        {"use": tally.use, "ignore": lambda: tally.ignore("old"), "refuse": lambda: tally.refuse("w", "y")}[
            step
        ]()
    report = tally.report()
    assert report.rows_read == len(steps) == report.used + sum(report.ignored.values()) + report.refused_rows
    assert len(report.refused) == min(DETAIL, report.refused_rows)


def test_a_row_that_a_source_lost_counts_as_refused_and_does_not_raise() -> None:
    tally = Tally("x")
    tally.read()
    tally.read()
    tally.use()
    report = tally.report()
    assert (report.rows_read, report.used, report.refused_rows) == (2, 1, 1)
    assert report.refused == (("x", f"1 rows were {UNJUDGED}"),)
    tally.use()
    assert tally.report().refused_rows == 0, "a report on the way does not change the count"


def test_our_own_readers_judge_every_row_they_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Words."}\n{"text": 1}\n{"text": "W", "url": "http://[x/"}\n')
    link = "<item><title>T</title><link>http://[x/</link></item>"
    (tmp_path / "b.xml").write_text(
        f"<rss><channel><item><title>T</title></item>{link}<item/></channel></rss>"
    )
    write(tmp_path / "c.csv", ged_row(), ged_row(best="x"))
    for name, paths in sort_paths([tmp_path]).items():
        gathered = next(source(name).read(request(*paths)))
        assert [*gathered.records, *gathered.events]
        assert gathered.report.refused_rows and not [w for _, w in gathered.report.refused if UNJUDGED in w]


def test_an_error_on_the_way_is_written_into_the_report() -> None:
    tally = Tally("x")

    def broken() -> None:
        raise InputError("is torn", "a file")

    with pytest.raises(InputError):
        list(tally.guarded(iter(broken, None)))
    assert tally.report().stopped == "a file: is torn"
    assert isinstance(tally.stop("too few"), SourceStopped) and tally.report().stopped == "too few"
