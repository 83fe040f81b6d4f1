"""The forecasts of one day: every state, outcome and horizon, with reasons, gaps, rivals and a manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from tocsin.clock import Horizon, Period
from tocsin.errors import InputError
from tocsin.evidence.ids import content_id, sha256
from tocsin.forecasting.earliest import too_early
from tocsin.forecasting.engine import Bench, Vantage, chosen, violence
from tocsin.forecasting.explain import Explainer
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.forecasters.boosted import SEED
from tocsin.forecasting.grid import Floats, Table, as_known
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.outcomes import Outcome, kin, load_features, load_outcomes, table_text
from tocsin.forecasting.window import compose, year_shares
from tocsin.forecasting.yearly import RIVALS, Fit, Yearly, capped, learn, yearly

VINTAGE = "later revision"
DIGITS = 6
TABLES = ("outcomes.yml", "features.yml", "themes.yml")


@dataclass(frozen=True, slots=True)
class Issue:
    """All forecasts of a run, and the manifest from which they can be made again."""

    forecasts: tuple[Forecast, ...]
    manifest: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every forecast of a run bears; `missing` is column to reason, by number of the state."""

    run: str
    recorded: datetime
    manifest: str
    missing: Mapping[int, dict[str, str]]
    known: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Window:
    """One outcome over one window: probabilities (n,) by name, and push (n, p) in log-odds."""

    outcome: Outcome
    months: int
    period: Period
    p: Floats
    low: Floats
    high: Floats
    base_rate: float
    baselines: Mapping[str, Floats]
    push: Floats


@dataclass(slots=True)
class Desk:
    """What one day of issue shares: the bench, the vantage, the fits, and the forecasts already made."""

    bench: Bench
    vantage: Vantage
    as_of: datetime
    made: dict[tuple[str, int], Yearly] = field(default_factory=dict)
    fits: dict[tuple[str, int, int], Fit] = field(default_factory=dict)

    def fit(self, outcome: Outcome, target: int) -> Fit:
        """The chosen model for the span that begins with a year, made once for all outcomes of a column."""
        key = (outcome.column, outcome.span, target)
        if key not in self.fits:
            self.fits[key] = learn(self.bench, outcome, target, self.vantage)
        return self.fits[key]

    def year(self, outcome: Outcome, target: int) -> Yearly:
        """The forecast of the span that begins with a year; never above that of the next lower threshold."""
        key = (outcome.key, target)
        if key not in self.made:
            part = yearly(self.bench, outcome, self.vantage, self.fit(outcome, target))
            lower = [one for one in kin(outcome) if one.at_least < outcome.at_least]
            self.made[key] = capped(part, self.year(lower[-1], target)) if lower else part
        return self.made[key]

    def window(self, outcome: Outcome, months: int) -> Window:
        """The forecast for the months after the day of issue, from the spans of years it touches."""
        shares = year_shares(Horizon(12).window(self.as_of))
        parts = {year: self.year(outcome, year) for year in shares}
        length = months / (12 * outcome.span)

        def join(of: Callable[[Yearly], Floats]) -> Floats:
            return compose(outcome.compose, {year: of(part) for year, part in parts.items()}, shares, length)

        total = sum(shares.values())
        return Window(
            outcome,
            months,
            Horizon(months).window(self.as_of),
            join(lambda part: part.p),
            join(lambda part: part.low),
            join(lambda part: part.high),
            float(join(lambda part: np.array([part.base_rate]))[0]),
            {name: join(partial(_rival, name)) for name in RIVALS},
            np.sum([shares[year] / total * part.push for year, part in parts.items()], axis=0),
        )


_KEPT: list[tuple[Table, Mapping[str, str] | None, Desk]] = []
"""The newest desks: days of one year that know the same figures share what was learned from them."""
_MOST = 2


def desk(table: Table, as_of: datetime, regions: Mapping[str, str] | None = None) -> Desk:
    """The table as known at `as_of`; `regions` is state to region, by default its UN sub-region."""
    known = {name: table.known_year(name, as_of) for name in table.columns}
    for of, by, kept in _KEPT:
        there = kept.bench.grid
        if of is table and by is regions and there.known == known and there.as_of.year == as_of.year:
            return replace(kept, as_of=as_of)
    grid = as_known(table, as_of)
    bench = Bench(grid, load_features(), tuple(region_of(grid.iso3, regions)))
    made = Desk(bench, Vantage.of(grid.known, as_of), as_of)
    _KEPT[:] = [*_KEPT[1 - _MOST :], (table, regions, made)]
    return made


def issue(
    table: Table, as_of: datetime, run: str, recorded: datetime, regions: Mapping[str, str] | None = None
) -> Issue:
    """Forecast every outcome and horizon for every state in the system at `as_of`, from what was known then.

    The same inputs give the same bytes. A state in the table for which an outcome was never coded gets no
    forecast of it, and one that nobody counts violence in gets none at all (no data is not peace); the
    manifest names them with the reason. The table is yearly: windows of 12 and 24 months are composed of
    spans of calendar years. An outcome with too few known events is named under `refused` in the manifest;
    raises InputError when that is all of them, with the first day that works.
    """
    try:
        at = desk(table, as_of, regions)
        with one_thread():
            windows, refused = _windows(at)
    except InputError as error:
        raise too_early(table, as_of, error) from error
    live = at.bench.block(at.vantage).live[:, at.bench.grid.at(at.vantage.base)]
    missing = {int(i): _missing(at, table, int(i)) for i in np.flatnonzero(live)}
    left_out = _left_out(at, missing)
    manifest = _manifest(at, left_out, refused)
    stamp = Stamp(run, recorded, manifest["id"], missing, _families(at))
    found = (f for window in windows for f in _seal(at, stamp, window, left_out[window.outcome.key]))
    return Issue(tuple(found), manifest)


def _windows(at: Desk) -> tuple[list[Window], dict[str, str]]:
    made, refused = [], {}
    errors: list[InputError] = []
    for found in load_outcomes():
        for months in found.horizons:
            try:
                made.append(at.window(found, months))
            except InputError as error:
                refused[f"{found.key}:{months}"] = str(error)
                errors.append(error)
    if not made:
        raise errors[0]
    return made, refused


def region_of(iso3: Sequence[str], regions: Mapping[str, str] | None) -> Iterator[str]:
    """The region of each state: as given, otherwise its UN sub-region."""
    if regions is not None:
        yield from (regions[name] for name in iso3)
        return
    from tocsin.geography import country

    yield from (country(name).sub_region for name in iso3)


def _seal(at: Desk, stamp: Stamp, window: Window, left_out: Mapping[str, str]) -> Iterator[Forecast]:
    grid, explainer = at.bench.grid, Explainer(at.bench, at.vantage)
    p = np.round(window.p, DIGITS)
    states = [i for i in np.flatnonzero(~np.isnan(p)).tolist() if grid.iso3[i] not in left_out]
    ranks = {i: 1 + sum(1 for j in states if p[j] > p[i]) for i in states}
    for i in states:
        iso3 = grid.iso3[i]
        of = (stamp.run, window.outcome.key, iso3, at.as_of, window.months, stamp.manifest)
        yield Forecast(
            id=content_id("forecast", *of),
            run=stamp.run,
            outcome=window.outcome.key,
            iso3=iso3,
            as_of=at.as_of,
            horizon_months=window.months,
            window=window.period,
            probability=float(p[i]),
            low=round(float(window.low[i]), DIGITS),
            high=round(float(window.high[i]), DIGITS),
            base_rate=round(window.base_rate, DIGITS),
            rank=ranks[i],
            of=len(states),
            baselines={name: round(float(b[i]), DIGITS) for name, b in window.baselines.items()},
            reasons=explainer.reasons(i, window.push[i]),
            features_known=dict(stamp.known),
            missing=stamp.missing[i],
            vintage=VINTAGE,
            manifest=stamp.manifest,
            recorded=stamp.recorded,
        )


def _families(at: Desk) -> dict[str, int]:
    """The newest year with a figure, by family; of the columns of a family the one that lags most."""
    known: dict[str, int] = {}
    for spec in at.bench.specs:
        years = [at.bench.grid.newest(name) for name in spec.columns]
        year = min((y for y in years if y is not None), default=None)
        if year is not None and None not in years:
            known[spec.family] = min(known.get(spec.family, year), year)
    return known


def _missing(at: Desk, table: Table, state: int) -> dict[str, str]:
    """Column to reason, for every column the model reads whose newest cell is empty for this state."""
    grid, out = at.bench.grid, {}
    for column in dict.fromkeys(name for spec in at.bench.specs for name in spec.columns):
        year = grid.known[column]
        t = grid.at(year)
        if t < 0 or not grid.exists[state, t]:
            out[column] = f"the table has no row of this state for {year}"
        elif bool(np.isnan(grid.values[column][state, t])):
            out[column] = table.reason(column, grid.iso3[state], year)
    return out


def _left_out(at: Desk, missing: Mapping[int, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """By outcome, the states that get no forecast of it, with the reason."""
    uncounted = at.bench.uncounted(at.vantage)
    nowhere = {}
    for state in (i for i in missing if uncounted[i]):
        why = (missing[state][name] for name in violence(at.bench.specs) if name in missing[state])
        nowhere[at.bench.grid.iso3[state]] = next(why, "no figures on violence for this state")
    return {o.key: {**nowhere, **dict(_uncoded(at, o, missing))} for o in load_outcomes()}


def _uncoded(
    at: Desk, outcome: Outcome, missing: Mapping[int, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """States that had rows in the years coded so far but never a label, with the reason."""
    coded = np.asarray(at.bench.grid.years) <= at.bench.grid.known[outcome.column]
    known = ~np.isnan(at.bench.label(outcome))
    never = at.bench.grid.exists[:, coded].any(axis=1) & ~known.any(axis=1)
    for state in np.flatnonzero(never).tolist():
        if state in missing:
            yield at.bench.grid.iso3[state], missing[state].get(outcome.column, "never coded for this state")


def _manifest(
    at: Desk, left_out: Mapping[str, Mapping[str, str]], refused: Mapping[str, str]
) -> dict[str, Any]:
    grid = at.bench.grid
    columns = dict.fromkeys(name for spec in at.bench.specs for name in spec.columns)
    newest, families = {name: grid.newest(name) for name in sorted(grid.known)}, _families(at)
    body: dict[str, Any] = {
        "as_of": at.as_of.isoformat(),
        "code": version("tocsin"),
        "seed": f"{SEED} and those after it, for the draws of the trees; one thread",
        "model": "mean of log-odds of ridge logistic regression and monotone boosted trees, one a lead",
        "interval": "90 %: error of the ridge (Laplace or sandwich, the wider) and distance of the members",
        "vintage": VINTAGE,
        "states": int(at.bench.block(at.vantage).live[:, grid.at(at.vantage.base)].sum()),
        "known_years": {name: year for name, year in newest.items() if year is not None},
        "not_known_yet": sorted({spec.family for spec in at.bench.specs} - families.keys()),
        "tables": {name: sha256(table_text(name)) for name in TABLES},
        "columns": {
            name: grid.digest(name) for name in sorted({*columns, *(o.column for o in load_outcomes())})
        },
        "settings": {
            o.key: {"calibrate": o.calibrate, "members": [repr(member) for member in chosen(o).members]}
            for o in load_outcomes()
        },
        "fits": {f"{key}:{year}": dict(part.settings) for (key, year), part in at.made.items()},
        "refused": dict(refused),
        "not_forecast": {key: dict(value) for key, value in left_out.items()},
    }
    return {"id": content_id("manifest", body), **body}


def _rival(name: str, part: Yearly) -> Floats:
    return part.baselines[name]
