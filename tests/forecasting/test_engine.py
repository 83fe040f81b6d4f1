"""What is learned from is what was known; what is used is as old as what was learned from."""

from datetime import date

import numpy as np
import pytest

from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.forecasting import model
from tocsin.forecasting.engine import Bench, Vantage
from tocsin.forecasting.grid import as_known
from tocsin.forecasting.outcomes import easier, load_features, load_outcomes, outcome
from tocsin.forecasting.yearly import own_history, yearly

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


@pytest.mark.parametrize("lead", [1, 2, 3, 4])
def test_no_training_label_is_younger_than_what_was_known(lead):
    seen = BENCH.sample(KILLED, lead, VANTAGE, VANTAGE.base)
    assert seen.base.max() + lead == 2008
    assert BENCH.sample(KILLED, lead, VANTAGE, 2003).base.max() + lead == 2003


def test_a_stale_column_is_as_stale_in_training_as_on_the_day_of_issue():
    late = Vantage(2008, 2, tuple((n, 3 if n == "coups_succeeded" else s) for n, s in VANTAGE.stale))
    rows = BENCH.rows(late)
    j = rows.names.index("coup_succeeded")
    natural = BENCH.natural["coup_succeeded"]
    np.testing.assert_array_equal(rows.x[:, 5:, j], natural[:, 2:-3])
    assert rows.blank[:, :3, j].all()


def test_a_blank_takes_the_median_of_its_year_and_is_flagged_by_family():
    cells = WORLD.columns["population"].copy()
    cells[np.array(WORLD.iso3) == "AAX"] = np.nan
    grid = as_known(WORLD.with_column("population", cells), AS_OF)
    bench = Bench(grid, load_features(), BENCH.regions)
    rows, t = bench.rows(VANTAGE), grid.at(2008)
    j = rows.names.index("population")
    assert rows.x[0, t, j] == pytest.approx(np.median(rows.x[1:, t, j]))
    assert rows.x[:2, t, rows.names.index("blank:population")].tolist() == [1, 0]


def test_a_past_origin_is_kept_and_given_again():
    first = BENCH.past(KILLED, 2, VANTAGE, 2004)
    assert BENCH.past(KILLED, 2, VANTAGE, 2004) is first


def test_an_origin_with_too_few_events_says_nothing():
    assert np.isnan(BENCH.past(ONSET, 2, VANTAGE, 1990)).all()


def test_a_year_out_of_reach_is_refused():
    with pytest.raises(InputError, match="looks 9 years ahead"):
        yearly(BENCH, KILLED, 2017, VANTAGE)
    with pytest.raises(InputError, match="looks 0 years ahead"):
        yearly(BENCH, KILLED, 2008, VANTAGE)


def test_the_interval_holds_the_forecast_and_all_lie_in_the_unit_interval():
    made = yearly(BENCH, KILLED, 2010, VANTAGE)
    assert ((made.low > 0) & (made.low < made.p) & (made.p < made.high) & (made.high < 1)).all()


def test_own_history_of_a_state_that_never_had_it_lies_below_the_base_rate():
    rate = own_history(BENCH, KILLED, VANTAGE, 0.2)
    never = (BENCH.label(KILLED)[:, : GRID.at(2008) + 1] == 0).all(axis=1)
    assert never.any()
    assert (rate[never] < 0.2).all()
    assert (rate > 0).all()


def test_the_pushes_are_measured_from_the_mean_state_of_the_day():
    assert yearly(BENCH, KILLED, 2010, VANTAGE).push.mean(axis=0) == pytest.approx(0, abs=1e-9)


def test_the_pushes_add_up_to_the_log_odds_above_the_mean_state():
    made = yearly(BENCH, ONSET, 2010, VANTAGE)
    logit = np.log(made.p / (1 - made.p))
    assert made.push.sum(axis=1) == pytest.approx(logit - logit.mean(), abs=1e-9)


@pytest.mark.parametrize("found", load_outcomes(), ids=lambda o: o.key)
def test_what_a_signed_theme_counts_never_lowers_the_chance(found):
    seen, signed = BENCH.sample(found, 2, VANTAGE, VANTAGE.base), BENCH.signed(found)
    assert [spec.theme in found.signed for spec in load_features()] == signed[: len(load_features())].tolist()
    assert signed.any()
    assert (model.fit(seen.x, seen.y, found.penalty, signed).coef[signed] >= 0).all()


def test_a_thousand_contains_a_hundred_contains_twenty_five():
    assert easier(outcome("one_sided_1000")).key == "one_sided_100"
    assert easier(KILLED) is None
