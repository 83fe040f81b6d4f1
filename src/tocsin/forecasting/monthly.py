"""One-sided violence by country for each of the next 36 months and the next 3, 6 and 12 months together.

A month is a calendar month; the first is the one that begins after the day of issue. What was gathered ends
earlier (`lag` months): every row is learned and forecast with that same lag, so no month is taken for known
that is not. Each forecast is a whole distribution, held as exceedances P(deaths >= level). Coherence: they
fall with the level; a window is at least as likely to reach a level as any of its months and any shorter
window; the horizons between KNOTS lie on a straight line between them.

The country's distribution is shared out over first-level areas, cells and situations (`sharing.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import numpy as np

from tocsin.clock import Period, Precision, add_months
from tocsin.errors import InputError
from tocsin.evidence.ids import content_id, sha256
from tocsin.forecasting import history, levels
from tocsin.forecasting.backtest import Engine, run
from tocsin.forecasting.cube import Cube, Flags, Floats, Ints
from tocsin.forecasting.events import KnownEvents, events_digest, first_day, month_id
from tocsin.forecasting.explain import Reason
from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.forecasters.baselines import Decayed, Own
from tocsin.forecasting.monthly_reasons import EXPLAINED, LEVEL, Why, newest_sum, reasons, why
from tocsin.forecasting.months import OS, monthly_cube, undated
from tocsin.forecasting.panel import Panel
from tocsin.forecasting.sharing import bands, totals
from tocsin.forecasting.spec import Spec
from tocsin.forecasting.standard import SEED

MONTHS = 36
KNOTS = (1, 3, 6, 12, 24, 36)
"""The months ahead for which a model is fitted."""

SUMS = (3, 6, 12)
LEVELS = (1, 2, 3, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000)
"""The levels at which a distribution is issued; fits hold it on a finer grid (`levels.py`)."""

NAMED = (1, 25, 100, 1000)
"""Those that are shown by name."""

TAUS = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
STALE = 18
"""Months after the newest gathered one up to which months are issued: an annual release lags that far."""

RECENT, ENOUGH = 24, 12
"""A country is forecast when so many of its newest months are known."""

HISTORY = (OS, "ged_best_sb", "ged_best_ns")
RIVALS: Mapping[str, Forecaster] = {"own last 12 months": Own(12), "own decayed past": Decayed(12.0)}
DEATHS_BY_YEAR = ("sb_deaths", "ns_deaths", "os_deaths")
DIGITS = 6
VINTAGE = "newest release known, annual before candidate"
REMEDY = "tocsin gather ucdp"


@dataclass(frozen=True, slots=True)
class MonthlyForecast:
    """Deaths in one-sided violence in one country over one month or window: a whole distribution.

    `horizon` is a number of months ahead, or sum and a number: the total of the next so many. `newest` is the
    newest month that was known (YYYY-MM). `p_ge` holds P(deaths >= level) for LEVELS, by the level as text.
    `quantiles` are by their level as text, in deaths, as is `mean`. `baselines` holds P(deaths >= level) of
    the simple rivals for NAMED. `facts` are (what, value): the figures nearest to hand, as known. `manifest`
    names the settings and the data; a later turn of the same month with the same of both makes no new ones.
    `reasons` are (theme, its values, push in log-odds of 25 or more against the mean country), strongest
    first (`monthly_reasons`); there are none for horizons that are not explained.
    """

    id: str
    run: str
    iso3: str
    as_of: datetime
    horizon: str
    window: Period
    newest: str
    p_ge: Mapping[str, float]
    quantiles: Mapping[str, float]
    mean: float
    baselines: Mapping[str, Mapping[str, float]]
    facts: tuple[tuple[str, str], ...]
    vintage: str
    manifest: str
    recorded: datetime
    reasons: tuple[Reason, ...] = ()

    @property
    def ahead(self) -> int:
        """The last month ahead that it is about."""
        return int(self.horizon.removeprefix("sum"))

    @property
    def total(self) -> bool:
        """Whether it is about the total of several months."""
        return self.horizon.startswith("sum")


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """Exceedances (n, m, g) at `levels` for the places `iso3` (n,) and `horizons` (m,), and the rivals'.

    `reasons` are those of every place, by horizon, for horizons that are explained.
    """

    iso3: tuple[str, ...]
    horizons: tuple[str, ...]
    levels: Floats
    p: Floats
    rivals: Mapping[str, Floats]
    reasons: Mapping[str, Sequence[tuple[Reason, ...]]]


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """What can be forecast at `as_of`: the cube, the origin, who forecasts, and the manifest of it all.

    Raises InputError when nothing can: no events, or the newest month is too old.
    """

    known: KnownEvents
    cube: Cube
    origin: int
    forecaster: Forecaster
    manifest: Mapping[str, Any]


def ready(known: KnownEvents, forecaster: Forecaster) -> Ready:
    """The monthly panel with its manifest, before anything is fitted. Raises InputError that says why not."""
    cube, origin = monthly_cube(known), month_id(known.as_of.date())
    if not cube.entities:
        raise InputError("no gathered event data were known that day", "monthly forecasts", REMEDY)
    newest = int(cube.periods[-1])
    if not 0 <= origin - newest <= STALE:
        old = f"the newest gathered month is {first_day(newest):%Y-%m}, over {STALE} months before"
        raise InputError(f"{old} {known.as_of.date()}", "monthly forecasts", REMEDY)
    if not forecastable(cube).any():
        few = f"of no country {ENOUGH} of the newest {RECENT} months are known"
        raise InputError(few, "monthly forecasts", REMEDY)
    return Ready(known, cube, origin, forecaster, _manifest(known, cube, origin, forecaster))


def issue_months(at: Ready, found: Outlook, run_id: str, recorded: datetime) -> Iterator[MonthlyForecast]:
    """The monthly forecasts of every country of which the newest gathered month is known.

    The same events, settings and month give the same bytes, but for the run and when it was made.
    """
    taus, newest = np.asarray(TAUS), first_day(int(at.cube.periods[-1]))
    for i, iso3 in enumerate(found.iso3):
        facts = tuple(_facts(at.cube, at.cube.entities.index(iso3)))
        q = levels.quantiles(found.p[i], found.levels, taus)
        mean = expected(found.p[i], found.levels)
        for m, horizon in enumerate(found.horizons):
            yield MonthlyForecast(
                id=monthly_id(run_id, at.manifest["id"], iso3, horizon),
                run=run_id,
                iso3=iso3,
                as_of=at.known.as_of,
                horizon=horizon,
                window=window_of(horizon, at.known.as_of),
                newest=f"{newest:%Y-%m}",
                p_ge=told(found.p[i, m], found.levels, LEVELS),
                quantiles={f"{t:g}": round(float(v), 1) for t, v in zip(TAUS, q[m], strict=True)},
                mean=round(float(mean[m]), DIGITS),
                baselines={name: told(r[i, m], found.levels, NAMED) for name, r in found.rivals.items()},
                facts=facts,
                vintage=VINTAGE,
                manifest=at.manifest["id"],
                recorded=recorded,
                reasons=found.reasons[horizon][i] if horizon in found.reasons else (),
            )


def outlook(cube: Cube, origin: int, forecaster: Forecaster) -> Outlook:
    """The distributions for every horizon from a cube whose newest month lies at or before `origin`.

    Raises InputError when no forecaster can learn: too few months are known.
    """
    lag = origin - int(cube.periods[-1])
    spec, late = _spec(origin, lag), _delayed(cube, origin)
    entity, grid, p, told = _answers(late, spec, forecaster)
    rivals = {}
    for name, rival in RIVALS.items():
        _, own, q, _ = _answers(late, spec, rival)
        rivals[name] = coherent(_every_month(_on(q, own, grid)))
    keys = (*(str(h) for h in range(1, MONTHS + 1)), *(f"sum{k}" for k in SUMS))
    names = tuple(cube.entities[i] for i in entity.tolist())
    issued, at = coherent(_every_month(p)), int(np.flatnonzero(grid == LEVEL)[0])
    why = {key: reasons(one, cube, entity, issued[:, keys.index(key), at]) for key, one in told.items()}
    return Outlook(names, keys, grid, issued, rivals, why)


def forecastable(cube: Cube) -> Flags:
    """Which countries are forecast (n,): the newest month is known, and ENOUGH of the newest RECENT."""
    return np.asarray(cube.exists[:, -1] & (cube.exists[:, -RECENT:].sum(axis=1) >= ENOUGH))


def coherent(p: Floats) -> Floats:
    """Exceedances (n, MONTHS + SUMS, g): a window is at least as likely to reach a level as its parts."""
    out = np.minimum.accumulate(np.clip(p, 0, 1), axis=2)
    least = np.zeros_like(out[:, 0])
    for j, months in enumerate(SUMS, MONTHS):
        least = np.maximum(least, out[:, :months].max(axis=1))
        out[:, j] = np.maximum(out[:, j], least)
        least = out[:, j]
    return out


def expected(p: Floats, grid: Floats) -> Floats:
    """Expected deaths (...) of exceedances (..., g): each band of whole numbers stands at its middle."""
    return np.asarray(bands(p) @ totals(grid))


def monthly_id(run_id: str, manifest: str, iso3: str, horizon: str) -> str:
    """The id of one monthly forecast."""
    return content_id("monthly", run_id, manifest, iso3, horizon)


def told(p: Floats, grid: Floats, at: Sequence[int]) -> dict[str, float]:
    """Exceedances (g,) at some of the levels of their grid, by the level as text."""
    return {str(n): round(float(p[np.searchsorted(grid, n)]), DIGITS) for n in at}


def yearly_deaths(panel: Panel, as_of: datetime) -> dict[tuple[str, int], float]:
    """Deaths of all types of violence by (ISO3, year) of the shipped table, for years that were known."""
    newest = min(panel.known_year(name, as_of) for name in DEATHS_BY_YEAR)
    whole = np.sum([np.nan_to_num(panel.columns[name]) for name in DEATHS_BY_YEAR], axis=0)
    return {
        (iso3, int(year)): float(deaths)
        for iso3, year, deaths in zip(panel.iso3, panel.year, whole, strict=True)
        if year <= newest
    }


def window_of(horizon: str, as_of: datetime) -> Period:
    """The calendar months that a horizon is about, for a forecast made at `as_of`."""
    begin = month_id(as_of.date())
    ahead = int(horizon.removeprefix("sum"))
    start = first_day(begin + (1 if horizon.startswith("sum") else ahead))
    return Period(start, _last_day(first_day(begin + ahead)), Precision.MONTH)


def _spec(origin: int, lag: int) -> Spec:
    return Spec(
        entity="iso3",
        period="month_id",
        label=OS,
        kind="count",
        label_lag=lag,
        history=HISTORY,
        known=(),
        first=origin,
        last=origin,
        refit_every=1,
        horizons=KNOTS,
        sums=SUMS,
        thresholds=LEVELS,
    )


def _delayed(cube: Cube, origin: int) -> Cube:
    """The cube up to the origin: the label as it was, all else as late as it is known.

    A country has a row at the origin only when it can be forecast.
    """
    lag, n = origin - int(cube.periods[-1]), len(cube.entities)
    late = np.full((n, lag), np.nan)
    columns = {name: np.concatenate([x, late], axis=1) for name, x in cube.columns.items()}
    columns = {name: x if name == OS else history.back(x, lag) for name, x in columns.items()}
    exists = np.concatenate([cube.exists, np.zeros((n, lag), dtype=bool)], axis=1)
    exists[:, -1] = forecastable(cube)
    return Cube(cube.entities, np.arange(int(cube.periods[0]), origin + 1), columns, exists)


def _answers(cube: Cube, spec: Spec, forecaster: Forecaster) -> tuple[Ints, Floats, Floats, dict[str, Why]]:
    """Entities (n,), widest levels, exceedances (n, tasks, g), and why, at the last period of the cube."""
    origin = int(cube.periods[-1])
    found = list(run(Engine(cube, spec, origin, forecaster), range(origin, origin + 1)))
    if not found:
        raise InputError("no country has a row at the newest month", "monthly forecasts")
    widest = max((a.levels for a in found), key=len)
    p = np.stack([_on(a.p, a.levels, widest) for a in found], axis=1)
    told = {a.task.key: why(a) for a in found if a.task.key in EXPLAINED}
    return found[0].entity, widest, p, {key: one for key, one in told.items() if one}


def _on(p: Floats, own: Floats, grid: Floats) -> Floats:
    """Exceedances (..., g) on a wider grid that holds the own levels: nothing lies above the own top."""
    at = np.searchsorted(own, grid)
    padded = np.concatenate([p, np.zeros_like(p[..., :1])], axis=-1)
    return np.asarray(padded[..., np.minimum(at, len(own))])


def _every_month(p: Floats) -> Floats:
    """From KNOTS and SUMS (n, tasks, g) to every month and SUMS, straight between knots."""
    knots = np.array(KNOTS)
    months = np.arange(1, MONTHS + 1)
    j = np.clip(np.searchsorted(knots, months, side="right") - 1, 0, len(knots) - 2)
    w = ((months - knots[j]) / (knots[j + 1] - knots[j]))[None, :, None]
    return np.concatenate([(1 - w) * p[:, j] + w * p[:, j + 1], p[:, len(knots) :]], axis=1)


def _facts(cube: Cube, i: int) -> Iterator[tuple[str, str]]:
    """The figures of the newest months, in words."""
    killed, fought = cube.columns[OS][i], np.nansum([cube.columns[c][i] for c in HISTORY[1:]], axis=0)
    struck = np.flatnonzero(np.nan_to_num(killed) > 0)
    yield f"civilians killed in {first_day(int(cube.periods[-1])):%Y-%m}", f"{killed[-1]:.0f}"
    yield "civilians killed in the newest 3 months", newest_sum(killed, 3)
    yield "civilians killed in the newest 12 months", newest_sum(killed, 12)
    yield "killed in other organised violence in the newest 12 months", newest_sum(fought, 12)
    since = f"{len(killed) - 1 - struck[-1]}" if len(struck) else "none was gathered"
    yield "months since civilians were last known to be killed", since


def _manifest(known: KnownEvents, cube: Cube, origin: int, forecaster: Forecaster) -> dict[str, Any]:
    newest = int(cube.periods[-1])
    spec = _spec(origin, origin - newest)
    releases: dict[str, int] = {}
    for row in known.placed:
        label = row.release or "not stated"
        releases[label] = releases.get(label, 0) + 1
    able = forecastable(cube)
    unknown = {iso3: _why_not(cube, i) for i, iso3 in enumerate(cube.entities) if not able[i]}
    left = {f"{iso3} {year}": deaths for (iso3, year), deaths in sorted(undated(known).items())}
    body: dict[str, Any] = {
        "month": f"{first_day(origin):%Y-%m}",
        "code": version("tocsin"),
        "seed": SEED,
        "forecaster": repr(forecaster),
        "horizons": [task.key for task in spec.tasks],
        "history": list(spec.history),
        "newest": f"{first_day(newest):%Y-%m}",
        "lag_months": origin - newest,
        "events": events_digest(known),
        "releases": dict(sorted(releases.items())),
        "sharing": sha256(files("tocsin.forecasting").joinpath("sharing.yml").read_bytes()),
        "deaths_without_a_month": left,
        "not_forecast": unknown,
    }
    return {"id": content_id("manifest", body), **body}


def _why_not(cube: Cube, i: int) -> str:
    """Why a country is not forecast."""
    told = np.flatnonzero(cube.exists[i])
    if len(told) and told[-1] == len(cube.periods) - 1:
        return (
            f"{cube.exists[i, -RECENT:].sum()} of the newest {RECENT} months are known; {ENOUGH} are needed"
        )
    return (
        f"the newest gathered month is {first_day(int(cube.periods[told[-1]])):%Y-%m}"
        if len(told)
        else "none"
    )


def _last_day(start: date) -> date:
    return add_months(start, 1) - timedelta(days=1)
