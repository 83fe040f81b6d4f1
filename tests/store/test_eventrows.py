"""The events that the panels read out of the lake are the gathered ones, as known at the origin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.shared_data import shared
from tests.store.made import event
from tocsin.clock import Moment, Precision, as_of_end
from tocsin.forecasting.events import EventRow
from tocsin.sources import Request, source
from tocsin.store.eventrows import LakeEvents
from tocsin.store.lake import Lake

LATE = as_of_end(date(2026, 11, 1))


def test_the_rows_are_those_of_the_nouns(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake", tmp_path / "lock")
    first, later = event(1), replace(event(2), known=Moment(event(2).known.at, Precision.YEAR))
    named = replace(event(3), columns={"adm_1": "A 'region'"}, replaces="evt-1", latitude=None)
    lake.write({"events": [first, later, named]}, "test")
    assert LakeEvents(lake).event_rows(LATE) == [EventRow.of(e) for e in (first, later, named)]
    at = as_of_end(date(2015, 7, 1))
    assert [row.id for row in LakeEvents(lake).event_rows(at)] == ["evt-1", "evt-3"]


def test_an_empty_lake_has_none(tmp_path: Path) -> None:
    assert LakeEvents(Lake(tmp_path / "lake", tmp_path / "lock")).event_rows(LATE) == []


def test_a_real_candidate_release_comes_back_row_by_row(tmp_path: Path) -> None:
    path = shared("data/ucdp_candidate/candidate_v26_0_2_full49.parquet")
    events = list(next(source("ucdp").read(Request((path,), None, None, LATE, False, None))).events)
    lake = Lake(tmp_path / "lake", tmp_path / "lock")
    lake.write({"events": events}, "test")
    found = LakeEvents(lake).event_rows(LATE)
    assert {row.id: row for row in found} == {e.id: EventRow.of(e) for e in events}
    assert len(found) == 1298 and sum(row.adm_1 != "" for row in found) > 1000
