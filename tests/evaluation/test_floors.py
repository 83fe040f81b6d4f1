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
from tocsin.evaluation.onset import roll
from tocsin.evaluation.onset import summary as onset_scores
from tocsin.evaluation.scorecard import Measures, Past, scorecard
from tocsin.evaluation.violence import before
from tocsin.evaluation.violence import summary as deaths_scores
from tocsin.evidence import sha256
from tocsin.forecasting.issue import issue
from tocsin.forecasting.panel import load_panel

pytestmark = pytest.mark.floor
VDEM = "0a47a3fa6185f54670c5d8533754f72e41bc3e296dc158fb0159fe6579dd11d1"
TABLE = "44e0c00e7cd667b4f36c09ec5251c6a3b82963c40dd0fd2635c3ccade5cdae61"


@cache
def scored(outcome: str, first: int) -> Measures:
    return scorecard(load_panel(), outcome, first, 2005).measures["model"]


def test_the_table_is_the_one_the_floors_were_measured_on() -> None:
    data = files("tocsin.forecasting").joinpath("data")
    found = [sha256(data.joinpath(name).read_bytes()) for name in ("country_year.csv", "vdem.csv")]
    assert found == [TABLE, VDEM], "the table changed: measure again before moving the floors"


@pytest.mark.parametrize(
    ("outcome", "first", "skill", "auc", "recall_30"),
    [
        ("new_mass_killing", 1985, 0.028, 0.79, 0.56),
        ("one_sided_25", 1996, 0.48, 0.94, 0.80),
        ("one_sided_100", 1996, 0.45, 0.945, 0.86),
        ("one_sided_1000", 1998, 0.09, 0.905, 0.90),
    ],
)
def test_the_forecasts_do_not_fall_under_their_floors(
    outcome: str, first: int, skill: float, auc: float, recall_30: float
) -> None:
    found = scored(outcome, first)
    assert (found.brier_skill >= skill, found.auc >= auc, found.recall_30 >= recall_30) == (True, True, True)


def test_new_mass_killings_made_as_the_published_model_do_not_fall_under_their_floors() -> None:
    found = onset_scores(roll(Past.of(load_panel()), 1985, 2005).known)["model"]
    floors = {"auc": 0.815, "ap": 0.075, "recall_20": 0.38, "recall_30": 0.57, "skill": 0.030}
    assert {name: value for name, value in floors.items() if found[name] < value} == {}
    assert 0.8 <= found["fore_obs"] <= 1.25


def test_deaths_by_country_do_not_fall_under_their_floors_and_beat_the_decayed_past() -> None:
    found = deaths_scores(before(Past.of(load_panel()), 2006, checks=10))
    model, decayed = found["model"], found["decayed"]
    assert {n: v for n, v in {"ap_25": 0.81, "ap_100": 0.81}.items() if model[n] < v} == {}
    assert {
        n: v for n, v in {"brier_25": 0.0445, "log_25": 0.156, "crps": 69.0}.items() if model[n] > v
    } == {}
    assert all(model[f"log_{k}"] < decayed[f"log_{k}"] for k in (1, 25, 100, 1000))


def test_the_policy_asks_a_small_desk_to_look_at_few_places_from_figures_alone() -> None:
    as_of = as_of_end(date(2004, 12, 31))
    forecasts = issue(load_panel(), as_of, "floor", as_of).forecasts
    beliefs = assess_everywhere(Material(load_panel(), forecasts, [], [], {}), as_of, "floor", as_of)
    levels = [decide(b.assessment, b.forecasts, b.signals, None, policy())[0].level for b in beliefs]
    assert 8 <= sum(level.step >= Level.WARNING.step for level in levels) <= 20
    assert all(level is not Level.ALARM for level in levels), "no alarm without words"
