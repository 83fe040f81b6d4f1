"""What a look at other costs promises: one past for both, counted whole; dearer misses warn more."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from tocsin.alarms.alarm import Level
from tocsin.alarms.policy import policy
from tocsin.cli.main import app
from tocsin.errors import UserError
from tocsin.evaluation.what_if import KILLED, ONSET, Past, count, summed, what_if
from tocsin.forecasting.hindcast import hindcasts
from tocsin.forecasting.panel import load_panel

PAST = Past(load_panel(), hindcasts())


def test_a_year_counts_every_place_once_and_misses_beside_what_was_met() -> None:
    levels = {"QQA": Level.WARNING, "QQB": Level.ALARM, "QQC": Level.RISK, "QQD": Level.WARNING}
    then = {KILLED: frozenset({"QQA", "QQC"}), ONSET: frozenset({"QQA", "QQE"})}
    year = count(2001, levels, Level.WARNING, then)
    assert year.high == ("QQA", "QQB", "QQD") and year.false == ("QQB", "QQD")
    assert year.caught == {KILLED: ("QQA",), ONSET: ("QQA",)}
    assert year.missed == {KILLED: ("QQC",), ONSET: ("QQE",)}
    total = summed([year, year])
    assert (total.alarms, total.false, total.per_true) == (6, 4, 2.0)
    assert total.caught == {KILLED: 2, ONSET: 2}


def test_without_a_true_alarm_there_is_no_rate_of_false_ones() -> None:
    assert (
        summed([count(2001, {"QQA": Level.WARNING}, Level.WARNING, {KILLED: frozenset()})]).per_true is None
    )


def test_a_dearer_miss_warns_wherever_a_cheaper_one_does_and_misses_no_more() -> None:
    cheap, shipped, dear = what_if(
        PAST,
        [policy().priced(Level.WARNING, 5), policy(), policy().priced(Level.WARNING, 40)],
        Level.WARNING,
        2001,
        2002,
    )
    for low, mid, high in zip(cheap, shipped, dear, strict=True):
        assert set(low.high) <= set(mid.high) <= set(high.high)
        assert all(set(high.missed[k]) <= set(mid.missed[k]) <= set(low.missed[k]) for k in (KILLED, ONSET))
    assert summed(cheap).alarms < summed(shipped).alarms < summed(dear).alarms


def test_a_day_sees_no_figure_that_was_not_out_and_the_chances_of_a_year_before() -> None:
    day = date(2001, 4, 1)
    for _, fields, _ in PAST.measured(day, policy()):
        assert fields.get("figure.os_deaths.year", 0) <= 1999, (
            "UCDP comes out half a year after the year's end"
        )
    changes = [f["forecast.new_mass_killing.24.change"] for _, f, _ in PAST.measured(day, policy())]
    before = {f.iso3: f.probability for f in PAST.forecasts.on(date(2000, 4, 1)) if _onset(f.outcome, f)}
    now = {f.iso3: f.probability for f in PAST.forecasts.on(day) if _onset(f.outcome, f)}
    assert changes == pytest.approx([now[i] / before[i] for i in now if i in before])


def _onset(outcome: str, forecast: object) -> bool:
    return outcome == "new_mass_killing" and getattr(forecast, "horizon_months", 0) == 24


def test_the_command_prints_years_and_sums_and_lines() -> None:
    told = CliRunner().invoke(app, ["warn", "if", "--miss", "10", "--first", "2001", "--last", "2001"])
    assert told.exit_code == 0
    assert "2001" in told.output and "as shipped:" in told.output and "as changed:" in told.output
    asked = ["warn", "if", "--miss", "10", "--first", "2001", "--last", "2001", "--json"]
    rows = [json.loads(line) for line in CliRunner().invoke(app, asked).output.splitlines()]
    assert [(r["policy"], r["miss"], r["year"]) for r in rows] == [
        ("shipped", 15, 2001),
        ("changed", 10, 2001),
    ]
    assert set(rows[1]["places"]) <= set(rows[0]["places"])


@pytest.mark.parametrize(
    "wrong",
    [
        ["--miss", "0"],
        ["--miss", "5", "--level", "ongoing"],
        ["--miss", "5", "--level", "panic"],
        ["--miss", "5", "--first", "1980"],
        ["--miss", "5", "--first", "2003", "--last", "2001"],
        ["--miss", "5", "--last", "2040"],
    ],
)
def test_what_cannot_be_asked_is_one_line(wrong: list[str]) -> None:
    told = CliRunner().invoke(app, ["warn", "if", *wrong])
    assert isinstance(told.exception, UserError)
