"""The policy is judged by what began, known then, and nothing unknown counts against or for it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.shared_data import shared
from tocsin.alarms.alarm import Decision, Level
from tocsin.alarms.around import Around
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.assessment.everywhere import Material, assess_everywhere
from tocsin.errors import InputError
from tocsin.evaluation.beginnings import YEARLY, Fate, Ground, monthly, yearly
from tocsin.evaluation.policy_judged import Given, Walked, chosen
from tocsin.evaluation.policy_months import Months, read_months
from tocsin.evaluation.policy_rivals import at_least, highest, killings
from tocsin.evaluation.policy_scores import Stands, Trial, decades
from tocsin.evaluation.policy_walk import walked
from tocsin.forecasting.hindcast import hindcasts, opening
from tocsin.forecasting.panel import load_panel
from tocsin.geography.neighbours import neighbours

PERU, RWANDA, SUDAN, SWEDEN = "PER", "RWA", "SDN", "SWE"


def firsts(first: int, months: int) -> tuple[date, ...]:
    return tuple(date(first + n // 12, n % 12 + 1, 1) for n in range(months))


def ground(begins: list[list[int]], known: list[list[int]], under_way: list[list[int]]) -> Ground:
    made = [np.array(v, dtype=np.bool_) for v in (begins, known, under_way)]
    places = tuple(f"P{n}" for n in range(len(begins)))
    years = tuple(date(2000 + n, 1, 1) for n in range(len(begins[0])))
    return Ground("made", "made", places, years, made[0], made[1], made[2], 24)


def trial(stand: list[list[int]], on: Ground, months: int = 48) -> Trial:
    days = firsts(2000, months)
    stands = Stands(on.places, days, {"policy": np.array(stand, dtype=np.bool_)})
    judged = np.array([day.month == 1 for day in days])
    return Trial("made", stands, on, judged, (("all", 2000, 2003),))


def test_an_alarm_is_true_false_going_on_or_open_by_what_the_two_years_hold() -> None:
    on = ground(
        [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
        [[1, 1, 1, 1], [1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 1, 1]],
        [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]],
    )
    fates = on.fates([date(2000, 1, 1)])[:, 0]
    assert [Fate(f) for f in fates] == [Fate.TRUE, Fate.FALSE, Fate.OPEN, Fate.GOING_ON]


def test_what_lies_beyond_the_last_known_year_is_open_and_never_false() -> None:
    on = ground([[0, 0, 0, 0]], [[1, 1, 1, 1]], [[0, 0, 0, 0]])
    fates = on.fates([date(2002, 1, 1), date(2003, 1, 1), date(2004, 1, 1)])[0]
    assert [Fate(f) for f in fates] == [Fate.FALSE, Fate.OPEN, Fate.OPEN]


def test_the_lead_runs_from_the_first_day_of_the_unbroken_standing_and_a_miss_has_none() -> None:
    stand = np.zeros((2, 48), dtype=int)
    stand[0, :4] = 1
    stand[0, 6:30] = 1
    on = ground([[0, 0, 1, 0], [0, 0, 1, 0]], [[1] * 4] * 2, [[0] * 4] * 2)
    (score,) = trial(stand.tolist(), on).scores()
    assert (score.beginnings, score.met, score.recall) == (2, 1, 0.5)
    assert (score.lead, score.lead_met) == (9.0, 18.0)
    leads = {onset.iso3: onset.leads["policy"] for onset in trial(stand.tolist(), on).onsets()}
    assert leads == {"P0": 18, "P1": None}


def test_who_stands_only_after_the_first_day_did_not_meet_the_beginning() -> None:
    stand = np.zeros((1, 48), dtype=int)
    stand[0, 25:] = 1
    (score,) = trial(stand.tolist(), ground([[0, 0, 1, 0]], [[1] * 4], [[0] * 4])).scores()
    assert score.met == 0


def test_a_standing_counts_once_however_long_and_a_broken_one_twice() -> None:
    stand = np.zeros((1, 48), dtype=int)
    stand[0, 0:5] = stand[0, 8:11] = 1
    (score,) = trial(stand.tolist(), ground([[0, 0, 0, 0]], [[1] * 4], [[0] * 4])).scores()
    assert score.raised.false == 2
    assert score.stood.false == 1


def test_without_a_true_alarm_there_is_no_ratio_rather_than_a_good_one() -> None:
    stand = np.ones((1, 48), dtype=int)
    (score,) = trial(stand.tolist(), ground([[0, 0, 0, 0]], [[1] * 4], [[0] * 4])).scores()
    assert score.stood.per_true is None
    assert score.raised.per_true is None


def test_a_policy_equal_to_its_rival_differs_by_nothing_in_every_draw() -> None:
    on = ground([[0, 1, 0, 0], [0, 0, 0, 0]] * 8, [[1] * 4] * 16, [[0] * 4] * 16)
    stand = np.ones((16, 48), dtype=np.bool_)
    days = firsts(2000, 48)
    stands = Stands(on.places, days, {"policy": stand, "same": stand})
    whole = ("all", 2000, 2003)
    made = Trial("made", stands, on, np.array([d.month == 1 for d in days]), (whole,))
    gaps = list(made.differences([whole]))
    assert [(g.measure, g.value, g.low, g.high) for g in gaps] == [
        ("recall", 0.0, 0.0, 0.0),
        ("false per true", 0.0, 0.0, 0.0),
    ]


def test_decades_share_no_year_and_the_last_scope_holds_all() -> None:
    assert decades(1995, 2012, 2006) == (
        ("1995-1999", 1995, 1999),
        ("2000-2009", 2000, 2009),
        ("2010-2012", 2010, 2012),
        ("2006-2012", 2006, 2012),
        ("all", 1995, 2012),
    )


def test_a_new_state_begins_with_no_past_and_a_missing_figure_is_not_a_quiet_year() -> None:
    panel = load_panel()
    on = yearly(panel, ["SSD", PERU], 100, dict.fromkeys(YEARLY, 2023))
    year = {day.year: n for n, day in enumerate(on.starts)}
    assert ("SSD", 2010) not in panel.rows
    assert on.known[0, year[2011]]
    assert not on.under_way[0, year[2011]]
    assert on.begins[0, year[2012]] == (panel.value("os_deaths", "SSD", 2012) >= 100)
    assert panel.value("os_deaths", PERU, 1989) >= 100
    assert not on.known[1, year[1989]]
    assert not on.begins[1, year[1989]]


def test_a_mass_killing_of_the_list_and_the_first_year_of_a_spell_are_beginnings() -> None:
    panel = load_panel()
    on = yearly(panel, [SUDAN, SWEDEN], 1000, dict.fromkeys(YEARLY, 2023))
    for n, day in enumerate(on.starts[3:], 3):
        new = panel.value("mk_onset", SUDAN, day.year) == 1
        now, before = (panel.value("os_deaths", SUDAN, y) for y in (day.year, day.year - 1))
        assert on.begins[0, n] == (new or (now >= 1000 > before))
    assert not on.begins[1].any()


def test_months_begin_once_after_a_quiet_year_and_the_last_months_stay_open() -> None:
    deaths = np.zeros((2, 48))
    deaths[0, 20:22] = (1, 120)
    deaths[1, 40] = 30
    starts = firsts(2000, 48)
    three = monthly(deaths, ["AAA", "BBB"], starts, 100, 3)
    assert np.argwhere(three.begins).tolist() == [[0, 20]]
    assert not three.known[:, -2:].any()
    one = monthly(deaths, ["AAA", "BBB"], starts, 25, 1)
    assert np.argwhere(one.begins).tolist() == [[0, 21], [1, 40]]
    assert one.under_way[0, 22:34].all()
    assert not one.under_way[0, 34]
    assert not one.known[:, :12].any()


def test_months_are_known_late_and_only_where_the_file_has_them() -> None:
    deaths = np.ones((2, 36))
    deaths[1, :30] = np.nan
    known = Months(("AAA", "BBB"), firsts(2000, 36), deaths)
    count, year = known.trailing(date(2001, 2, 1))
    assert (count[0], year) == (12, 2000)
    assert np.isnan(count[1])
    assert np.isnan(known.trailing(date(2001, 1, 1))[0]).all()
    assert np.isnan(known.trailing(date(2003, 3, 1))[0]).all()


def test_a_file_of_months_is_read_or_refused_with_the_row(tmp_path: Path) -> None:
    path = tmp_path / "months.csv"
    path.write_text("iso3,year,month,ged_best_os\nAAA,2000,1,5\nAAA,2000,2,0\nBBB,2000,2,7\n")
    read = read_months(path)
    assert read.places == ("AAA", "BBB")
    assert read.deaths[0].tolist() == [5, 0]
    assert np.isnan(read.deaths[1, 0])
    for body, said in (
        ("AAA,2000,1,5\nAAA,2000,1,6\n", "row 3"),
        ("AAA,2000,13,5\n", "row 2"),
        ("AAA,2000,1.5,5\n", "row 2"),
        ("AAA,999999999,1,5\n", "row 2"),
        ("AAA,2000,1,-5\n", "row 2"),
    ):
        path.write_text("iso3,year,month,ged_best_os\n" + body)
        with pytest.raises(InputError, match=said):
            read_months(path)
    path.write_text("iso3,year,month\nAAA,2000,1\n")
    with pytest.raises(InputError, match="ged_best_os"):
        read_months(path)


@given(
    st.lists(
        st.tuples(st.sampled_from(["AAA", "BBB", ""]), *[st.one_of(st.floats(), st.integers(-5, 2200))] * 3),
        max_size=6,
    )
)
def test_whatever_the_rows_hold_they_are_read_or_refused(rows: list[tuple[str, float, float, float]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "months.csv"
        body = "".join(",".join(map(str, row)) + "\n" for row in rows)
        path.write_text("iso3,year,month,ged_best_os\n" + body)
        try:
            read = read_months(path)
        except InputError:
            return
    assert int(np.isfinite(read.deaths).sum()) == len(rows)
    assert (read.deaths[np.isfinite(read.deaths)] >= 0).all()


def test_the_highest_of_a_day_are_never_those_that_nobody_counts() -> None:
    values = np.array([[5.0, np.nan], [9.0, 0.0], [np.nan, 3.0], [7.0, 4.0]])
    assert highest(values, np.array([2, 3])).tolist() == [
        [False, False],
        [True, False],
        [False, True],
        [True, True],
    ]
    assert at_least(values, 4.0).tolist() == [[True, False], [True, False], [False, False], [True, True]]


def test_last_years_killings_are_those_that_were_out_on_the_day() -> None:
    panel = load_panel()
    seen = killings(panel, [RWANDA], [date(1995, 6, 1), date(1995, 7, 1)])[0]
    assert seen.tolist() == [panel.value("os_deaths", RWANDA, y) for y in (1993, 1994)]


def test_the_rival_chooses_its_number_without_a_year_after_2005() -> None:
    panel, past = load_panel(), hindcasts()
    days = firsts(1990, 12 * 34)
    places = tuple(sorted(set(panel.iso3)))
    world = Walked(places, days, np.zeros((len(places), len(days)), dtype=np.bool_))
    early = Walked(places, days[: 12 * 16], world.high[:, : 12 * 16])
    given = Given(panel, past, policy())
    assert chosen(given, world) == chosen(given, early)


def test_a_walk_sees_no_figure_before_it_was_out() -> None:
    steps = walked(load_panel(), hindcasts(), policy(), date(1990, 3, 1))
    levels = dict(steps)
    assert list(levels) == [date(1990, 1, 1), date(1990, 2, 1), date(1990, 3, 1)]
    assert all(SWEDEN in told for told in levels.values())
    assert all(told[SWEDEN] is Level.NONE for told in levels.values())


def test_the_walk_gives_the_levels_that_a_turn_would_decide() -> None:
    panel, past, rules = load_panel(), hindcasts(), policy()
    before: dict[str, Decision] = {}
    for day, levels in walked(panel, past, rules, date(1990, 7, 1)):
        at, earlier = opening(day), dict(before)
        beliefs = assess_everywhere(Material(panel, past.at(at), [], [], {}), at, "made", at)
        for one in beliefs:
            iso3 = one.assessment.iso3
            beside = {i: earlier[i].level for i in neighbours(iso3, day) if i in earlier}
            around = Around(neighbours=beside)
            made, _ = decide(
                one.assessment, one.forecasts, one.signals, earlier.get(iso3), rules, around=around
            )
            before[iso3] = made
            assert made.level is levels[iso3], (day, iso3)
    assert sum(d.level.step >= Level.WARNING.step for d in before.values()) > 5


def test_one_command_prints_the_table_and_the_same_as_lines() -> None:
    from tocsin.cli.main import app

    refused = CliRunner().invoke(app, ["evaluate", "policy", "--first", "1980"])
    assert refused.exit_code != 0
    told = CliRunner().invoke(app, ["evaluate", "policy", "--first", "1991", "--last", "1992", "--json"])
    assert told.exit_code == 0, told.output
    rows = [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]
    assert {row["kind"] for row in rows} == {"score", "difference", "beginning"}
    assert {row["who"] for row in rows if row["kind"] == "score"} >= {"policy", "first 30 of the forecast"}


def test_the_months_of_africa_hold_outbreaks_after_quiet_years() -> None:
    read = read_months(shared("data/ucdp_ged_countrymonth_africa_views/ged_country_month_1990_2016.parquet"))
    on = monthly(read.deaths, read.places, read.starts, 25, 1)
    assert len(read.places) == 55
    assert 30 <= int(on.begins.sum()) <= 90
