"""The promises of an issue: the same bytes again, nothing from the future, names that do not matter."""

import json
import time
from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.forecasting.issue import issue
from tocsin.forecasting.outcomes import load_features, load_outcomes
from tocsin.forecasting.panel import load_panel

WORLD = world()
AS_OF = as_of_end(date(2010, 3, 31))
RECORDED = datetime(2010, 4, 1, tzinfo=UTC)


def made(table=WORLD, as_of=AS_OF):
    return issue(table, as_of, "run-1", RECORDED, table.regions)


def as_text(result):
    return json.dumps([asdict(f) for f in result.forecasts], default=str) + json.dumps(result.manifest)


ISSUE = made()


def test_the_same_inputs_give_the_same_bytes():
    assert as_text(made()) == as_text(ISSUE)


def test_every_state_gets_every_outcome_and_horizon():
    wanted = {(o.key, h, i) for o in load_outcomes() for h in o.horizons for i in set(WORLD.iso3)}
    assert {(f.outcome, f.horizon_months, f.iso3) for f in ISSUE.forecasts} == wanted


@pytest.mark.parametrize("column", sorted({c for s in load_features() for c in s.columns} | {"mk_onset"}))
def test_no_cell_that_was_not_known_moves_anything(column):
    later = WORLD.year > WORLD.known_year(column, AS_OF)
    assert later.any()
    cells = np.where(later, WORLD.columns[column] * 7 + 3, WORLD.columns[column])
    assert as_text(made(WORLD.with_column(column, cells))) == as_text(ISSUE)


def test_a_cell_that_was_known_does_move_something():
    cells = WORLD.columns["os_deaths"].copy()
    cells[WORLD.year == WORLD.known_year("os_deaths", AS_OF)] += 500
    assert made(WORLD.with_column("os_deaths", cells)).forecasts != ISSUE.forecasts


def test_renaming_the_countries_leaves_every_score_as_it_was():
    names = sorted(set(WORLD.iso3))
    new = dict(zip(names, np.random.default_rng(1).permutation(names).tolist(), strict=True))
    back = {n: o for o, n in new.items()}
    other = [replace(f, id="", iso3=back[f.iso3], missing={}) for f in made(WORLD.renamed(new)).forecasts]
    assert other == [replace(f, id="", missing={}) for f in ISSUE.forecasts]


def test_ranks_count_from_the_highest_probability():
    for outcome, months in {(f.outcome, f.horizon_months) for f in ISSUE.forecasts}:
        group = [f for f in ISSUE.forecasts if (f.outcome, f.horizon_months) == (outcome, months)]
        for f in group:
            assert f.rank == 1 + sum(g.probability > f.probability for g in group)
            assert f.of == len(group)
            assert f.low <= f.probability <= f.high
            assert set(f.baselines) == {"climatology", "own_history", "simple_logit"}


def test_more_deaths_are_never_likelier_than_fewer_and_two_years_never_less_likely_than_one():
    p = {(f.iso3, f.outcome, f.horizon_months): f.probability for f in ISSUE.forecasts}
    for iso3 in set(WORLD.iso3):
        assert p[iso3, "one_sided_1000", 12] <= p[iso3, "one_sided_100", 12] <= p[iso3, "one_sided_25", 12]
        assert p[iso3, "new_mass_killing", 12] <= p[iso3, "new_mass_killing", 24]


def test_reasons_stand_strongest_first_and_say_the_value_and_its_year():
    for f in ISSUE.forecasts[:40]:
        sizes = [abs(push) for _, _, push in f.reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert len({label for label, _, _ in f.reasons}) == len(f.reasons)
    said = {label: text for label, text, _ in ISSUE.forecasts[0].reasons}
    assert said["Population"].endswith("people in 2008")
    assert ISSUE.forecasts[0].features_known["V-Dem"] == 2009


def test_an_empty_cell_is_named_with_its_reason_and_never_said_as_a_value():
    cells = WORLD.columns["v2x_rule"].copy()
    cells[np.array(WORLD.iso3) == "AAX"] = np.nan
    found = [f for f in made(WORLD.with_column("v2x_rule", cells)).forecasts if f.iso3 == "AAX"]
    assert all(f.missing == {"v2x_rule": "v2x_rule is not known for AAX in 2009"} for f in found)
    assert all(dict(r[:2] for r in f.reasons)["Rule of law"].startswith("not known") for f in found)


def test_a_state_whose_outcome_was_never_coded_gets_no_forecast_of_it_and_the_manifest_says_why():
    cells = WORLD.columns["os_deaths"].copy()
    cells[np.array(WORLD.iso3) == "AAX"] = np.nan
    found = made(WORLD.with_column("os_deaths", cells))
    assert {f.outcome for f in found.forecasts if f.iso3 == "AAX"} == {"new_mass_killing"}
    assert found.manifest["not_forecast"]["one_sided_25"] == {"AAX": "os_deaths is not known for AAX in 2008"}


def test_the_manifest_bears_its_own_id_and_every_forecast_names_it():
    assert {f.manifest for f in ISSUE.forecasts} == {ISSUE.manifest["id"]}
    assert ISSUE.manifest["fits"]["one_sided_25:2010"]["last_base"] == 2006
    assert len({f.id for f in ISSUE.forecasts}) == len(ISSUE.forecasts)


def test_a_day_too_early_to_have_learned_is_refused():
    with pytest.raises(InputError, match="too few to learn from"):
        made(as_of=as_of_end(date(1991, 12, 31)))


def test_an_outcome_too_rare_so_far_is_refused_by_name_and_the_others_go_on():
    rare = np.minimum(WORLD.columns["os_deaths"], 900)
    found = made(WORLD.with_column("os_deaths", rare))
    assert list(found.manifest["refused"]) == ["one_sided_1000:12"]
    assert "one_sided_1000" not in {f.outcome for f in found.forecasts}


def test_a_table_too_old_for_the_day_is_refused():
    with pytest.raises(InputError, match="gather newer figures"):
        made(as_of=as_of_end(date(2022, 12, 31)))


def test_the_shipped_table_is_forecast_in_a_few_seconds_of_one_core():
    panel = load_panel()
    start = time.process_time()
    found = issue(panel, as_of_end(date(2025, 8, 1)), "run-1", RECORDED)
    assert time.process_time() - start < 8
    assert len({f.iso3 for f in found.forecasts}) == len(panel.states(2024))
    assert found.manifest["not_forecast"]["one_sided_25"].keys() == {"PSE"}
