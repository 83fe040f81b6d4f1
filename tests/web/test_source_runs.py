"""The runs of sources: what counts as trouble."""

from __future__ import annotations

from tests.web.desk import AT
from tocsin.sources import catalog
from tocsin.sources.contract import NOTHING, UNCHANGED
from tocsin.web.source_runs import every, latest, shipped


def test_nothing_new_is_no_trouble_and_nothing_at_all_is() -> None:
    run = {"source": "ucdp", "started": "2026-01-05", "rows_read": 0}
    (told,) = latest([{**run, "notes": [UNCHANGED]}])
    assert told.trouble == ""
    (silent,) = latest([{**run, "notes": [NOTHING]}])
    assert silent.trouble == "silent: nothing was read"


def test_a_source_of_the_catalogue_that_was_never_read_is_not_left_out() -> None:
    runs = every([{"source": "feeds", "started": AT, "rows_read": 3, "used": 3}])
    assert {run.source for run in runs} >= set(catalog())
    assert {run.source: run.trouble for run in runs if run.source in ("feeds", "ucdp")} == {
        "feeds": "",
        "ucdp": "never read",
    }


def test_the_shipped_table_tells_its_newest_years_and_no_year_before_its_release() -> None:
    past, now = shipped(AT.replace(year=2014)), shipped(AT)
    assert {s.source for s in past} == {s.source for s in now} and len(now) > 5
    assert all(s.known < 2014 and s.newest > 2020 for s in past)
    assert any("UCDP" in s.source and s.known == s.newest for s in now)
