"""Replays are told as rows for machines and as three tables that are never merged; no result is prettied."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from tocsin.alarms.alarm import Level
from tocsin.cli.main import app
from tocsin.errors import UnknownId, UserError
from tocsin.evaluation.replay import Given, Step, Stretch, Walk, material
from tocsin.evaluation.replay_cases import ENOUGH_SIGNS, Case, case, cases
from tocsin.evaluation.replay_drawn import DRAWN, drawn
from tocsin.evaluation.replay_lines import verdict
from tocsin.evaluation.replay_told import HEADS, Replayed, judged, replays, row, summary

KEYS = [
    *("case", "inputs", "control", "onset", "first_risk", "first_warning", "first_alarm", "lead_days"),
    *("used", "withheld"),
]


def lines(*given: str) -> list[str]:
    made = CliRunner().invoke(app, ["replay", *given])
    assert made.exit_code == 0, made.exception
    return made.stdout.splitlines()


def made(of: Case, levels: Sequence[tuple[int, Level]]) -> Replayed:
    """A case with a walk written by hand: levels by the days before the last."""
    steps = tuple(
        Step(of.last - timedelta(days=ago), level, "r", ("Said.",), "", (), (), {}, 0)
        for ago, level in levels
    )
    return Replayed(of, Walk(Stretch.of(of), Given.FORECAST, steps, 0, 0))


def test_a_line_a_case_and_kind_of_input_with_exactly_the_keys_asked_for() -> None:
    rows = [json.loads(line) for line in lines("--all", "--json")]
    assert [list(r) for r in rows] == [KEYS] * (2 * len(cases()))
    assert [(r["case"], r["inputs"]) for r in rows] == [
        (c.id, kind) for c in cases() for kind in ("forecast", "signs")
    ]
    for r in rows:
        days = [
            date.fromisoformat(r[f"first_{at}"]) for at in ("risk", "warning", "alarm") if r[f"first_{at}"]
        ]
        assert days == sorted(days)
        assert (r["onset"] is None) == r["control"] == case(r["case"]).control
        if r["control"] or not r["first_warning"]:
            assert r["lead_days"] is None
        else:
            lead = date.fromisoformat(r["onset"]) - date.fromisoformat(r["first_warning"])
            assert r["lead_days"] == lead.days >= 0
        if r["inputs"] == "signs":
            assert r["used"] + r["withheld"] == len(case(r["case"]).signs)


def test_the_three_results_stand_apart_each_under_its_own_heading() -> None:
    told = lines("--all")
    spots = [told.index(HEADS[name]) for name in ("forecast", "signs", "drawn")]
    assert spots == sorted(spots)
    assert "illustration" in HEADS["signs"]
    for id in (c.id for c in cases()):
        assert [sum(line.startswith(id) for line in told[a:b]) for a, b in pairwise(spots)] == [1, 1]
        assert not any(line.startswith(id) for line in told[spots[2] :])
    assert told[-1] == "The three tables answer different questions and have no total."


def test_signs_change_nothing_in_the_first_result_and_the_draw_is_not_among_the_lines() -> None:
    found = replays()
    assert all(
        r.walk.given is Given.FORECAST and not any(s.signs for s in r.walk.steps) for r in found.forecast
    )
    assert {r.case.id for r in found.forecast} == {c.id for c in cases()}
    assert not {w.stretch.id for w in found.drawn} & {c.id for c in cases()}


def test_the_draw_is_of_twenty_periods_as_long_as_a_walk_and_without_an_onset() -> None:
    periods, panel = drawn(material()), material().panel
    assert len(set(periods)) == DRAWN == 20 and periods == drawn(material())
    for each in periods:
        assert (each.first.month, each.first.day, each.last - each.first) in (
            (1, 1, timedelta(days=729)),
            (1, 1, timedelta(days=730)),
        )
        for year in range(each.first.year, each.last.year + 3):
            onset, ongoing, killed = (
                panel.value(c, each.iso3, year) for c in ("mk_onset", "mk_ongoing", "os_deaths")
            )
            assert (onset, ongoing) == (0, 0) and killed < 1000 and not math.isnan(killed)


def test_the_draw_is_printed_by_itself() -> None:
    rows = [json.loads(line) for line in lines("--drawn", "--json")]
    assert [list(r)[: len(KEYS)] for r in rows] == [KEYS] * DRAWN
    assert all(r["onset"] is None and r["lead_days"] is None and r["from"] < r["to"] for r in rows)
    assert lines("--drawn")[0] == HEADS["drawn"]


def test_one_case_tells_each_day_with_its_rule_its_sign_and_what_was_withheld() -> None:
    told = "\n".join(lines("rwa1994"))
    assert "(rule " in told and "(public at time, confidence high)" in told
    before, withheld = told.split("\nWithheld\n")
    assert "force commander cables" not in before
    assert "1994-01-11  restricted at the time: UN force commander cables headquarters" in withheld
    assert "figures for years up to 1994: not out by 1994-04-07" in withheld
    assert "What was done (shown, not used)" in withheld and "SC res 872" in withheld
    assert HEADS["forecast"] in before and HEADS["signs"] in before


def test_a_control_tells_why_people_were_warned_and_what_came() -> None:
    told = "\n".join(lines("gmb2016"))
    assert (
        "why people were warned: leader refused defeat" in told and "window 2016-12-01 to 2017-01-31" in told
    )


def test_an_unknown_case_is_met_with_the_near_ones_and_no_choice_with_the_choices() -> None:
    wrong = CliRunner().invoke(app, ["replay", "rwa1995"])
    assert isinstance(wrong.exception, UnknownId) and "did you mean rwa1994" in str(wrong.exception)
    for given in ([], ["rwa1994", "--all"], ["--all", "--drawn"]):
        neither = CliRunner().invoke(app, ["replay", *given])
        assert isinstance(neither.exception, UserError) and "name one case" in str(neither.exception)


def test_lead_time_counts_from_the_first_warning_and_not_from_risk() -> None:
    found = made(case("rwa1994"), [(300, Level.RISK), (120, Level.WARNING), (10, Level.ALARM)])
    told = row(found)
    assert told["lead_days"] == 120 and not found.doubtful
    assert (told["first_risk"], told["first_warning"], told["first_alarm"]) == (
        "1993-06-11",
        "1993-12-08",
        "1994-03-28",
    )


def test_a_level_that_jumps_to_the_top_has_reached_those_below() -> None:
    told = row(made(case("rwa1994"), [(20, Level.ONGOING)]))
    assert told["first_risk"] == told["first_warning"] == told["first_alarm"] == "1994-03-18"


def test_no_warning_by_the_onset_is_no_lead() -> None:
    found = made(case("rwa1994"), [(300, Level.RISK)])
    assert row(found)["lead_days"] is None and verdict(found) == "No warning and no alarm came by the onset."


def test_a_warning_on_the_day_itself_is_said_to_be_too_late() -> None:
    found = made(case("rwa1994"), [(0, Level.ALARM)])
    assert row(found)["lead_days"] == 0 and "too late to act on" in verdict(found)
    assert summary([found]).startswith("0 of 1 cases")


@pytest.mark.parametrize(
    ("id", "ago", "doubtful"), [("rwa1994", 14, True), ("rwa1994", 15, False), ("lka2009", 60, True)]
)
def test_a_lead_within_the_tolerance_of_the_onset_is_marked(id: str, ago: int, doubtful: bool) -> None:
    found = made(case(id), [(ago, Level.WARNING)])
    assert found.doubtful is doubtful and ("within the tolerance" in verdict(found)) is doubtful


def test_a_level_that_had_fallen_by_the_onset_is_told() -> None:
    found = made(case("rwa1994"), [(700, Level.WARNING), (100, Level.RISK)])
    assert found.lead == 700 and found.within is Level.RISK
    assert "at the onset the level had fallen to risk" in verdict(found)
    assert (
        "1 of 1 cases reached warning or above before the onset: 0 stood there when the walk began, 0 at"
        in summary([found])
    )


def test_a_false_alarm_is_a_warning_that_stood_in_the_window_also_from_before() -> None:
    control = case("gmb2016")
    standing = made(control, [(500, Level.WARNING)])
    over = made(control, [(500, Level.WARNING), (400, Level.RISK)])
    within = made(control, [(500, Level.NONE), (20, Level.ALARM)])
    assert [r.false_alarm for r in (standing, over, within)] == [True, False, True]
    assert summary([standing, over, within]).endswith("2 of 3 controls stood there in their window.")


def test_a_control_with_few_signs_is_not_testable_with_them_and_is_without() -> None:
    few = replace(case("gmb2016"), signs=case("gmb2016").signs[: ENOUGH_SIGNS - 1])
    alone = made(few, [(20, Level.ALARM)])
    words = Replayed(few, replace(alone.walk, given=Given.SIGNS, used=5))
    assert alone.tested and not words.tested
    assert judged(words) == "not testable: 5 signs, 6 are needed"
    assert summary([words]).endswith("0 of 0 controls stood there in their window.")
