"""Fits on what was known at an origin and looks ahead by a lead; past origins are made as the last one is.

A *base* is the calendar year of the newest UCDP figures at an origin; the *lead* is target year minus base.
A *vantage* is what stands between them and the day of issue: how stale each column is, how late each label.
Training rows, past origins and the forecast itself share one vantage: what is learned is what is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.forecasting import features, model
from tocsin.forecasting.forecaster import Rows, Seen
from tocsin.forecasting.forecasters.blend import Blend
from tocsin.forecasting.forecasters.boosted import Boosted
from tocsin.forecasting.forecasters.recalled import Recalled
from tocsin.forecasting.forecasters.ridge import Ridge
from tocsin.forecasting.grid import Flags, Floats, Grid
from tocsin.forecasting.outcomes import Feature, Outcome, kin, load_themes

ANCHOR = "os_deaths"
MAX_LEAD = 6
MIN_POSITIVES = 10
MAX_CHECKS = 20
PAST = 40
OWN_HALF_LIFE = 5.0
STACKED = ("x", "past", "entity", "base")
ANCHORS = (1.0, 5.0, 25.0, 100.0, 400.0, 1000.0)
"""Levels of deaths at which the members are fitted."""


@dataclass(frozen=True, slots=True)
class Vantage:
    """What is in hand at an origin: `stale` is base - newest known year by column; `gap` its year - base."""

    base: int
    gap: int
    stale: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, known: Mapping[str, int], as_of: datetime) -> Vantage:
        """The vantage at `as_of` of one who knows each column up to the year given."""
        base = known[ANCHOR]
        return cls(base, as_of.year - base, tuple((name, base - year) for name, year in known.items()))

    def lag(self, columns: Sequence[str]) -> int:
        """How many years before the base the newest value lies that needs all these columns."""
        table = dict(self.stale)
        return max(table[name] for name in columns)

    @classmethod
    def revised(cls, grid: Grid, base: int, gap: int = 0) -> Vantage:
        """Of one who has the figures up to `base`, as later revised, `gap` years after it; no release lags.

        A column whose last figure is older is as stale as that.
        """
        before = int(grid.years[0]) - 1
        newest = ((name, grid.newest(name)) for name in grid.values)
        stale = ((name, base - min(base, before if year is None else year)) for name, year in newest)
        return cls(base, gap, tuple(stale))

    @property
    def shape(self) -> tuple[int, tuple[tuple[str, int], ...]]:
        """What two origins must share for their fits to be interchangeable."""
        return self.gap, self.stale


@dataclass(frozen=True, slots=True)
class Block:
    """Predictors (n, t, p) by base year, nan where unknown; `live` (n, t): the state is in the system."""

    x: Floats
    live: Flags


@dataclass(slots=True)
class Bench:
    """One grid and its features; what is computed for a past origin is kept, because it can never change."""

    grid: Grid
    specs: tuple[Feature, ...]
    regions: tuple[str, ...]
    natural: dict[str, Floats] = field(default_factory=dict)
    _blocks: dict[object, Block] = field(default_factory=dict)
    _past: dict[object, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spec in self.specs:
            self.natural[spec.key] = features.compute(spec, self.grid, self.regions)

    @property
    def names(self) -> tuple[str, ...]:
        """The predictors (p,)."""
        return tuple(spec.key for spec in self.specs)

    def block(self, vantage: Vantage) -> Block:
        """Predictors for every base year, seen as stale as this vantage sees them."""
        if vantage.shape not in self._blocks:
            stale = [
                _back(features.entering(spec, self.natural[spec.key]), vantage.lag(spec.columns))
                for spec in self.specs
            ]
            self._blocks[vantage.shape] = Block(np.stack(stale, axis=2), alive(self.grid, vantage))
        return self._blocks[vantage.shape]

    def label(self, outcome: Outcome) -> Floats:
        """1, 0 or nan (unknown) for every state and year (n, t)."""
        return label(self.grid, outcome)

    def rows(self, outcome: Outcome, vantage: Vantage, base: int) -> Rows:
        """What is in hand of every state (n rows) when `base` is the newest year."""
        return self._rows(outcome, vantage, base, np.arange(len(self.grid.iso3)))

    def uncounted(self, vantage: Vantage) -> Flags:
        """States (n,) with rows in the years counted so far but no figure on violence in any of them."""
        blank, rowed = np.ones(len(self.grid.iso3), np.bool_), np.zeros(len(self.grid.iso3), np.bool_)
        for column in violence(self.specs):
            past = slice(0, max(0, self.grid.at(vantage.base - vantage.lag([column])) + 1))
            known = ~np.isnan(self.grid.values[column][:, past])
            blank &= ~known.any(axis=1)
            rowed |= (self.grid.exists[:, past] & known.any(axis=0)).any(axis=1)
        return blank & rowed

    def seen(self, outcome: Outcome, lead: int, vantage: Vantage, base: int, levels: Floats) -> Seen:
        """Rows whose outcome a forecaster at `base` with this vantage had already seen."""
        parts, ys = [self._rows(outcome, vantage, base, np.empty(0, np.int64))], [np.empty(0)]
        for t, use, y in training(self.grid, outcome, lead, vantage, base):
            parts.append(self._rows(outcome, vantage, int(self.grid.years[t]), np.flatnonzero(use)))
            ys.append(y)
        stacked = (np.concatenate([getattr(part, name) for part in parts]) for name in STACKED)
        rows = Rows(self.names, self._signs(), *stacked)
        gap = lead + outcome.span - 1 + vantage.lag([outcome.column])
        return Seen(rows, np.concatenate(ys), levels, gap)

    def past(self, outcome: Outcome, lead: int, vantage: Vantage, base: int) -> Floats:
        """Out-of-sample log-odds (n,) of the ridge at an origin at `base`; nan without a row, or all nan."""
        key = (outcome.key, outcome.penalty, lead, vantage.shape, base)
        if key not in self._past:
            logit = np.full(len(self.grid.iso3), np.nan)
            seen = self.seen(outcome, lead, vantage, base, np.array([outcome.at_least]))
            if enough(seen.y >= outcome.at_least):
                here = self.block(vantage).live[:, self.grid.at(base)]
                rows = self._rows(outcome, vantage, base, np.flatnonzero(here))
                logit[here] = model.log_odds(ridge(outcome).fit(seen).predict(rows)[:, 0])
            self._past[key] = logit
        return self._past[key]

    def hindsight(self, outcome: Outcome, lead: int, vantage: Vantage) -> tuple[Floats, Floats]:
        """Log-odds and labels of the newest `MAX_CHECKS` past origins whose outcome is already known."""
        logits, labels = [np.empty(0)], [np.empty(0)]
        last = vantage.base - vantage.lag([outcome.column]) - lead - outcome.span + 1
        for base in range(max(outcome.first_check, last + 1 - MAX_CHECKS), last + 1):
            logit = self.past(outcome, lead, vantage, base)
            y = reached(self.grid, outcome, self.grid.at(base) + lead)
            use = ~np.isnan(logit) & ~np.isnan(y)
            logits.append(logit[use])
            labels.append((y[use] >= outcome.at_least).astype(np.float64))
        return np.concatenate(logits), np.concatenate(labels)

    def calibration(self, outcome: Outcome, lead: int, vantage: Vantage) -> model.Calibration:
        """How far the rate of today lies from that of all years: learned on past origins of the ridge.

        The identity (n = 0) where the outcome asks for none or while they hold too few events.
        """
        if outcome.calibrate == "none":
            return model.Calibration()
        logit, y = self.hindsight(outcome, lead, vantage)
        return model.shift(logit, y) if enough(y) else model.Calibration()

    def _signs(self) -> NDArray[np.int64]:
        return np.array([spec.sign for spec in self.specs], dtype=np.int64)

    def _rows(self, outcome: Outcome, vantage: Vantage, base: int, states: NDArray[np.int64]) -> Rows:
        grid, t = self.grid, self.grid.at(base)
        newest = grid.at(base - vantage.lag([outcome.column]))
        past = np.full((len(states), PAST), np.nan)
        own = grid.values[outcome.column][states, max(0, newest + 1 - PAST) : max(0, newest + 1)][:, ::-1]
        past[:, : own.shape[1]] = own
        block = self.block(vantage).x
        inside = 0 <= t < block.shape[1]
        return Rows(
            self.names,
            self._signs(),
            block[states, t] if inside else np.full((len(states), block.shape[2]), np.nan),
            past,
            np.asarray(states, dtype=np.int64),
            np.full(len(states), base),
        )


def ridge(outcome: Outcome) -> Ridge:
    """The member that explains and is quick: it also makes the past origins of the calibration."""
    return Ridge(outcome.penalty, bounded=True, flags=False, anchors=ANCHORS)


def chosen(outcome: Outcome) -> Blend:
    """The model of the product: ridge, monotone boosted trees and, where the outcome says so, the state's own
    history, averaged in log-odds. Chosen on origins up to 2005 (docs/decisions/forecast-yearly.md).
    """
    trees = Boosted(150, 4, 0.05, 50, 0.25, outcome.seeds, 63, ANCHORS)
    return Blend((ridge(outcome), trees, own_history(outcome)) if outcome.tells else (ridge(outcome), trees))


def own_history(outcome: Outcome) -> Recalled:
    """What a state's own past says of it: a baseline of every outcome, and a member for the rarest."""
    return Recalled(OWN_HALF_LIFE, outcome.prior_years, outcome.span, outcome.tells)


def thresholds(outcome: Outcome) -> Floats:
    """The levels of all outcomes that the fit of this one answers for."""
    return np.array([one.at_least for one in kin(outcome)], dtype=np.float64)


def label(grid: Grid, outcome: Outcome) -> Floats:
    """1, 0 or nan (unknown) for every state and year (n, t) of the grid."""
    cells = grid.values[outcome.column]
    return np.where(np.isnan(cells), np.nan, (cells >= outcome.at_least).astype(np.float64))


def reached(grid: Grid, outcome: Outcome, t: int) -> Floats:
    """The most that the column reached in the span of years from index `t` on (n,); nan when unknown.

    A year that is unknown leaves open what was reached, unless another reached the outcome.
    """
    cells = grid.values[outcome.column][:, t : t + outcome.span]
    if cells.shape[1] < outcome.span:
        return np.full(len(cells), np.nan)
    most = np.where(np.isnan(cells), -np.inf, cells).max(axis=1)
    return np.where(np.isnan(cells).any(axis=1) & (most < outcome.at_least), np.nan, most)


def training(
    grid: Grid, outcome: Outcome, lead: int, vantage: Vantage, base: int
) -> Iterator[tuple[int, Flags, Floats]]:
    """For each base year whose span had closed and was known at `base`: its index, states (n,), outcomes."""
    live = alive(grid, vantage)
    newest = base - vantage.lag([outcome.column]) - lead - outcome.span + 1
    for year in range(max(outcome.first_base, int(grid.years[0])), newest + 1):
        t = grid.at(year)
        y = reached(grid, outcome, t + lead)
        use = live[:, t] & ~np.isnan(y)
        yield t, use, y[use]


def alive(grid: Grid, vantage: Vantage) -> Flags:
    """States (n, t) in the system when the figures of a year are the newest, that is `gap` years on."""
    last = grid.exists.shape[1] - 1
    return grid.exists[:, np.minimum(np.arange(last + 1) + vantage.gap, last)]


def violence(specs: Sequence[Feature]) -> tuple[str, ...]:
    """The columns that hold figures on violence (themes.yml)."""
    return tuple(dict.fromkeys(c for s in specs if load_themes()[s.theme].violence for c in s.columns))


def enough(y: Floats | Flags) -> bool:
    """Whether there are events, and non-events, enough to fit anything on."""
    return bool(MIN_POSITIVES <= y.sum() <= len(y) - MIN_POSITIVES)


def check_lead(lead: int, base: int, target: int) -> None:
    """Raises InputError when the target year lies outside of what the engine answers for."""
    if not 1 <= lead <= MAX_LEAD:
        raise InputError(
            f"a forecast for {target} from figures up to {base} looks {lead} years ahead",
            "country-year table",
            f"1 to {MAX_LEAD} years can be answered for; choose another date or gather newer figures",
        )


def _back(value: Floats, lag: int) -> Floats:
    out = np.full_like(value, np.nan)
    if lag == 0:
        return value
    if lag > 0:
        out[:, lag:] = value[:, :-lag]
    else:
        out[:, :lag] = value[:, -lag:]
    return out
