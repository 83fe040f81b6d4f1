"""Deaths by country in a year: whole distributions that agree with themselves, for every state."""

import csv
from datetime import date

import numpy as np
import pytest

from tests.cli.tools import tocsin
from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.evaluation.scorecard import Past
from tocsin.evaluation.violence import SHOWN, before, rows, summary, violence
from tocsin.forecasting.panel import load_panel
from tocsin.geography.countries import countries

WORLD = world()
END = as_of_end(date(2009, 12, 31))


@pytest.fixture(scope="module")
def made():
    return violence(Past.of(WORLD, WORLD.regions), END, 2010)


def test_exceedances_fall_and_quantiles_rise_and_agree(made):
    for row in rows(made):
        chances = [row[f"p_ge_{level}"] for level in SHOWN]
        assert chances == sorted(chances, reverse=True)
        quantiles = np.array([row[f"q{k:02d}"] for k in range(1, 100)])
        assert (np.diff(quantiles) >= 0).all()
        for level, chance in zip(SHOWN, chances, strict=True):
            # the share of quantiles at or over a level is the chance of it, but for the width of one
            assert (quantiles >= level - 0.001).mean() == pytest.approx(chance, abs=0.0151)


@pytest.mark.parametrize("lagged", [False, True])
def test_shifting_any_later_value_changes_no_past_forecast(lagged):
    table = WORLD
    for name, cells in WORLD.columns.items():
        known = WORLD.known_year(name, END) if lagged else 2009
        table = table.with_column(name, np.where(WORLD.year > known, cells * 5 + 2, cells))
    one, other = (violence(Past.of(t, WORLD.regions), END, 2010, lagged=lagged) for t in (WORLD, table))
    for name, p in one.p.items():
        np.testing.assert_array_equal(p, other.p[name], err_msg=name)


def test_a_year_that_has_not_ended_gives_no_figures():
    table = WORLD
    for name, cells in WORLD.columns.items():
        table = table.with_column(name, np.where(WORLD.year > 2008, cells * 5 + 2, cells))
    day = as_of_end(date(2009, 12, 30))
    one, other = (violence(Past.of(t, WORLD.regions), day, 2010) for t in (WORLD, table))
    np.testing.assert_array_equal(one.p["model"], other.p["model"])


@pytest.mark.parametrize("year", [2009, 2040])
def test_a_year_that_is_past_or_out_of_reach_is_refused(year):
    with pytest.raises(InputError, match="years ahead"):
        violence(Past.of(WORLD, WORLD.regions), END, year)


def test_the_model_beats_the_climate_where_risk_lasts():
    found = summary(before(Past.of(WORLD, WORLD.regions), 2010, checks=4))
    assert found["model"]["years"] == 4
    assert found["model"]["log_25"] < found["climatology"]["log_25"]
    assert found["model"]["crps"] < found["climatology"]["crps"]


def test_the_command_gives_every_member_and_says_whom_nobody_counts(tmp_path):
    out = tmp_path / "v.csv"
    done = tocsin(
        tmp_path, "evaluate", "violence", "--as-of", "1996-12-31", "--year", "1997", "--out", str(out)
    )
    assert done.returncode == 0, done.stderr
    with out.open() as f:
        head, *body = list(csv.reader(f))
    assert head == ["entity", *(f"p_ge_{k}" for k in SHOWN), *(f"q{k:02d}" for k in range(1, 100))]
    assert sorted(row[0] for row in body) == sorted(load_panel().states(1996))
    assert "PSE: nobody counts" in done.stderr
    assert "release lags applied" in done.stderr


def test_the_states_of_2024_are_the_members_and_three_more():
    now = violence(Past.of(load_panel()), as_of_end(date(2024, 12, 31)), 2025)
    members = {c.iso3 for c in countries() if c.status == "member"}
    assert set(now.states) == members | {"PSE", "TWN", "XKX"}
    assert len(now.states) == 196
    assert now.uncounted == ("PSE",)
