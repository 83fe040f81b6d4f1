"""What is learned from is what was known; what is used is as old as what was learned from."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.forecasting.engine import Bench, Vantage, chosen, own_history, reached, ridge, thresholds
from tocsin.forecasting.grid import as_known
from tocsin.forecasting.outcomes import kin, load_features, load_outcomes, outcome
from tocsin.forecasting.yearly import learn, yearly

WORLD = world()
AS_OF = as_of_end(date(2010, 3, 31))
GRID = as_known(WORLD, AS_OF)
BENCH = Bench(GRID, load_features(), tuple(WORLD.regions[i] for i in GRID.iso3))
VANTAGE = Vantage.of(GRID.known, AS_OF)
KILLED = outcome("one_sided_25")
ONSET = outcome("new_mass_killing")


def test_the_base_is_the_newest_year_of_ucdp_and_others_are_as_stale_as_their_release():
    assert (VANTAGE.base, VANTAGE.gap) == (2008, 2)
    assert VANTAGE.lag(["mk_onset"]) == 0
    assert VANTAGE.lag(["v2x_polyarchy"]) == -1
    assert VANTAGE.lag(["v2x_polyarchy", "os_deaths"]) == 0


def made(found, target):
    return yearly(BENCH, found, VANTAGE, learn(BENCH, found, target, VANTAGE))


def seen(found, lead, base):
    return BENCH.seen(found, lead, VANTAGE, base, thresholds(found))


@pytest.mark.parametrize("lead", [1, 2, 3, 4])
def test_no_training_label_is_younger_than_what_was_known(lead):
    assert seen(KILLED, lead, VANTAGE.base).rows.base.max() + lead == 2008
    assert seen(KILLED, lead, 2003).rows.base.max() + lead == 2003
    assert seen(ONSET, lead, 2003).rows.base.max() + lead + 1 == 2003


def test_a_span_is_reached_in_any_of_its_years_and_unknown_while_one_is():
    cells = WORLD.columns["mk_onset"].copy()
    year, iso3 = WORLD.year, np.array(WORLD.iso3)
    for state, values in {"AAX": (0, 1), "ABX": (0, 0), "ACX": (0, np.nan), "ADX": (1, np.nan)}.items():
        for when, value in zip((2005, 2006), values, strict=True):
            cells[(iso3 == state) & (year == when)] = value
    grid = as_known(WORLD.with_column("mk_onset", cells), AS_OF)
    most = reached(grid, ONSET, grid.at(2005))
    assert (most[:2] >= 1).tolist() == [True, False]
    assert np.isnan(most[2]) and most[3] == 1
    assert np.isnan(reached(grid, ONSET, grid.at(2010))).all()


def test_a_stale_column_is_as_stale_in_training_as_on_the_day_of_issue():
    late = Vantage(2008, 2, tuple((n, 3 if n == "coups_succeeded" else s) for n, s in VANTAGE.stale))
    block, j = BENCH.block(late), BENCH.names.index("coup_succeeded")
    np.testing.assert_array_equal(block.x[:, 5:, j], BENCH.natural["coup_succeeded"][:, 2:-3])
    assert np.isnan(block.x[:, :3, j]).all()


def test_who_has_revised_figures_has_those_of_the_year_itself_and_no_older_column_hides_it():
    table = WORLD.with_column("v2x_rule", np.where(WORLD.year > 2005, np.nan, WORLD.columns["v2x_rule"]))
    vantage = Vantage.revised(as_known(table, as_of_end(date(2020, 12, 31))), 2007)
    assert (vantage.base, vantage.gap) == (2007, 0)
    assert (vantage.lag(["os_deaths"]), vantage.lag(["v2x_rule"])) == (0, 2)


def test_a_blank_stays_a_blank():
    cells = WORLD.columns["population"].copy()
    cells[np.array(WORLD.iso3) == "AAX"] = np.nan
    grid = as_known(WORLD.with_column("population", cells), AS_OF)
    bench = Bench(grid, load_features(), BENCH.regions)
    x = bench.rows(KILLED, VANTAGE, 2008).x[:, bench.names.index("population")]
    assert np.isnan(x).tolist() == [True] + [False] * 59


def test_the_past_of_a_row_is_its_own_newest_first_and_ends_at_the_base():
    rows = BENCH.rows(KILLED, VANTAGE, 2005)
    deaths = GRID.values["os_deaths"]
    assert rows.past[3, :2].tolist() == [deaths[3, GRID.at(2005)], deaths[3, GRID.at(2004)]]
    assert np.isnan(rows.past[:, GRID.at(2005) + 1 :]).all()


def test_a_past_origin_is_kept_and_given_again():
    first = BENCH.past(KILLED, 2, VANTAGE, 2004)
    assert BENCH.past(KILLED, 2, VANTAGE, 2004) is first


def test_an_origin_with_too_few_events_says_nothing():
    assert np.isnan(BENCH.past(ONSET, 2, VANTAGE, 1990)).all()


def test_a_year_out_of_reach_is_refused():
    with pytest.raises(InputError, match="looks 9 years ahead"):
        made(KILLED, 2017)
    with pytest.raises(InputError, match="looks 0 years ahead"):
        made(KILLED, 2008)


def test_the_interval_holds_the_forecast_and_all_lie_in_the_unit_interval():
    found = made(KILLED, 2010)
    assert ((found.low > 0) & (found.low < found.p) & (found.p < found.high) & (found.high < 1)).all()


def test_own_history_of_a_state_that_never_had_it_lies_below_the_base_rate():
    known = seen(KILLED, 2, VANTAGE.base)
    rate = own_history(KILLED).fit(known).predict(BENCH.rows(KILLED, VANTAGE, 2008))[:, 0]
    never = (BENCH.label(KILLED)[:, : GRID.at(2008) + 1] == 0).all(axis=1)
    assert never.any()
    assert (rate[never] < known.hits[:, 0].mean()).all()
    assert (rate > 0).all()


@pytest.mark.parametrize("found", [KILLED, ONSET], ids=lambda o: o.key)
def test_the_pushes_are_measured_from_the_mean_state_of_the_day(found):
    assert made(found, 2010).push.mean(axis=0) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("found", [KILLED, ONSET], ids=lambda o: o.key)
def test_the_pushes_add_up_to_the_log_odds_above_the_mean_state(found):
    forecast = made(found, 2010)
    logit = np.log(forecast.p / (1 - forecast.p))
    off = forecast.push.sum(axis=1) - logit
    # where the members' levels crossed, a rarer one was held down and the sum lies off
    assert (np.abs(off - np.median(off)) < 1e-6).mean() > 0.75
    assert np.abs(off - np.median(off)).max() < 0.5


def test_the_level_of_a_rare_outcome_is_that_of_the_calibrated_ridge():
    fit = learn(BENCH, ONSET, 2010, VANTAGE)
    calibrated = BENCH.calibration(ONSET, fit.lead, VANTAGE)
    logit = np.log(1 / (1 / ridge(ONSET).fit(fit.seen).predict(fit.rows)[:, 0] - 1))
    wanted = (1 / (1 + np.exp(-calibrated(logit)))).sum()
    assert yearly(BENCH, ONSET, VANTAGE, fit).p.sum() == pytest.approx(wanted)


@pytest.mark.parametrize("found", [KILLED, ONSET], ids=lambda o: o.key)
def test_no_member_turns_a_sign_around(found):
    fit = learn(BENCH, found, 2010, VANTAGE)
    at = {spec.key: (j, spec.sign) for j, spec in enumerate(load_features()) if spec.sign}
    assert len(at) > 60
    before = fit.blended.parts(fit.rows)[:2, :, 0]
    for j, sign in at.values():
        x = fit.rows.x.copy()
        x[:, j] += sign * 2.0
        moved = fit.blended.parts(replace(fit.rows, x=x))[:2, :, 0]
        assert (moved >= before - 1e-9).all(), load_features()[j].key


def test_one_fit_answers_for_all_thresholds():
    assert [one.key for one in kin(KILLED)] == ["one_sided_25", "one_sided_100", "one_sided_1000"]
    assert thresholds(KILLED).tolist() == [25, 100, 1000]
    assert kin(ONSET) == (ONSET,)


def test_the_members_are_those_that_were_chosen():
    assert [m.name for m in chosen(KILLED).members] == ["ridge", "boosted"]
    assert [m.name for m in chosen(ONSET).members] == ["ridge", "boosted", "own_history"]
    assert all(o.tells in {"", *BENCH.names} for o in load_outcomes())
