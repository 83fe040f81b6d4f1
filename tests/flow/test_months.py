"""A turn with events in the home issues months, seals them, and lets them stand; a turn without says why."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.forecasting.happenings import years
from tests.sources.given import COLUMNS, ged_row
from tocsin import flow
from tocsin.acts import faults
from tocsin.cli.report import lines_of
from tocsin.clock import as_of_end, now
from tocsin.sources.contract import Request
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home

pytestmark = pytest.mark.slow
AS_OF = as_of_end(date(2024, 7, 10))


def told(report: dict[str, object]) -> str:
    return next(line for line in lines_of(report) if line.startswith("months"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("months")
    with (folder / "GEDEvent_v24_1.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for row in years("NAM", 2012, 2023, 1):
            day = row.start.isoformat()
            change = {"id": row.external_id, "year": row.start.year, "best": row.best, "low": row.best}
            change |= {"date_start": day, "date_end": day, "side_a": row.side_a, "adm_1": row.adm_1}
            writer.writerow(ged_row(**change, high=row.best))
    opened = open_home(folder / "home")
    request = Request((folder / "GEDEvent_v24_1.csv",), None, None, now(), True, None)
    assert flow.gather(opened, "ucdp", request).report.refused_rows == 0
    return opened


def test_a_turn_issues_and_seals_months_and_the_next_lets_them_stand(home: Home) -> None:
    first = flow.turn(home, AS_OF, False, lambda line: None)
    assert first["months"]["new"] and first["written"]["monthly"] == 39
    assert told(first) == (
        "months    1 country, 36 months ahead, made; newest month of events 2023-12"
        "; learned from so few alone, read them with care"
    )
    assert {s.kind for s in home.ledger.seals() if s.run == first["run"]} >= {"monthly", "parts"}
    desk = Desk(home)
    months, parts = desk.ahead.monthly("NAM"), desk.ahead.parts("NAM")
    assert [f.horizon for f in months[:2]] == ["1", "2"] and months[-1].horizon == "sum12"
    assert {p.kind for p in parts} == {"adm1", "cell", "situation"} and desk.ahead.monthly("FRA") == []

    second = flow.turn(home, as_of_end(date(2024, 7, 20)), False, lambda line: None)
    assert not second["months"]["new"] and second["months"]["run"] == first["run"]
    assert "stand from an earlier turn" in told(second)
    assert Desk(home).ahead.monthly("NAM") == months
    assert list(faults(home)) == [], "sealed rows and stored rows are the same"


def test_a_turn_without_events_says_that_months_need_them(tmp_path: Path) -> None:
    report = flow.turn(open_home(tmp_path / "home"), AS_OF, False, lambda line: None)
    assert report["months"]["run"] == "" and report["written"]["monthly"] == 0
    assert "none: months need event data" in told(report) and "tocsin gather ucdp" in told(report)
