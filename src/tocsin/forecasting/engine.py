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

from tocsin.errors import InputError
from tocsin.forecasting import features, model
from tocsin.forecasting.grid import Flags, Floats, Grid
from tocsin.forecasting.model import Sample
from tocsin.forecasting.outcomes import Feature, Outcome, load_themes

ANCHOR = "os_deaths"
MAX_LEAD = 6
MIN_POSITIVES = 10
MAX_CHECKS = 20


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

    @property
    def shape(self) -> tuple[int, tuple[tuple[str, int], ...]]:
        """What two origins must share for their fits to be interchangeable."""
        return self.gap, self.stale


@dataclass(frozen=True, slots=True)
class Rows:
    """Predictors (n, t, p) by base year; `blank` marks cells that were filled; `names` of the p columns."""

    x: Floats
    blank: Flags
    live: Flags
    names: tuple[str, ...]


@dataclass(slots=True)
class Bench:
    """One grid and its features; what is computed for a past origin is kept, because it can never change."""

    grid: Grid
    specs: tuple[Feature, ...]
    regions: tuple[str, ...]
    natural: dict[str, Floats] = field(default_factory=dict)
    _rows: dict[object, Rows] = field(default_factory=dict)
    _past: dict[object, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spec in self.specs:
            self.natural[spec.key] = features.compute(spec, self.grid, self.regions)

    def rows(self, vantage: Vantage) -> Rows:
        """Predictors for every base year, seen as stale as this vantage sees them.

        A blank cell takes the median of its base year's rows; a flag for its family says so.
        """
        if vantage.shape not in self._rows:
            self._rows[vantage.shape] = _assemble(self, vantage)
        return self._rows[vantage.shape]

    def label(self, outcome: Outcome) -> Floats:
        """1, 0 or nan (unknown) for every state and year (n, t)."""
        return label(self.grid, outcome)

    def signed(self, outcome: Outcome) -> Flags:
        """Which predictors (p,) may not lower the chance of this outcome: those of its signed themes."""
        blanks = len(dict.fromkeys(spec.family for spec in self.specs))
        return np.array([spec.theme in outcome.signed for spec in self.specs] + [False] * blanks)

    def uncounted(self, vantage: Vantage) -> Flags:
        """States (n,) with rows in the years counted so far but no figure on violence in any of them."""
        blank, rowed = np.ones(len(self.grid.iso3), np.bool_), np.zeros(len(self.grid.iso3), np.bool_)
        for column in violence(self.specs):
            past = slice(0, max(0, self.grid.at(vantage.base - vantage.lag([column])) + 1))
            known = ~np.isnan(self.grid.values[column][:, past])
            blank &= ~known.any(axis=1)
            rowed |= (self.grid.exists[:, past] & known.any(axis=0)).any(axis=1)
        return blank & rowed

    def sample(self, outcome: Outcome, lead: int, vantage: Vantage, base: int) -> Sample:
        """Rows whose label a forecaster at `base` with this vantage had already seen."""
        rows = self.rows(vantage)
        parts = []
        for t, use, y in training(self.grid, outcome, lead, vantage, base):
            year = int(self.grid.years[t])
            parts.append((rows.x[use, t], y, np.flatnonzero(use), np.full(use.sum(), year)))
        if not parts:
            return Sample(np.empty((0, rows.x.shape[2])), np.empty(0), np.empty(0, int), np.empty(0, int))
        return Sample(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def past(self, outcome: Outcome, lead: int, vantage: Vantage, base: int) -> Floats:
        """Out-of-sample log-odds (n,) of an origin at `base`; nan for states that had no row, or all nan."""
        key = (outcome.key, outcome.penalty, outcome.signed, lead, vantage.shape, base)
        if key not in self._past:
            logit = np.full(len(self.grid.iso3), np.nan)
            seen = self.sample(outcome, lead, vantage, base)
            if enough(seen.y):
                rows, t = self.rows(vantage), self.grid.at(base)
                here = rows.live[:, t]
                fitted = model.fit(seen.x, seen.y, outcome.penalty, self.signed(outcome))
                logit[here] = fitted.logit(rows.x[here, t])
            self._past[key] = logit
        return self._past[key]

    def hindsight(self, outcome: Outcome, lead: int, vantage: Vantage) -> tuple[Floats, Floats]:
        """Log-odds and labels of the newest `MAX_CHECKS` past origins whose outcome is already known."""
        label = self.label(outcome)
        newest = vantage.base - vantage.lag([outcome.column])
        logits, labels = [np.empty(0)], [np.empty(0)]
        first = max(outcome.first_check, newest - lead + 1 - MAX_CHECKS)
        for base in range(first, newest - lead + 1):
            logit, y = self.past(outcome, lead, vantage, base), label[:, self.grid.at(base) + lead]
            use = ~np.isnan(logit) & ~np.isnan(y)
            logits.append(logit[use])
            labels.append(y[use])
        return np.concatenate(logits), np.concatenate(labels)

    def calibration(self, outcome: Outcome, lead: int, vantage: Vantage) -> model.Calibration:
        """Learned from past origins; the identity (n = 0) while they hold too few events to learn from."""
        logit, y = self.hindsight(outcome, lead, vantage)
        if not enough(y):
            return model.Calibration()
        return model.shift(logit, y) if outcome.calibrate == "shift" else model.platt(logit, y)


def label(grid: Grid, outcome: Outcome) -> Floats:
    """1, 0 or nan (unknown) for every state and year (n, t) of the grid."""
    cells = grid.values[outcome.column]
    return np.where(np.isnan(cells), np.nan, (cells >= outcome.at_least).astype(np.float64))


def training(
    grid: Grid, outcome: Outcome, lead: int, vantage: Vantage, base: int
) -> Iterator[tuple[int, Flags, Floats]]:
    """For each base year whose label was known at `base`: its index, the states (n,) used, their labels."""
    live, labels = alive(grid, vantage), label(grid, outcome)
    newest = base - vantage.lag([outcome.column])
    for year in range(max(outcome.first_base, int(grid.years[0])), newest - lead + 1):
        t = grid.at(year)
        use = live[:, t] & ~np.isnan(labels[:, t + lead])
        yield t, use, labels[use, t + lead]


def alive(grid: Grid, vantage: Vantage) -> Flags:
    """States (n, t) in the system when the figures of a year are the newest, that is `gap` years on."""
    last = grid.exists.shape[1] - 1
    return grid.exists[:, np.minimum(np.arange(last + 1) + vantage.gap, last)]


def violence(specs: Sequence[Feature]) -> tuple[str, ...]:
    """The columns that hold figures on violence (themes.yml)."""
    return tuple(dict.fromkeys(c for s in specs if load_themes()[s.theme].violence for c in s.columns))


def enough(y: Floats) -> bool:
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


def _assemble(bench: Bench, vantage: Vantage) -> Rows:
    grid = bench.grid
    n, t = grid.exists.shape
    live = alive(grid, vantage)
    cells: list[Floats] = []
    families: dict[str, Flags] = {}
    for spec in bench.specs:
        value = features.entering(spec, bench.natural[spec.key])
        seen = _back(value, vantage.lag(spec.columns))
        cells.append(seen)
        families[spec.family] = families.get(spec.family, np.zeros((n, t), dtype=np.bool_)) | np.isnan(seen)
    x = np.stack(cells, axis=2)
    blank = np.isnan(x)
    middle = _medians(np.where(live[:, :, None], x, np.nan))
    x = np.where(blank, middle[None], x)
    flags = np.stack([f.astype(np.float64) for f in families.values()], axis=2)
    names = (*(s.key for s in bench.specs), *(f"blank:{name}" for name in families))
    return Rows(np.concatenate([x, flags], axis=2), blank, live, names)


def _back(value: Floats, lag: int) -> Floats:
    out = np.full_like(value, np.nan)
    if lag == 0:
        return value
    if lag > 0:
        out[:, lag:] = value[:, :-lag]
    else:
        out[:, :lag] = value[:, -lag:]
    return out


def _medians(x: Floats) -> Floats:
    """Median over the states (t, p); 0 where no state has a value."""
    ordered = np.sort(x, axis=0)
    n = (~np.isnan(x)).sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum((n - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(ordered, np.maximum(n // 2, 0)[None].clip(max=len(x) - 1), axis=0)[0]
    return np.where(n > 0, np.nan_to_num((low + high) / 2), 0.0)
