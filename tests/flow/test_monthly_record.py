"""Live turns over months: months are sealed, wait, are scored when events come, and are corrected."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.cli.tools import tocsin
from tests.forecasting.happenings import years
from tests.sources.given import COLUMNS, ged_row
from tocsin import flow
from tocsin.acts import faults
from tocsin.cli.report import lines_of
from tocsin.clock import as_of_end
from tocsin.evaluation.monthly_record import order
from tocsin.evaluation.verdict import Verdict
from tocsin.forecasting.events import EventRow, month_id
from tocsin.sources.contract import Request
from tocsin.store.desk import Desk
from tocsin.store.forecast_record import ForecastRecord
from tocsin.store.home import Home, open_home
from tocsin.web.app import create_app

pytestmark = pytest.mark.slow
MINUTES = count()
COUNTRIES = {"NAM": ("Namibia", 565), "TCD": ("Chad", 483)}
ROWS = [*years("NAM", 2010, 2024, 1), *years("TCD", 2010, 2024, 2)]
KILLED = Counter[tuple[str, int]]()
for _row in ROWS:
    KILLED[_row.iso3, month_id(_row.start)] += _row.best
FIRST, LATE, LATER, NEXT, LAST = (
    date(2024, 6, 30), date(2024, 8, 1), date(2025, 7, 10), date(2025, 7, 20), date(2026, 6, 30)
)  # fmt: skip


def gathered(home: Home, folder: Path, release: int, rows: Sequence[EventRow], on: date) -> None:
    """Write rows as the annual release of a year and read it with the real reader."""
    path = folder / f"GEDEvent_v{release}_1.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            name, number = COUNTRIES[row.iso3]
            day = row.start.isoformat()
            change = {"id": row.external_id, "year": row.start.year, "best": row.best, "low": row.best}
            change |= {"date_start": day, "date_end": day, "side_a": row.side_a, "adm_1": row.adm_1}
            change |= {"country": name, "country_id": number, "high": row.best}
            writer.writerow(ged_row(**change))
    request = Request((path,), None, None, datetime(on.year, on.month, on.day, 8, tzinfo=UTC), True, None)
    assert flow.gather(home, "ucdp", request).report.refused_rows == 0


def a_turn(home: Home, day: date, replay: bool = False, made: date | None = None) -> dict[str, Any]:
    on = made or day
    at = datetime(on.year, on.month, on.day, 9, next(MINUTES), tzinfo=UTC)
    return flow.turn(home, as_of_end(day), replay, lambda line: None, True, at=at)


def to(last: int) -> list[EventRow]:
    return [row for row in ROWS if row.start.year <= last]


def corrected() -> list[EventRow]:
    """A later release: one event of Chad in August 2024 counts 900 more."""
    fix = next(row for row in ROWS if row.iso3 == "TCD" and (row.start.year, row.start.month) == (2024, 8))
    return [replace(row, best=row.best + 900) if row is fix else row for row in ROWS]


Told = tuple[Home, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("months")
    home = open_home(folder / "home")
    gathered(home, folder, 24, to(2023), FIRST)
    turns = {
        "first": a_turn(home, FIRST),
        "replay": a_turn(home, date(2024, 6, 30), replay=True, made=LATER),
        "late": a_turn(home, date(2024, 7, 31), made=LATE),
    }
    gathered(home, folder, 25, to(2024), LATER)
    turns["later"] = a_turn(home, LATER)
    turns["next"] = a_turn(home, NEXT)
    gathered(home, folder, 26, corrected(), LAST)
    turns["last"] = a_turn(home, LAST)
    yield home, turns
    home.close()


def stored(home: Home, run: str) -> list[dict[str, Any]]:
    return list(home.lake.stored("monthly_outcomes", {"run": run}))


def test_months_are_scored_once_when_all_of_their_window_is_known(told: Told) -> None:
    home, turns = told
    new = {name: turn["month_outcomes"]["new"] for name, turn in turns.items()}
    assert new == {"first": 0, "replay": 0, "late": 0, "later": 24, "next": 0, "last": new["last"]}
    rows = stored(home, turns["later"]["run"])
    assert {r["horizon"] for r in rows} == {"1", "2", "3", "4", "5", "6", "sum3", "sum6"}, (
        "July to December 2024; the months of 2025 and the total of twelve are not known: open, not zero"
    )
    for row in rows:
        window = json.loads(row["window"])
        first, last = (month_id(date.fromisoformat(window[end])) for end in ("start", "end"))
        assert row["deaths"] == sum(KILLED[row["iso3"], m] for m in range(first, last + 1))
        assert (row["dataset"], row["vintage"]) == ("UCDP GED: annual 25.1", "later revision")
        assert str(row["known_end"])[:10] == "2025-06-30"
    assert any("24 monthly forecasts scored" in line for line in lines_of(turns["later"]))
    assert faults(home) == []


def test_nothing_is_read_again_while_nothing_is_new(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    home, turns = told
    assert turns["next"]["month_outcomes"]["state"] == turns["later"]["month_outcomes"]["state"]
    asked: list[str] = []
    project = type(home.lake).project

    def noted(self: Any, table: str, *rest: Any) -> Any:
        asked.append(table)
        return project(self, table, *rest)

    monkeypatch.setattr(type(home.lake), "project", noted)
    again = a_turn(home, LAST)
    assert again["month_outcomes"]["new"] == 0 and "events" in asked and "monthly" not in asked


def test_what_moved_the_months_is_told_against_the_turn_of_an_earlier_month(told: Told) -> None:
    home, turns = told
    assert turns["first"]["months"]["before"] == "" and turns["later"]["months"]["before"]
    assert turns["last"]["months"]["before"] == turns["later"]["run"] == turns["next"]["months"]["run"]
    ahead = Desk(home).ahead
    months, before = ahead.monthly("TCD"), ahead.monthly_before("TCD")
    assert {f.horizon for f in months if f.reasons} == {"1", "sum3"}, (
        "a total of 12 was never without a death"
    )
    assert {f.run for f in before} == {turns["later"]["run"]}
    said = tocsin(home.folder, "assess", "--place", "TCD").stdout
    assert "why >=25, against the mean country (log-odds):" in said and "since 2025-07-10" in said


def test_a_correction_is_a_new_row_that_names_the_one_it_replaces(told: Told) -> None:
    home, turns = told
    before = {r["id"]: r for r in stored(home, turns["later"]["run"])}
    fixes = [r for r in stored(home, turns["last"]["run"]) if r["replaces"]]
    assert turns["last"]["month_outcomes"]["corrected"] == len(fixes) == 3
    for fix in fixes:
        was = before[fix["replaces"]]
        assert (was["forecast"], fix["iso3"]) == (fix["forecast"], "TCD")
        assert fix["deaths"] == was["deaths"] + 900 and fix["dataset"] == "UCDP GED: annual 26.1"
    assert {f["horizon"] for f in fixes} == {"2", "sum3", "sum6"}, "what did not change is not written again"


def test_a_forecast_sealed_in_its_window_is_late_and_never_compared(told: Told) -> None:
    home, turns = told
    rows = [r for r in ForecastRecord(home).judged_months() if r.forecast.run == turns["late"]["run"]]
    late = {r.forecast.horizon for r in rows if r.verdict is Verdict.LATE}
    assert late == {"1", "sum3", "sum6", "sum12"} and all(
        r.outcome is None for r in rows if r.forecast.horizon in late
    )
    assert {r.forecast.horizon for r in rows if r.outcome} == {"2", "3", "4", "5"}


def test_the_record_counts_every_sealed_month_and_scores_beside_the_rivals(told: Told) -> None:
    home, turns = told
    rows, record = ForecastRecord(home).judged_months(), ForecastRecord(home).made().months
    assert record is not None and record.corrections == 3
    assert [c.horizon for c in record.cards] == sorted({r.forecast.horizon for r in rows}, key=order)
    assert sum(c.sealed for c in record.cards) == len(rows)
    assert len(rows) == sum(t["written"]["monthly"] for name, t in turns.items() if name != "replay")
    one = next(c for c in record.cards if c.horizon == "2")
    assert one.all.scored == 4 and set(one.all.scores) == {"model", "own last 12 months", "own decayed past"}
    assert one.all.scores["model"].crps > 0 and set(one.years) == {2024}
    found = [*record.misses, *record.hits]
    august = [f for f in found if f.iso3 == "TCD" and not f.total and f.window.start == date(2024, 8, 1)]
    assert sum(f.forecasts for f in august) == 1 and august[0].deaths == KILLED["TCD", 536] + 900


def test_the_command_and_the_page_show_months(told: Told, tmp_path: Path) -> None:
    home, _ = told
    for folder in ("one", "two"):
        tocsin(home.folder, "evaluate", "record", "--out", str(tmp_path / folder))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    text = (tmp_path / "one" / "record.txt").read_text("utf-8")
    part = text[text.index("Sealed months") :]
    assert part.index("MISSES") < part.index("HITS") < part.index("FALSE ALARMS") < part.index("CRPS")
    with (tmp_path / "one" / "months.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(ForecastRecord(home).judged_months())
    assert {r["deaths"] for r in rows if r["verdict"] == "open"} == {""}
    with TestClient(create_app(lambda run: Desk(home), None, b"s" * 32), "http://127.0.0.1:8000") as client:
        html = client.get("/track-record").text
        assert html.index('id="months"') < html.index('id="months-misses"') < html.index('id="months-hits"')
        assert re.search(r"UCDP GED: annual 26\.1", html) and "Next 3 months" in html
        assert client.get("/api/track-record").json()["record"]["months"]["level"] == 25
