"""Rolling forecasts of new mass killing: nothing from later years, labels closed, one row a key."""

import csv
from datetime import date

import numpy as np
import pytest

from tests.cli.tools import tocsin
from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.evaluation.onset import MONTHS, Rolled, published, roll, rows, summary
from tocsin.evaluation.scorecard import Past
from tocsin.forecasting.engine import Vantage
from tocsin.forecasting.issue import Desk, issue
from tocsin.forecasting.outcomes import outcome
from tocsin.forecasting.panel import load_panel

WORLD = world()
ONSET = outcome("new_mass_killing")


def later(last):
    """The same world with every figure after a year changed."""
    table = WORLD
    for name, cells in WORLD.columns.items():
        table = table.with_column(name, np.where(WORLD.year > last, cells * 5 + 2, cells))
    return table


def test_shifting_any_later_value_changes_no_past_forecast():
    for make in (roll, published):
        now = make(Past.of(WORLD, WORLD.regions), 2006, 2007)
        then = make(Past.of(later(2007), WORLD.regions), 2006, 2007)
        for name, p in now.p.items():
            np.testing.assert_array_equal(p, then.p[name], err_msg=name)


def test_a_value_of_the_feature_year_does_change_it():
    now = roll(Past.of(WORLD, WORLD.regions), 2007, 2007)
    then = roll(Past.of(later(2006), WORLD.regions), 2007, 2007)
    assert (now.p["model"] != then.p["model"]).any()


@pytest.mark.parametrize("origin", [2004, 2008])
def test_the_two_years_of_every_label_learned_from_had_closed(origin):
    bench = Past.of(WORLD, WORLD.regions).bench
    seen = bench.seen(ONSET, 1, Vantage.revised(bench.grid, origin), origin, np.array([1.0]))
    assert seen.rows.base.max() == origin - 2


def test_with_release_lags_an_origin_says_what_was_issued_that_day():
    as_of = as_of_end(date(2006, 12, 31))
    issued = issue(WORLD, as_of, "r", as_of, WORLD.regions).forecasts
    wanted = [f.probability for f in issued if (f.outcome, f.horizon_months) == (ONSET.key, MONTHS)]
    late = roll(Past.of(WORLD, WORLD.regions), 2006, 2006, lagged=True)
    assert np.round(late.p["model"], 6).tolist() == wanted


def test_the_issued_model_is_the_one_that_is_evaluated():
    past = Past.of(WORLD, WORLD.regions)
    desk = Desk(past.bench, Vantage.revised(past.bench.grid, 2006), as_of_end(date(2006, 12, 31)))
    rolled = roll(past, 2006, 2006)
    np.testing.assert_array_equal(desk.window(ONSET, MONTHS).p, rolled.p["model"])


def test_years_that_the_table_does_not_hold_are_refused():
    with pytest.raises(InputError, match="it holds 1989 to 2014"):
        roll(Past.of(WORLD, WORLD.regions), 2010, 2015)


def test_scores_are_those_of_rows_whose_outcome_is_known():
    rolled = Rolled(
        np.array([2000, 2000, 2000]),
        np.arange(3),
        np.array([1.0, 0.0, np.nan]),
        {"a": np.array([0.8, 0.2, 0.9])},
    )
    found = summary(rolled.known)["a"]
    assert found["brier"] == pytest.approx(0.04)
    assert found["fore_obs"] == pytest.approx(1.0)
    assert found["skill"] == pytest.approx(1 - 0.04 / 0.25)


def test_rows_of_the_shipped_table_have_one_key_each_and_the_number_of_the_state():
    panel = load_panel()
    rolled = roll(Past.of(panel), 2004, 2005)
    made = list(rows(panel, rolled))
    assert list(made[0]) == ["entity", "gwcode", "period", "probability"]
    assert len({(r["entity"], r["period"]) for r in made}) == len(made)
    assert {r["entity"] for r in made if r["period"] == 2005} == set(panel.states(2005)) - {"PSE"}
    assert next(r["gwcode"] for r in made if r["entity"] == "RWA") == 517
    assert all(0 < r["probability"] < 1 for r in made)


def test_the_command_writes_rows_and_says_the_scores_beside(tmp_path):
    out = tmp_path / "onset.csv"
    asked = ("evaluate", "onset", "--first", "1990", "--last", "1991", "--out", str(out))
    done = tocsin(tmp_path, *asked)
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    with out.open() as f:
        made = list(csv.DictReader(f))
    assert {row["period"] for row in made} == {"1990", "1991"}
    for name in ("model", "climatology", "own_history", "simple_logit", "elastic_net"):
        assert f"\n{name} " in done.stderr
    assert "release lags applied" in done.stderr
