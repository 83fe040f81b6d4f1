"""Why a monthly forecast stands where it does: the parts add up, and say what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from tests.forecasting.happenings import happening, years
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.evidence import sealing
from tocsin.forecasting.backtest import Answer, Engine, run
from tocsin.forecasting.events import EventRow, known_events, month_id
from tocsin.forecasting.forecasters.baselines import Decayed
from tocsin.forecasting.forecasters.pool import Pool, Pooled
from tocsin.forecasting.forecasters.ridge import Ridge, RidgeFit
from tocsin.forecasting.history import predictors
from tocsin.forecasting.model import log_odds
from tocsin.forecasting.monthly import HISTORY, MonthlyForecast, _delayed, _spec, outlook
from tocsin.forecasting.monthly_change import months_against, months_since
from tocsin.forecasting.monthly_reasons import (
    BLANK,
    COLUMNS,
    CONSISTENT,
    EXPLAINED,
    GROUPS,
    LONGER,
    NEWEST,
    POOLED,
    STATE,
    theme,
    why,
)
from tocsin.forecasting.months import monthly_cube
from tocsin.forecasting.parts import make_months
from tocsin.forecasting.standard import monthly
from tocsin.store.rows import from_row, to_row

AS_OF = as_of_end(date(2024, 7, 10))
BEFORE = as_of_end(date(2024, 6, 30))
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
FIGHTS = [
    happening(8_000_000 + n, f"{2006 + n // 6}-{1 + n % 6:02}-07", "TCD", 40, violence=1 + n % 2)
    for n in range(100)
]
QUIET = [
    happening(7_000_000 + n, day, iso3, 0)
    for n, (iso3, day) in enumerate((i, d) for i in ("GAB", "BWA") for d in ("2004-01-03", "2023-12-03"))
]
VIOLENT = ("SDN", "TCD", "NGA", "MLI")
ROWS = [*(row for n, iso3 in enumerate(VIOLENT) for row in years(iso3, 2004, 2023, n + 1)), *FIGHTS, *QUIET]
SHORT = [*ROWS, *years("NER", 2022, 2023, 9)]


def made(rows: Sequence[EventRow] = ROWS, as_of: datetime = AS_OF) -> tuple[MonthlyForecast, ...]:
    return make_months(known_events(rows, as_of), monthly(), "r", WRITTEN, {}).forecasts


@pytest.fixture(scope="module")
def now() -> tuple[MonthlyForecast, ...]:
    return made(SHORT)


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    cube, origin = monthly_cube(known_events(SHORT, AS_OF)), month_id(AS_OF.date())
    spec, late = _spec(origin, origin - int(cube.periods[-1])), _delayed(cube, origin)
    found = run(Engine(late, spec, origin, monthly()), range(origin, origin + 1))
    return [a for a in found if a.task.key in EXPLAINED]


def pushed(forecast: MonthlyForecast) -> dict[str, float]:
    return {label: push for label, _, push in forecast.reasons}


def test_the_parts_add_up_to_the_issued_log_odds_less_their_mean(now: tuple[MonthlyForecast, ...]) -> None:
    cube = monthly_cube(known_events(SHORT, AS_OF))
    found = outlook(cube, month_id(AS_OF.date()), monthly())
    at = int(np.flatnonzero(found.levels == 25)[0])
    assert set(found.reasons) == set(EXPLAINED) and len(found.iso3) == 7
    for key, told in found.reasons.items():
        odds = log_odds(found.p[:, found.horizons.index(key), at])
        sums = np.array([sum(push for _, _, push in reasons) for reasons in told])
        assert sums == pytest.approx(odds - odds.mean(), abs=5e-4) and np.abs(sums).max() > 0.2
    issued = {(f.iso3, f.horizon): f.reasons for f in now if f.reasons}
    assert issued == {
        (i, key): r for key, told in found.reasons.items() for i, r in zip(found.iso3, told, strict=True)
    }
    assert len({f.horizon for f in now}) == 39, "the other horizons are issued without reasons"


def test_the_themes_are_the_ridge_and_the_pool_is_what_it_adds(answers: list[Answer]) -> None:
    assert [a.task.key for a in answers] == list(EXPLAINED)
    for a in answers:
        found, fitted = why(a), a.fitted
        assert found is not None and isinstance(fitted, Pooled) and found.anchor == 25
        ridge = next(m for m in fitted.members if isinstance(m, RidgeFit))
        logit = log_odds(ridge.anchored.at_level(25.0)(ridge._entering(a.rows)))
        themes = sum(found.themes[label] for label in (*COLUMNS, BLANK))
        assert themes == pytest.approx(logit - logit.mean(), abs=1e-9)
        pool = log_odds(a.p[:, int(np.flatnonzero(a.levels == 25)[0])])
        effect = pool - logit
        assert found.themes[POOLED] == pytest.approx(effect - effect.mean(), abs=1e-9)
        assert sum(weight for _, weight, _ in found.members) == pytest.approx(1)


def test_a_country_with_a_short_past_is_told_what_is_missing(now: tuple[MonthlyForecast, ...]) -> None:
    text = {(f.iso3, label): value for f in now for label, value, _ in f.reasons}
    assert "predictors not known" in text["NER", BLANK] or text["NER", BLANK] == "none missing"
    assert "2023-12" in text["SDN", NEWEST] and "in 60; worst month" in text["SDN", LONGER]
    assert "the regression alone" in text["SDN", POOLED] and "weight 0." in text["SDN", POOLED]


def test_every_predictor_has_a_theme_and_recent_ones_are_told_apart() -> None:
    x = np.zeros((1, 300))
    names = [name for column in HISTORY for name, _ in predictors(column, x, 150)]
    assert {theme(name) for name in names} == {NEWEST, LONGER, STATE, GROUPS}
    newest = {n.split(":")[1] for n in names if theme(n) == NEWEST}
    assert {"now", "lag2", "mean6", "log_decay3", "over25_decay6", "over1_recency"} <= newest
    assert not newest & {"mean12", "mean60", "log_decay12", "log_decay36", "over1_decay24", "max12"}


def test_more_killings_in_the_newest_month_are_told_as_having_raised_it() -> None:
    more = [*ROWS, happening(9_999_999, "2023-12-05", "SDN", 3000)]
    one, two = ({f.horizon: f for f in made(rows) if f.iso3 == "SDN"} for rows in (ROWS, more))
    assert pushed(two["1"])[NEWEST] > pushed(one["1"])[NEWEST]
    told = months_against(two["1"], one["1"])
    assert {label: push for label, _, push in told.reasons}[NEWEST] > 0.1


def test_since_an_earlier_month_the_reasons_add_up_to_the_change(now: tuple[MonthlyForecast, ...]) -> None:
    rows = [row for row in SHORT if row.start < date(2023, 12, 1)]
    before = made(rows, BEFORE)
    found = months_since(now, before)
    assert {f.iso3 for f in now if f.id in found} == {*VIOLENT, "NER"}
    by_id = {f.id: f for f in now}
    for id, (old, moved) in found.items():
        odds = log_odds(np.array([by_id[id].p_ge["25"], old.p_ge["25"]]))
        assert moved.change == pytest.approx(odds[0] - odds[1])
        assert sum(push for _, _, push in moved.reasons) + moved.alike == pytest.approx(moved.change)
    alike = {(by_id[id].horizon, round(moved.alike, 1)) for id, (_, moved) in found.items()}
    assert len(alike) == len({horizon for horizon, _ in alike}), (
        "what moved all alike is the same for every country of a horizon"
    )
    one = next(f for f in now if f.horizon == "1")
    with pytest.raises(InputError, match="the newer first"):
        months_against(one, next(f for f in now if f.horizon == "sum3"))


def test_without_a_ridge_or_a_second_country_nothing_is_explained() -> None:
    known = known_events(ROWS, AS_OF)
    assert not any(f.reasons for f in make_months(known, Decayed(12), "r", WRITTEN, {}).forecasts)
    assert not any(f.reasons for f in made([row for row in ROWS if row.iso3 == "SDN"]))


def test_a_level_that_no_ridge_learned_is_told_from_the_nearest_anchor() -> None:
    few = [replace(row, best=min(row.best, 6)) for row in ROWS]
    cube, origin = monthly_cube(known_events(few, AS_OF)), month_id(AS_OF.date())
    found = outlook(cube, origin, Pool((Decayed(3), Ridge())))
    assert "the regression told at 10 or more" in dict((r[0], r[1]) for r in found.reasons["1"][0])[POOLED]


def test_rows_from_before_reasons_can_be_read_and_their_seals_verify(
    now: tuple[MonthlyForecast, ...],
) -> None:
    row = to_row(next(f for f in now if f.reasons))
    old = {name: value for name, value in row.items() if name != "reasons"}
    seal = sealing.seal(None, "r", "monthly", [old], "2024-07-10T09:00:00")
    read = from_row(MonthlyForecast, {**old, "reasons": None})
    assert read.reasons == () and {f.name for f in fields(read)} >= {"reasons"}
    leaves = [(row["id"], sealing.leaf("monthly", {**row, "reasons": None}, seal.fields))]
    assert list(sealing.leaf_faults(seal, leaves)) == []
    assert from_row(MonthlyForecast, row).reasons and CONSISTENT
