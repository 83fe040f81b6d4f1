"""Live turns over years: forecasts are sealed, wait, are scored when figures come, and are corrected."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from tests.cli.tools import tocsin
from tocsin import flow
from tocsin.acts import faults
from tocsin.clock import as_of_end
from tocsin.evaluation.verdict import Verdict
from tocsin.forecasting import panel as shipped
from tocsin.forecasting.explain import since
from tocsin.forecasting.panel import Panel, load_panel
from tocsin.store.desk import Desk
from tocsin.store.forecast_record import ForecastRecord
from tocsin.store.home import Home, open_home

pytestmark = pytest.mark.slow
DOCS = Path(__file__).resolve().parents[2] / "docs" / "record.md"
MINUTES = count()
FIRST, LATER, NEXT, LAST = date(2018, 12, 31), date(2020, 8, 1), date(2020, 9, 1), date(2021, 8, 1)


def cut(panel: Panel, last: int) -> Panel:
    """The table as a release that ends with `last` would hold it."""
    after = panel.year > last
    columns = {name: np.where(after, np.nan, column) for name, column in panel.columns.items()}
    info = {name: replace(i, last_year=min(i.last_year, last)) for name, i in panel.info.items()}
    return replace(panel, columns=MappingProxyType(columns), info=MappingProxyType(info))


def corrected(panel: Panel, iso3: str, year: int, deaths: float) -> Panel:
    """The table with another figure in one cell."""
    changed = panel.columns["os_deaths"].copy()
    changed[panel.rows[iso3, year]] = deaths
    return replace(panel, columns=MappingProxyType({**panel.columns, "os_deaths": changed}))


def a_turn(
    home: Home, day: date, by: Panel, replay: bool = False, made: date | None = None
) -> dict[str, Any]:
    on = made or day
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "load_panel", lambda: by)
        at = datetime(on.year, on.month, on.day, 9, next(MINUTES), tzinfo=UTC)
        return flow.turn(home, as_of_end(day), replay, lambda line: None, True, at=at)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, dict[str, dict[str, Any]]]]:
    home, table = open_home(tmp_path_factory.mktemp("record") / "home"), load_panel()
    turns = {
        "first": a_turn(home, FIRST, cut(table, 2017)),
        "replay": a_turn(home, date(2015, 12, 31), table, replay=True, made=LATER),
        "backdated": a_turn(home, date(2017, 12, 31), cut(table, 2019), made=LATER),
        "later": a_turn(home, LATER, cut(table, 2019)),
        "next": a_turn(home, NEXT, cut(table, 2019)),
        "last": a_turn(home, LAST, corrected(cut(table, 2020), "FRA", 2019, 5000)),
    }
    yield home, turns
    home.close()


Told = tuple[Home, dict[str, dict[str, Any]]]


def test_each_forecast_of_a_live_turn_is_sealed_by_itself_and_no_replay_is(told: Told) -> None:
    home, turns = told
    live = {turns[name]["run"] for name in ("first", "backdated", "later", "next", "last")}
    seals = [s for s in home.ledger.seals() if s.kind == "forecasts"]
    assert {s.run for s in seals} == live and turns["replay"]["run"] not in live
    for one in seals:
        ids = {f["id"] for f in home.lake.stored("forecasts", {"run": one.run}, ("id",))}
        assert ids == dict(one.leaves).keys() and len(ids) == one.count > 900
    assert faults(home) == []


def test_outcomes_are_written_once_when_their_figures_come(told: Told) -> None:
    home, turns = told
    assert {name: told["outcomes"] for name, told in turns.items() if name != "last"} == {
        **dict.fromkeys(("first", "replay", "backdated", "next"), 0),
        "later": 585,
    }
    rows = [o for o in home.lake.stored("outcomes") if o["run"] == turns["later"]["run"]]
    assert {o["outcome"] for o in rows} == {"one_sided_25", "one_sided_100", "one_sided_1000"}
    assert {o["window"] for o in rows} == {
        '{"end": "2019-12-31", "precision": "day", "start": "2019-01-01"}'
    }, "the list of mass killings comes later, and the second year of two is not known"


def test_a_correction_is_a_new_row_that_names_the_one_it_replaces(told: Told) -> None:
    home, turns = told
    stored = {o["id"]: o for o in home.lake.stored("outcomes")}
    fixes = [o for o in stored.values() if o["replaces"]]
    assert turns["last"]["outcomes_corrected"] == len(fixes) == 3
    for fix in fixes:
        was = stored[fix["replaces"]]
        assert (was["forecast"], was["iso3"]) == (fix["forecast"], "FRA") and was["met"] == "[]"
        assert json.loads(fix["figures"]) == {"2019": 5000.0} and fix["met"] == "[2019]"
    standing = home.lake.read("outcomes", as_of_end(LAST))
    assert len(standing) == len(stored) - 3


def test_a_forecast_that_could_have_seen_its_window_is_counted_and_never_compared(told: Told) -> None:
    home, turns = told
    late = [row for row in ForecastRecord(home).judged() if row.forecast.run == turns["backdated"]["run"]]
    assert {row.verdict for row in late} == {Verdict.LATE} and all(row.outcome is None for row in late)


def test_the_record_of_a_live_home_holds_live_forecasts_alone(told: Told) -> None:
    home, turns = told
    record, verdicts = ForecastRecord(home).made(), Counter(r.verdict for r in ForecastRecord(home).judged())
    assert sum(verdicts.values()) == sum(c.sealed for c in record.cards)
    assert sum(c.late for c in record.cards) == turns["backdated"]["forecasts"] == verdicts[Verdict.LATE]
    assert sum(c.all.scored for c in record.cards) == len(home.lake.read("outcomes", as_of_end(LAST)))
    assert record.corrections == 3
    missed = next(f for f in record.misses if f.iso3 == "FRA" and f.outcome == "one_sided_1000")
    assert missed.years == (2019,) and missed.figures == {"2019": 5000.0}
    assert Desk(home, turns["replay"]["run"]).forecast_record is None


def test_the_command_prints_misses_first_and_the_same_bytes_twice(told: Told, tmp_path: Path) -> None:
    home, _ = told
    folders = (tmp_path / "one", tmp_path / "two")
    for folder in folders:
        said = tocsin(home.folder, "evaluate", "record", "--out", str(folder))
        assert said.returncode == 0 and said.stdout == ""
    names = sorted(p.name for p in folders[0].iterdir())
    assert names == [
        "forecasts.csv",
        "months.csv",
        "record.json",
        "record.txt",
        "sealed.jsonl",
        "seals.jsonl",
    ]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    text = tocsin(home.folder, "evaluate", "record").stdout
    assert text == (folders[0] / "record.txt").read_text("utf-8")
    assert text.index("MISSES") < text.index("FRA France") < text.index("HITS") < text.index("FALSE ALARMS")
    plain = json.loads(tocsin(home.folder, "evaluate", "record", "--json").stdout)
    assert plain == json.loads((folders[0] / "record.json").read_text("utf-8"))
    assert len((folders[0] / "forecasts.csv").read_text().splitlines()) == 1 + sum(
        c["sealed"] for c in plain["cards"]
    )


def test_an_unknown_ending_is_one_line(told: Told, tmp_path: Path) -> None:
    said = tocsin(told[0].folder, "evaluate", "record", "--out", str(tmp_path / "record.pdf"))
    assert said.returncode == 2 and "unknown ending" in said.stderr and said.stderr.count("\n") == 1


def test_the_check_in_the_docs_needs_nothing_of_ours_and_finds_a_change(told: Told, tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert found
    (tmp_path / "check.py").write_text(found.group(1), "utf-8")
    tocsin(told[0].folder, "evaluate", "record", "--out", str(tmp_path / "record"))
    command = [sys.executable, "-I", str(tmp_path / "check.py"), str(tmp_path / "record")]
    well = subprocess.run(command, capture_output=True, text=True, check=False)
    assert well.returncode == 0 and told[0].ledger.seals()[-1].chain in well.stdout
    rows = (tmp_path / "record" / "sealed.jsonl").read_text("utf-8")
    spot = rows.index('"probability": 0.') + len('"probability": 0.')
    other = "1" if rows[spot] != "1" else "2"
    (tmp_path / "record" / "sealed.jsonl").write_text(rows[:spot] + other + rows[spot + 1 :], "utf-8")
    ill = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ill.returncode == 1 and "seal 1 of live-20181231" in ill.stderr


def test_a_forecast_is_told_against_the_newest_turn_of_an_earlier_month(told: Told) -> None:
    home, turns = told
    desk = Desk(home)
    before = desk.ahead.before("FRA")
    assert {f.run for f in before} == {turns["next"]["run"]} and {f.iso3 for f in before} == {"FRA"}
    moved = since(desk.forecasts("FRA"), before)
    assert len(moved) == len(desk.forecasts("FRA")) > 3
    for old, how in moved.values():
        assert old.run == turns["next"]["run"]
        assert sum(push for _, _, push in how.reasons) + how.alike == pytest.approx(how.change)
    assert Desk(home, turns["replay"]["run"]).ahead.before("FRA") == []
