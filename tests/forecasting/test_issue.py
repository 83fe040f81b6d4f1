"""The promises of an issue: the same bytes again, nothing from the future, names that do not matter."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from tests.forecasting.synthetic import world
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.forecasting.earliest import first_day
from tocsin.forecasting.engine import violence
from tocsin.forecasting.explain import Explainer, against
from tocsin.forecasting.issue import desk, issue
from tocsin.forecasting.outcomes import load_features, load_outcomes, load_themes, outcome
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


def test_no_cell_that_was_not_known_moves_anything():
    changed = WORLD
    for column in sorted({c for s in load_features() for c in s.columns} | {"mk_onset"}):
        later = WORLD.year > WORLD.known_year(column, AS_OF)
        assert later.any()
        changed = changed.with_column(
            column, np.where(later, WORLD.columns[column] * 7 + 3, WORLD.columns[column])
        )
    assert as_text(made(changed)) == as_text(ISSUE)


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
    for key, months in {(f.outcome, f.horizon_months) for f in ISSUE.forecasts}:
        group = [f for f in ISSUE.forecasts if (f.outcome, f.horizon_months) == (key, months)]
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
    assert "people in 2008" in said["Population"]
    assert ISSUE.forecasts[0].features_known["V-Dem"] == 2009


def test_an_empty_cell_is_named_with_its_reason_and_never_said_as_a_value():
    cells = WORLD.columns["population"].copy()
    cells[np.array(WORLD.iso3) == "AAX"] = np.nan
    found = [f for f in made(WORLD.with_column("population", cells)).forecasts if f.iso3 == "AAX"]
    assert all(f.missing == {"population": "population is not known for AAX in 2008"} for f in found)
    assert all(dict(r[:2] for r in f.reasons)["Population"].startswith("not known") for f in found)
    gaps = dict(r[:2] for r in found[0].reasons)["Gaps in the figures"]
    assert gaps == "some figures missing: population, UNHCR, UNHCR displaced"


def test_a_theme_says_the_values_that_are_known_and_passes_over_the_others():
    cells = WORLD.columns["v2x_rule"].copy()
    cells[np.array(WORLD.iso3) == "AAX"] = np.nan
    found = [f for f in made(WORLD.with_column("v2x_rule", cells)).forecasts if f.iso3 == "AAX"]
    said = [dict(r[:2] for r in f.reasons)["Government and rights"] for f in found]
    assert not any("Rule of law" in text or "not known" in text for text in said)


@pytest.mark.parametrize("state", [0, 17, 59])
def test_the_reasons_add_up_to_the_log_odds_above_the_mean_state(state):
    at = desk(WORLD, as_of_end(date(2010, 12, 31)), WORLD.regions)
    window = at.window(outcome("one_sided_25"), 12)
    logit = np.log(window.p / (1 - window.p))
    reasons = Explainer(at.bench, at.vantage).reasons(state, window.push[state])
    assert len(reasons) == len(load_themes())
    assert sum(push for _, _, push in reasons) == pytest.approx(logit[state] - logit.mean(), abs=0.01)


def test_a_state_whose_outcome_was_never_coded_gets_no_forecast_of_it_and_the_manifest_says_why():
    cells = WORLD.columns["os_deaths"].copy()
    cells[np.array(WORLD.iso3) == "AAX"] = np.nan
    found = made(WORLD.with_column("os_deaths", cells))
    assert {f.outcome for f in found.forecasts if f.iso3 == "AAX"} == {"new_mass_killing"}
    assert found.manifest["not_forecast"]["one_sided_25"] == {"AAX": "os_deaths is not known for AAX in 2008"}


def test_a_state_that_nobody_counts_violence_in_gets_no_forecast_at_all_and_no_rank():
    table = WORLD
    for column in violence(load_features()):
        cells = table.columns[column].copy()
        cells[np.array(WORLD.iso3) == "AAX"] = np.nan
        table = table.with_column(column, cells)
    found = made(table)
    assert {f.iso3 for f in found.forecasts} == set(WORLD.iso3) - {"AAX"}
    assert {f.of for f in found.forecasts} == {59}
    left_out = {key: of["AAX"] for key, of in found.manifest["not_forecast"].items()}
    assert left_out == {o.key: "os_deaths is not known for AAX in 2008" for o in load_outcomes()}


def test_the_newest_year_known_is_the_newest_with_a_figure():
    idps = np.where(WORLD.year > 2005, np.nan, WORLD.columns["idps"])
    coups = np.full_like(idps, np.nan)
    found = made(WORLD.with_column("idps", idps).with_column("coups_succeeded", coups))
    known = found.forecasts[0].features_known
    assert (known["UNHCR displaced"], known["UCDP"], "coups" in known) == (2005, 2008, False)
    assert found.manifest["not_known_yet"] == ["coups"]
    assert "coups_succeeded" not in found.manifest["known_years"]


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


@cache
def shipped(day):
    return issue(load_panel(), as_of_end(day), "run-1", RECORDED)


def test_the_shipped_table_forecasts_every_state_but_the_one_nobody_counts():
    panel = load_panel()
    found = shipped(date(2025, 8, 1))
    assert {f.iso3 for f in found.forecasts} == set(panel.states(2024)) - {"PSE"}
    assert {f.of for f in found.forecasts} == {len(panel.states(2024)) - 1}
    for left_out in found.manifest["not_forecast"].values():
        assert left_out == {"PSE": panel.reason("os_deaths", "PSE", 2024)}


@pytest.mark.parametrize(
    ("column", "label"),
    [("os_deaths", "Killings of civilians"), ("sb_deaths", "Fighting and armed conflict")],
)
def test_where_most_are_killed_and_it_does_not_fade_it_is_told_as_raising_the_chance(column, label):
    panel = load_panel()
    worst = sorted(panel.states(2024), key=lambda i: -np.nan_to_num(panel.value(column, i, 2024)))[:20]

    def fades(iso3):
        decade = [panel.value(column, iso3, y) for y in range(2015, 2025) if (iso3, y) in panel.rows]
        return panel.value(column, iso3, 2024) < np.mean(decade)

    lasting = [iso3 for iso3 in worst if not fades(iso3)]
    assert len(lasting) > 5
    for f in shipped(date(2025, 8, 1)).forecasts:
        if f.iso3 in lasting:
            assert {name: push for name, _, push in f.reasons}[label] > 0, (f.iso3, f.outcome)


def test_before_the_events_were_counted_nothing_is_said_to_be_known_of_them():
    found = shipped(date(1985, 6, 1))
    assert found.manifest["not_known_yet"] == ["UCDP", "UNHCR displaced"]
    assert all("UCDP" not in f.features_known for f in found.forecasts)
    assert not any("killed in 19" in text for _, text, _ in found.forecasts[0].reasons)


def test_a_state_born_after_the_newest_figures_is_forecast_all_the_same():
    found = shipped(date(2011, 12, 31))
    assert {f.outcome for f in found.forecasts if f.iso3 == "SSD"} == {o.key for o in load_outcomes()}


@pytest.mark.parametrize("day", [date(1950, 1, 1), date(1960, 1, 1), date(1965, 1, 1)])
def test_who_asks_too_early_is_told_the_first_day_that_works(day):
    with pytest.raises(InputError) as refused:
        shipped(day)
    said = str(refused.value)
    assert f"as of {day}" in said and str(first_day(load_panel())) in said and "\n" not in said


def test_the_first_day_that_works_does_and_the_day_before_does_not():
    first = first_day(load_panel())
    assert shipped(first).forecasts
    with pytest.raises(InputError, match=f"the first date that works is {first}"):
        shipped(first - timedelta(days=1))


def test_against_an_earlier_forecast_the_reasons_add_up_to_the_change():
    before = made(as_of=as_of_end(date(2009, 9, 30))).forecasts
    for now, then in zip(ISSUE.forecasts[:120], before[:120], strict=True):
        told = against(now, then)
        odds = [f.probability / (1 - f.probability) for f in (now, then)]
        assert told.change == pytest.approx(np.log(odds[0] / odds[1]))
        assert sum(push for _, _, push in told.reasons) + told.alike == pytest.approx(told.change)
        sizes = [abs(push) for _, _, push in told.reasons]
        assert sizes == sorted(sizes, reverse=True)
    assert any(against(n, t).change > 0.1 for n, t in zip(ISSUE.forecasts, before, strict=True))


def test_what_rose_is_told_as_having_raised_it():
    cells = WORLD.columns["os_deaths"].copy()
    here = (np.array(WORLD.iso3) == "AAX") & (WORLD.year == WORLD.known_year("os_deaths", AS_OF))
    cells[here] += 3000
    found = [f for f in made(WORLD.with_column("os_deaths", cells)).forecasts if f.iso3 == "AAX"]
    old = [f for f in ISSUE.forecasts if f.iso3 == "AAX"]
    for now, then in zip(found, old, strict=True):
        if now.outcome.startswith("one_sided"):
            assert {r[0]: r[2] for r in against(now, then).reasons}["Killings of civilians"] > 0


def test_forecasts_of_different_things_or_in_the_wrong_order_are_not_compared():
    one, other = ISSUE.forecasts[0], ISSUE.forecasts[1]
    with pytest.raises(InputError, match="same outcome, place and horizon"):
        against(one, other)
    with pytest.raises(InputError, match="swap the two"):
        against(replace(one, as_of=as_of_end(date(2009, 1, 1))), one)
