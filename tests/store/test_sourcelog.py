"""The log of readings: the health of each source is that of its newest run."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.made import WRITTEN
from tocsin.sources.contract import UNCHANGED, SourceReport, Tally
from tocsin.store.home import open_home
from tocsin.store.sourcelog import SourceLog


@pytest.fixture
def log(tmp_path: Path) -> SourceLog:
    return open_home(tmp_path / "home").sources


def _report(source: str, opened: int = 0, failed: int = 0) -> SourceReport:
    tally = Tally(source)
    for number in range(opened):
        tally.open()
        if number < failed:
            tally.unreadable(f"https://f{number}.example/rss", "the server answered 503")
    return tally.report()


def _add(log: SourceLog, report: SourceReport) -> None:
    log.add(WRITTEN, report, {}, {}, {})


def test_a_source_that_could_read_only_some_of_its_inputs_is_in_trouble(log: SourceLog) -> None:
    _add(log, _report("feeds", 8, 5))
    why = "5 of 8 inputs could not be read: https://f0.example/rss: the server answered 503"
    assert log.health() == {"feeds": why}
    _add(log, _report("feeds", 8))
    assert log.health() == {"feeds": ""}
    _add(log, replace(_report("feeds", 8, 8), stopped="0 rows"))
    assert log.health() == {"feeds": "0 rows"}


def test_a_source_read_long_ago_is_still_known(log: SourceLog) -> None:
    _add(log, replace(_report("ucdp"), stopped="too few rows"))
    for _ in range(1001):
        _add(log, _report("feeds", 1))
    assert log.health() == {"feeds": "", "ucdp": "too few rows"}


def test_a_run_that_found_nothing_changed_is_well(log: SourceLog) -> None:
    _add(log, replace(_report("ucdp"), notes=(UNCHANGED,)))
    assert log.health() == {"ucdp": ""}
