"""The forecasts and the policy may not get worse on the development origins, with the table hashed.

Only origins on which choices were made are floors; the later ones are for measuring, not for steering.
"""

from datetime import date
from functools import cache
from importlib.resources import files

import pytest

from tocsin.alarms.alarm import Level
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.assessment.everywhere import Material, assess_everywhere
from tocsin.clock import as_of_end
from tocsin.evaluation.scorecard import Measures, scorecard
from tocsin.evidence import sha256
from tocsin.forecasting.issue import issue
from tocsin.forecasting.panel import load_panel

pytestmark = pytest.mark.floor
TABLE = "44e0c00e7cd667b4f36c09ec5251c6a3b82963c40dd0fd2635c3ccade5cdae61"


@cache
def scored(outcome: str, first: int) -> Measures:
    return scorecard(load_panel(), outcome, first, 2005).measures["model"]


def test_the_table_is_the_one_the_floors_were_measured_on() -> None:
    raw = files("tocsin.forecasting").joinpath("data", "country_year.csv").read_bytes()
    assert sha256(raw) == TABLE, "the table changed: measure again before moving the floors"


@pytest.mark.parametrize(
    ("outcome", "first", "skill", "auc", "recall_30"),
    [
        ("new_mass_killing", 1985, 0.020, 0.79, 0.49),
        ("one_sided_25", 1996, 0.46, 0.93, 0.77),
        ("one_sided_100", 1996, 0.44, 0.94, 0.86),
        ("one_sided_1000", 1998, 0.09, 0.91, 0.90),
    ],
)
def test_the_forecasts_do_not_fall_under_their_floors(
    outcome: str, first: int, skill: float, auc: float, recall_30: float
) -> None:
    found = scored(outcome, first)
    assert (found.brier_skill >= skill, found.auc >= auc, found.recall_30 >= recall_30) == (True, True, True)


def test_the_policy_asks_a_small_desk_to_look_at_few_places_from_figures_alone() -> None:
    as_of = as_of_end(date(2004, 12, 31))
    forecasts = issue(load_panel(), as_of, "floor", as_of).forecasts
    beliefs = assess_everywhere(Material(load_panel(), forecasts, [], [], {}), as_of, "floor", as_of)
    levels = [decide(b.assessment, b.forecasts, b.signals, None, policy())[0].level for b in beliefs]
    assert 8 <= sum(level.step >= Level.WARNING.step for level in levels) <= 20
    assert all(level is not Level.ALARM for level in levels), "no alarm without words"
