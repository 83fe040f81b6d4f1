"""What then happened in a month, and the record of it: unknown is open, the rule of pointing, the scores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
import scoringrules

from tests.forecasting.happenings import CANDIDATE, happening, out
from tocsin.clock import Period, Precision, as_of_end
from tocsin.evaluation.monthly_outcome import (
    Observations,
    SealedMonth,
    Stands,
    months_arrived,
    months_standing,
    state_of,
)
from tocsin.evaluation.monthly_published import month_lines
from tocsin.evaluation.monthly_record import Issued, carried_crps, month_record, months_judged
from tocsin.evaluation.outcome import Arrival
from tocsin.evaluation.verdict import Verdict
from tocsin.forecasting.events import EventRow, KnownEvents, known_events
from tocsin.forecasting.monthly import LEVELS, NAMED

ISSUED = as_of_end(date(2023, 12, 31))
SEALED = {"r": datetime(2023, 12, 31, 9, tzinfo=UTC)}
SPRING = Period(date(2024, 1, 1), date(2024, 3, 31), Precision.MONTH)


def month(n: int) -> Period:
    last = date(2024, n + 1, 1).toordinal() - 1
    return Period(date(2024, n, 1), date.fromordinal(last), Precision.MONTH)


def asked(iso3: str, horizon: str, window: Period, chance: float = 0.2) -> SealedMonth:
    return SealedMonth(f"{iso3}-{horizon}", "r", iso3, ISSUED, horizon, window, chance)


CANDIDATES = [
    happening(1, "2024-01-10", best=7, release="24.0.1", layer=CANDIDATE, known=out("2024-02-20")),
    happening(2, "2024-02-10", best=9, release="24.0.2", layer=CANDIDATE, known=out("2024-03-20")),
    happening(3, "2024-04-10", best=4, release="24.0.4", layer=CANDIDATE, known=out("2024-05-20")),
]
ANNUAL = [
    happening(1, "2024-01-10", best=30, release="25.1", known=out("2025-06-30")),
    happening(4, "2024-04-20", best=2, release="25.1", known=out("2025-06-30")),
]


def known(rows: list[EventRow], day: date) -> KnownEvents:
    return known_events(rows, as_of_end(day))


def test_a_month_that_no_release_tells_of_leaves_its_window_open_and_is_not_zero() -> None:
    seen = Observations(known(CANDIDATES, date(2024, 6, 1)))
    assert seen.of("SDN", month(3)) is None and seen.of("SDN", SPRING) is None
    assert seen.of("TCD", month(1)) is None and seen.of("SDN", month(5)) is None
    january = seen.of("SDN", month(1))
    assert january and (january.deaths, january.dataset) == (7, "UCDP GED: candidate 24.0.1")
    assert january.vintage == "as known" and str(january.known) == "2024-02-20"


def test_a_month_that_is_not_over_is_open() -> None:
    early = [replace(CANDIDATES[0], known=out("2024-01-15"))]
    assert Observations(known(early, date(2024, 1, 31))).of("SDN", month(1)) is None
    assert Observations(known(early, date(2024, 2, 1))).of("SDN", month(1))
    assert state_of(known(early, date(2024, 1, 31))) != state_of(known(early, date(2024, 2, 1)))
    assert state_of(known(early, date(2024, 1, 30))) == state_of(known(early, date(2024, 1, 31)))


def test_an_annual_release_corrects_and_covers_what_lay_between() -> None:
    forecasts = [asked("SDN", "1", month(1)), asked("SDN", "2", month(2)), asked("SDN", "sum3", SPRING)]
    then = Arrival("live-1", as_of_end(date(2024, 6, 1)), datetime(2024, 6, 1, 9, tzinfo=UTC))
    first = list(
        months_arrived(forecasts, SEALED, {}, Observations(known(CANDIDATES, date(2024, 6, 1))), then)
    )
    assert [(o.horizon, o.deaths) for o in first] == [("1", 7), ("2", 9)]
    standing = months_standing(
        Stands(o.id, o.forecast, o.as_of, o.deaths, o.dataset, o.recorded, o.replaces) for o in first
    )
    seen = Observations(known([*CANDIDATES, *ANNUAL], date(2025, 7, 1)))
    later = Arrival("live-2", as_of_end(date(2025, 7, 1)), datetime(2025, 7, 1, 9, tzinfo=UTC))
    fixes = {o.horizon: o for o in months_arrived(forecasts, SEALED, standing, seen, later)}
    assert {h: (o.deaths, bool(o.replaces)) for h, o in fixes.items()} == {
        "1": (30, True),
        "2": (0, True),
        "sum3": (30, False),
    }, "the annual release did not confirm February, and its empty March is zero"
    assert str(fixes["1"].known) == "2025-07-01" and str(fixes["sum3"].known) == "2025-06-30"
    back = replace(later, as_of=as_of_end(date(2024, 5, 31)))
    assert not list(months_arrived(forecasts[:2], SEALED, standing, seen, back)), "an earlier look fixes none"


def a_world(n: int = 40) -> list[SealedMonth]:
    """Countries with falling chances, all of one run and horizon."""
    return [asked(f"C{i:02}", "1", month(1), round(0.4 - 0.01 * i, 6)) for i in range(n)]


def stands(one: SealedMonth, deaths: int) -> Stands:
    return Stands(f"o-{one.id}", one.id, ISSUED, deaths, "UCDP GED: annual 25.1", SEALED["r"], "")


@pytest.mark.parametrize(
    ("place", "deaths", "verdict"),
    [
        (0, 25, Verdict.HIT),
        (0, 24, Verdict.FALSE_ALARM),
        (19, 25, Verdict.HIT),
        (20, 25, Verdict.MISS),
        (35, 25, Verdict.MISS),
        (35, 0, Verdict.QUIET),
    ],
)
def test_a_forecast_points_among_the_first_and_not_below_the_mean(
    place: int, deaths: int, verdict: Verdict
) -> None:
    world = a_world()
    one = world[place]
    rows = months_judged(world, SEALED, {one.id: stands(one, deaths)})
    row = next(r for r in rows if r.forecast is one)
    assert (row.rank, row.of, row.mean) == (place + 1, 40, 0.205) and row.verdict is verdict
    assert sum(r.verdict is Verdict.OPEN for r in rows) == 39


def test_above_the_mean_but_beyond_the_first_thirty_is_a_miss() -> None:
    world = [*[asked(f"C{i:02}", "1", month(1), 0.5) for i in range(30)], asked("SDN", "1", month(1), 0.45)]
    world += [asked(f"Q{i:02}", "1", month(1), 0.0) for i in range(30)]
    rows = months_judged(world, SEALED, {"SDN-1": stands(world[30], 900)})
    (row,) = [r for r in rows if r.outcome]
    assert row.rank == 31 and row.forecast.chance > row.mean and row.verdict is Verdict.MISS
    issued = {"SDN-1": Issued({str(n): 0.45 for n in LEVELS}, {"rival": {str(n): 0.0 for n in NAMED}})}
    record = month_record(rows, issued, 0)
    (card,) = record.cards
    assert (card.all.misses, card.all.events, card.open) == (1, 1, 60)
    assert card.all.scores["model"].brier["25"] == pytest.approx(0.55**2)
    assert card.all.scores["model"].log_loss["1000"] == pytest.approx(-np.log(0.55))
    assert card.all.scores["rival"].log_loss["25"] == pytest.approx(-np.log(5e-7)), "finite"
    text = "\n".join(month_lines(record))
    assert text.index("MISSES") < text.index("SDN Sudan: 900 killed") < text.index("HITS")


def test_the_scores_of_all_years_are_the_means_over_their_forecasts() -> None:
    draw = np.random.default_rng(7)
    world, issued, standing = [], {}, {}
    for year, n in ((2023, 5), (2024, 2)):
        for k in range(n):
            one = replace(
                asked(f"C{k}", "1", month(1), 0.3), id=f"{year}-{k}", as_of=as_of_end(date(year, 12, 31))
            )
            world.append(one)
            p = np.sort(draw.random(len(LEVELS)))[::-1]
            told = dict(zip(map(str, LEVELS), p.tolist(), strict=True))
            issued[one.id] = Issued(told, {"rival": {str(k): told[str(k)] for k in NAMED}})
            standing[one.id] = stands(one, int(draw.integers(60)))
    (card,) = month_record(months_judged(world, SEALED, standing), issued, 0).cards
    assert {year: t.scored for year, t in card.years.items()} == {2023: 5, 2024: 2} and card.all.scored == 7
    y = np.array([standing[one.id].deaths for one in world])
    p = np.array([issued[one.id].p_ge["25"] for one in world])
    assert card.all.scores["model"].brier["25"] == pytest.approx(np.mean((p - (y >= 25)) ** 2))
    assert card.all.scores["model"].crps_named == pytest.approx(card.all.scores["rival"].crps_named)
    assert np.isnan(card.all.scores["rival"].crps) and card.all.scores["model"].crps > 0


def test_the_crps_of_issued_levels_is_near_that_of_the_whole_distribution() -> None:
    draws = np.floor(np.random.default_rng(3).pareto(1.6, 20_000) * 12)
    y = np.array([0.0, 3.0, 40.0, 700.0])
    exact = np.array([scoringrules.crps_ensemble(v, draws) for v in y])
    p = np.tile([(draws >= n).mean() for n in LEVELS], (4, 1))
    assert carried_crps(p, LEVELS, y) == pytest.approx(exact, rel=0.06)
    assert carried_crps(p, LEVELS, np.array([50_000.0] * 4))[0] == pytest.approx(
        scoringrules.crps_ensemble(50_000.0, draws), rel=0.01
    )
