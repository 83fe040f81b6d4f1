"""Monthly forecasts: coherent, reconciled with their parts, repeatable, and silent where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.forecasting.happenings import happening, out, years
from tocsin.clock import Precision, as_of_end
from tocsin.forecasting.cube import Floats
from tocsin.forecasting.events import EventRow, known_events
from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.forecasters.baselines import Decayed
from tocsin.forecasting.forecasters.pool import Pool
from tocsin.forecasting.forecasters.ridge import Ridge
from tocsin.forecasting.monthly import LEVELS, MONTHS, NAMED, MonthlyForecast, coherent, expected, window_of
from tocsin.forecasting.parts import KINDS, MonthsMade, PartsForecast, make_months

AS_OF = as_of_end(date(2024, 7, 10))
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [*years("SDN", 2004, 2023, 1), *years("TCD", 2004, 2023, 2), *years("CAF", 2010, 2022, 3)]


def made(
    rows: Sequence[EventRow] = ROWS,
    as_of: datetime = AS_OF,
    forecaster: Forecaster | None = None,
    run: str = "r",
) -> MonthsMade:
    return make_months(known_events(rows, as_of), forecaster or Decayed(12), run, WRITTEN, {})


@pytest.fixture(scope="module")
def months() -> MonthsMade:
    return made(forecaster=Pool((Ridge(), Decayed(12))))


def of(found: MonthsMade, iso3: str) -> dict[str, MonthlyForecast]:
    return {f.horizon: f for f in found.forecasts if f.iso3 == iso3}


def test_every_month_and_window_is_issued_for_every_country_whose_newest_month_is_known(
    months: MonthsMade,
) -> None:
    keys = {*map(str, range(1, MONTHS + 1)), "sum3", "sum6", "sum12"}
    assert set(of(months, "SDN")) == set(of(months, "TCD")) == keys
    assert of(months, "CAF") == {}
    told = months.account["settings"]
    assert told["not_forecast"] == {"CAF": "the newest gathered month is 2022-12"}
    assert (told["newest"], told["lag_months"], told["month"]) == ("2023-12", 7, "2024-07")
    assert months.account["countries"] == 2 and months.account["refused"] == ""


def test_months_begin_after_the_day_of_issue(months: MonthsMade) -> None:
    found = of(months, "SDN")
    assert (found["1"].window.start, found["1"].window.end) == (date(2024, 8, 1), date(2024, 8, 31))
    assert (found["sum3"].window.start, found["sum3"].window.end) == (date(2024, 8, 1), date(2024, 10, 31))
    assert found["36"].window.end == date(2027, 7, 31)
    assert window_of("1", as_of_end(date(2024, 12, 31))).start == date(2025, 1, 1)


def test_chances_fall_with_the_level_and_a_window_is_no_less_likely_than_its_months(
    months: MonthsMade,
) -> None:
    for iso3 in ("SDN", "TCD"):
        found = of(months, iso3)
        for f in found.values():
            p = [f.p_ge[str(level)] for level in LEVELS]
            assert p == sorted(p, reverse=True) and 0 <= p[-1] <= p[0] <= 1
            q = list(f.quantiles.values())
            assert q == sorted(q)
        for key, inside in (("sum3", 3), ("sum6", 6), ("sum12", 12)):
            for level in map(str, LEVELS):
                assert found[key].p_ge[level] >= max(found[str(h)].p_ge[level] for h in range(1, inside + 1))
        assert found["sum3"].p_ge["1"] <= found["sum6"].p_ge["1"] <= found["sum12"].p_ge["1"]


def test_rivals_and_facts_stand_beside(months: MonthsMade) -> None:
    f = of(months, "SDN")["1"]
    assert set(f.baselines) == {"own last 12 months", "own decayed past"}
    assert set(f.baselines["own last 12 months"]) == set(map(str, NAMED))
    facts = dict(f.facts)
    killed = sum(r.best for r in ROWS if r.iso3 == "SDN" and r.start.year == 2023)
    assert facts["civilians killed in the newest 12 months"] == str(killed)
    assert f.newest == "2023-12"


def parts_of(found: MonthsMade, kind: str, horizon: str) -> PartsForecast:
    return next(p for p in found.parts if (p.iso3, p.kind, p.horizon) == ("SDN", kind, horizon))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("horizon", ["1", "sum3", "sum6", "sum12"])
def test_the_parts_add_up_and_none_is_above_the_country(months: MonthsMade, kind: str, horizon: str) -> None:
    whole, found = of(months, "SDN")[horizon], parts_of(months, kind, horizon)
    assert found.forecast == whole.id and found.window == whole.window
    assert sum(part.mean for part in found.parts) == pytest.approx(whole.mean, abs=1e-4)
    for part in found.parts:
        assert all(part.p_ge[level] <= whole.p_ge[level] for level in map(str, NAMED))
    assert [p.mean for p in found.parts] == sorted((p.mean for p in found.parts), reverse=True)
    deaths = sum(r.best for r in ROWS if r.iso3 == "SDN")
    assert sum(part.recent.deaths for part in found.parts) == deaths


def test_situations_name_perpetrator_target_and_place_and_leave_room_for_others(months: MonthsMade) -> None:
    keys = {part.key for part in parts_of(months, "situation", "sum3").parts}
    assert ("RSF", "Civilians", "North") in keys and ("an actor or a place not seen yet",) in keys
    assert ("where nothing was seen yet",) in {p.key for p in parts_of(months, "adm1", "1").parts}


def test_the_same_events_give_the_same_bytes_and_another_run_another_id() -> None:
    assert made() == made()
    assert made(list(reversed(ROWS))) == made()
    one, two = made().forecasts[0], made(run="other").forecasts[0]
    assert one.id != two.id and replace(two, id=one.id, run=one.run) == one


def test_forecasts_of_the_same_month_and_events_stand() -> None:
    first = made()
    standing = {first.account["settings"]["id"]: "r"}
    again = make_months(known_events(ROWS, as_of_end(date(2024, 7, 31))), Decayed(12), "s", WRITTEN, standing)
    assert again.forecasts == () and again.account["run"] == "r" and not again.account["new"]
    later = make_months(known_events(ROWS, as_of_end(date(2024, 8, 1))), Decayed(12), "s", WRITTEN, standing)
    assert later.account["new"] and later.forecasts[0].window.start == date(2024, 9, 1)


def test_events_known_after_the_origin_change_no_forecast() -> None:
    late = replace(happening(9_999_999, "2023-11-05", "SDN", 9000), known=out("2025-01-01"), release="24.2")
    assert made([*ROWS, late]) == made()


def test_events_of_another_month_do_change_it() -> None:
    more = happening(9_999_999, "2023-11-05", "SDN", 9000)
    assert of(made([*ROWS, more]), "SDN")["1"].mean > of(made(), "SDN")["1"].mean


@pytest.mark.parametrize(
    ("rows", "as_of", "why"),
    [
        ([], AS_OF, "no gathered event data were known that day (tocsin gather ucdp)"),
        (ROWS, as_of_end(date(2025, 8, 1)), "the newest gathered month is 2023-12, over 18 months before"),
        (ROWS, as_of_end(date(2024, 1, 1)), "no gathered event data were known that day"),
        (ROWS[-1:], as_of_end(date(2024, 6, 30)), "of no country 12 of the newest 24 months are known"),
    ],
)
def test_without_months_none_is_issued_and_the_reason_is_said(
    rows: list[EventRow], as_of: datetime, why: str
) -> None:
    found = made(rows, as_of)
    assert not found.forecasts and not found.parts and found.account["run"] == ""
    assert why in found.account["refused"]


def test_a_country_of_which_few_months_are_known_is_not_forecast() -> None:
    few = [happening(7_000_000 + n, f"2023-{n + 7:02}-03", "NER") for n in range(6)]
    found = made([*ROWS, *few])
    assert of(found, "NER") == {}
    told = found.account["settings"]["not_forecast"]["NER"]
    assert told == "6 of the newest 24 months are known; 12 are needed"


def test_deaths_that_stand_in_no_month_are_told() -> None:
    vague = happening(
        9_999_999, "2023-01-01", "SDN", 700, end=date(2023, 12, 31), date_precision=Precision.YEAR
    )
    found = made([*ROWS, vague])
    assert found.account["settings"]["deaths_without_a_month"] == {"SDN 2023": 700}


@settings(deadline=None)
@given(arrays(np.float64, (2, MONTHS + 3, 5), elements=st.floats(-0.2, 1.2)))
def test_any_numbers_become_coherent(p: Floats) -> None:
    got = coherent(p)
    assert got.min() >= 0 and got.max() <= 1 and (np.diff(got, axis=2) <= 0).all()
    for j, k in enumerate((3, 6, 12), MONTHS):
        assert (got[:, j] >= got[:, :k].max(axis=1)).all()
    assert (np.diff(got[:, MONTHS:], axis=1) >= 0).all()


def test_the_expected_count_is_that_of_the_distribution() -> None:
    grid = np.arange(1.0, 400.0)
    draws = np.random.default_rng(5).negative_binomial(2, 0.05, 50_000)
    p = (draws[:, None] >= grid[None]).mean(axis=0)
    assert expected(p, grid) == pytest.approx(draws.mean(), rel=1e-6)
