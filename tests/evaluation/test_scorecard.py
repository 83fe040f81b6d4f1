"""Rolling origins: what an origin says does not depend on what came after it."""

from datetime import date

import numpy as np
import pytest

from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.evaluation.scorecard import Hindcast, onset_rows, recall_by_origin, scorecard, violence_rows
from tocsin.forecasting.issue import issue

WORLD = world()


def test_an_origin_says_the_same_whatever_happened_later():
    as_of = as_of_end(date(2006, 12, 31))
    changed = WORLD
    for name, cells in WORLD.columns.items():
        later = WORLD.year > WORLD.known_year(name, as_of)
        changed = changed.with_column(name, np.where(later, cells * 5 + 2, cells))
    assert list(onset_rows(changed, 2006, 2006, WORLD.regions)) == list(
        onset_rows(WORLD, 2006, 2006, WORLD.regions)
    )


def test_an_origin_says_what_was_issued_that_day():
    as_of = as_of_end(date(2006, 12, 31))
    issued = issue(WORLD, as_of, "r", as_of, WORLD.regions).forecasts
    wanted = {
        f.iso3: (f.probability, f.rank)
        for f in issued
        if (f.outcome, f.horizon_months) == ("new_mass_killing", 24)
    }
    rows = list(onset_rows(WORLD, 2005, 2006, WORLD.regions))
    assert {r["iso3"]: (r["probability"], r["rank"]) for r in rows if r["origin"] == 2006} == wanted
    assert {r["horizon"] for r in rows} == {24}


def test_the_scorecard_counts_every_origin_and_beats_climatology_where_risk_lasts():
    card = scorecard(WORLD, "one_sided_25", 2004, 2009, regions=WORLD.regions)
    assert card.n == 6 * 60
    assert sum(b.n for b in card.reliability) == card.n
    assert card.measures["climatology"].brier_skill == 0
    assert card.measures["model"].brier_skill > 0.2
    assert card.measures["model"].auc > 0.8


def test_an_origin_whose_outcome_is_not_known_yet_is_not_scored():
    through = scorecard(WORLD, "new_mass_killing", 2008, 2013, regions=WORLD.regions)
    known = scorecard(WORLD, "new_mass_killing", 2008, 2012, regions=WORLD.regions)
    assert known.n == 5 * 60
    # origin 2013 has one of its two years in the table, and counts only where it happened
    assert through.n - known.n == through.positives - known.positives


def test_recall_is_counted_within_each_origin():
    cast = Hindcast(
        np.repeat([2000, 2001], 20),
        np.concatenate([np.eye(20)[0], np.eye(20)[19]]),
        {"model": np.concatenate([np.linspace(1, 0, 20), np.linspace(1, 0, 20)])},
    )
    assert recall_by_origin(cast, "model", 10) == 0.5


def test_violence_rows_hold_one_row_a_state_and_fall_with_the_threshold():
    rows = list(violence_rows(WORLD, as_of_end(date(2009, 12, 31)), 2010, WORLD.regions))
    assert len({r["iso3"] for r in rows}) == len(rows) == 60
    assert all(1 > r["p_ge_25"] >= r["p_ge_100"] >= r["p_ge_1000"] > 0 for r in rows)
    assert {r["year"] for r in rows} == {2010}


@pytest.mark.parametrize("year", [2008, 2040])
def test_a_year_that_is_past_or_out_of_reach_is_refused(year):
    with pytest.raises(Exception, match="years ahead"):
        list(violence_rows(WORLD, as_of_end(date(2009, 12, 31)), year, WORLD.regions))
