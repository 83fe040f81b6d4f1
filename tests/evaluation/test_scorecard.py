"""Rolling origins: what an origin says does not depend on what came after it."""

from datetime import date

import numpy as np
import pytest

from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.evaluation.scorecard import Hindcast, Past, hindcast, recall_by_origin, scorecard
from tocsin.forecasting.issue import issue
from tocsin.forecasting.outcomes import outcome

WORLD = world()
ONSET = outcome("new_mass_killing")


def test_an_origin_says_what_was_issued_that_day():
    as_of = as_of_end(date(2006, 12, 31))
    issued = issue(WORLD, as_of, "r", as_of, WORLD.regions).forecasts
    wanted = {f.iso3: f.probability for f in issued if (f.outcome, f.horizon_months) == (ONSET.key, 24)}
    past = Past.of(WORLD, WORLD.regions)
    cast = hindcast(past, ONSET, 24, [2005, 2006])
    p = cast.p["model"][cast.origin == 2006]
    assert dict(zip(past.bench.grid.iso3, np.round(p, 6).tolist(), strict=True)) == wanted


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
    assert recall_by_origin(cast, "model", 10) == pytest.approx(0.5)
