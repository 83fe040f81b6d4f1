"""What happened, for the rows of a forecast file: from a file of outcomes, from a panel, or as shipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tocsin.errors import InputError
from tocsin.evaluation.columns import Floats, Wanted, read_columns
from tocsin.evaluation.forecast_file import Forecasts, Key, horizons, once, periods, when
from tocsin.forecasting.history import total
from tocsin.forecasting.panel import Panel
from tocsin.forecasting.reading import read_panel
from tocsin.forecasting.spec import load_spec

ONSET_YEARS = 2
"""A new mass killing counts for a feature year when it begins in one of so many years after it."""
EVERY = ""
"""Stands for the horizon where outcomes have none."""
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Happened:
    """Outcomes by entity, period and horizon (`EVERY` where the source has no horizons).

    Without horizons a sum is made here: the total of the periods that end in its period (of yes-or-no
    outcomes: whether any was 1), all of them known.
    """

    name: str
    values: Mapping[tuple[str, int, str], float]
    dated: bool = False
    by_horizon: bool = False

    def observed(self, forecasts: Forecasts) -> Floats:
        """The outcome of each row (n,), nan where unknown.

        Raises InputError when one has dates and the other numbers, or for an outcome that is none.
        """
        if self.dated != forecasts.dated:
            ours, theirs = ("dates", "whole numbers") if self.dated else ("whole numbers", "dates")
            raise InputError(f"periods are {ours}, those of {forecasts.name} are {theirs}", self.name)
        found = np.array([self._of(key, forecasts.binary) for key in forecasts.keys], dtype=np.float64)
        bad = (found < 0) | (forecasts.binary & (found != 0) & (found != 1) & ~np.isnan(found))
        if bad.any():
            i = int(np.argmax(bad))
            key, allowed = forecasts.keys[i], "0 or 1" if forecasts.binary else "a count of 0 or more"
            where = f"{self.name}, {key.entity} {forecasts.shown(key.period)}"
            raise InputError(
                f"the outcome {found[i]:g} is not {allowed}", where, "correct it or leave it out"
            )
        return found

    def _of(self, key: Key, binary: bool) -> float:
        if self.by_horizon or not key.horizon.startswith("sum"):
            horizon = key.horizon if self.by_horizon else EVERY
            return self.values.get((key.entity, key.period, horizon), NAN)
        if self.dated:
            remedy = "add a column horizon; dates alone do not say how long a period is"
            raise InputError(f"holds no outcome of horizon {key.horizon}", self.name, remedy)
        back = range(int(key.horizon[3:]))
        parts = np.array([self.values.get((key.entity, key.period - b, EVERY), NAN) for b in back])
        return float(parts.max() if binary else parts.sum())


def from_file(path: Path) -> Happened:
    """Outcomes of a file with `entity, period, observed` and perhaps `horizon`; an empty cell is unknown.

    Raises InputError naming file, row and column.
    """
    read = read_columns(path, _wanted)
    period, dated = periods(read, "period")
    by_horizon = "horizon" in read.texts
    horizon = horizons(read) if by_horizon else [EVERY] * len(period)
    keys = list(zip(read.texts["entity"], period, horizon, strict=True))
    once(keys, read)
    return Happened(path.name, dict(zip(keys, read.numbers[:, 0].tolist(), strict=True)), dated, by_horizon)


def from_panel(path: Path, spec_path: Path, asked: Iterable[str]) -> Happened:
    """The label of a panel at the horizons `asked` for; a total is known where all its periods are.

    Raises InputError naming file, row and column.
    """
    spec = load_spec(spec_path)
    read = read_panel(path, spec)
    cube, label = read.cube, read.cube.columns[spec.label]
    shown = [when(read.axis.written(int(t)), path.name)[0] for t in cube.periods]
    found: dict[tuple[str, int, str], float] = {}
    for horizon in asked:
        value = _total(label, int(horizon[3:]), spec.kind) if horizon.startswith("sum") else label
        for i, entity in enumerate(cube.entities):
            found.update({(entity, t, horizon): v for t, v in zip(shown, value[i].tolist(), strict=True)})
    return Happened(path.name, found, dated=read.axis.start is not None, by_horizon=True)


def shipped_onsets(panel: Panel) -> Happened:
    """By feature year: whether a new mass killing begins in the two calendar years after it.

    Unknown until both years have closed, so that no year counts with its events alone. A state that ended in
    the meantime counts with the years it had.
    """
    label = panel.columns["mk_onset"]
    one = {(i, y): float(v) for i, y, v in zip(panel.iso3, panel.year.tolist(), label, strict=True)}
    found = {}
    for iso3, year in one:
        if year + ONSET_YEARS <= panel.column_info("mk_onset").last_year:
            ahead = [one.get((iso3, year + a), NAN) for a in range(1, ONSET_YEARS + 1)]
            found[iso3, year, EVERY] = max((v for v in ahead if not np.isnan(v)), default=NAN)
    return Happened("the shipped table of mass killings", found)


def shipped_deaths(panel: Panel) -> Happened:
    """By calendar year: civilians killed in one-sided violence (UCDP best estimate)."""
    rows = zip(panel.iso3, panel.year.tolist(), panel.columns["os_deaths"].tolist(), strict=True)
    return Happened("the shipped table of one-sided deaths", {(i, y, EVERY): v for i, y, v in rows})


def _total(label: Floats, k: int, kind: str) -> Floats:
    """Totals (n, t) of the k periods that end in each; of a binary label, whether any was 1."""
    found = total(label, k)
    return np.minimum(found, 1.0) if kind == "binary" else found


def _wanted(name: str, columns: tuple[str, ...]) -> Wanted:
    for c in ("entity", "period", "observed"):
        if c not in columns:
            raise InputError(f"the column {c} is missing", name, "outcomes have entity, period and observed")
    texts = ("entity", "period", *(("horizon",) if "horizon" in columns else ()))
    return Wanted(texts, ("observed",), ("observed",))
