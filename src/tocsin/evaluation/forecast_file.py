"""Files of forecasts: four forms told apart by their columns, checked cell by cell before anything is scored.

    entity, origin, period, horizon, probability             yes or no, of a backtest
    entity, period, probability                              yes or no, period = origin (new mass killings)
    entity, origin, period, horizon, p_ge_N.., q01..q99      counts, of a backtest
    entity, p_ge_N.., q01..q99                               counts of one year, which the caller names

`origin` and `period` are whole numbers or dates (YYYY-MM-DD); `horizon` is a number of periods or `sumK`, the
total of the K periods that end in `period`. Forms without a horizon have horizon 0: the row's own outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError, UserError
from tocsin.evaluation.columns import Columns, Floats, Wanted, read_columns

Flags = NDArray[np.bool_]
QUANTILES = tuple(f"q{i:02d}" for i in range(1, 100))
LEVELS: Floats = np.arange(1, 100) / 100
EXCEEDANCE = re.compile(r"p_ge_(\d+(?:\.\d+)?)$")
HORIZON = re.compile(r"(?:sum[1-9]\d*|\d+)$")
BY_NAME = frozenset({"gwcode"})
"""Columns that forms may carry and that no score needs."""
SLACK = 1e-9
EVENT = 1.0
"""The threshold of a yes-or-no outcome."""


class Key(NamedTuple):
    """What a row forecasts. `origin` and `period` are numbers, dates as their ordinal day."""

    horizon: str
    origin: int
    period: int
    entity: str


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """The rows of a file, sorted by key: `exceed[threshold]` is P(Y >= threshold) (n,), `quantiles` (n, 99).

    `own` says that the form has no horizons, `dated` that its periods are dates.
    """

    name: str
    binary: bool
    own: bool
    dated: bool
    keys: tuple[Key, ...]
    exceed: Mapping[float, Floats]
    quantiles: Floats | None
    unread: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)

    def shown(self, when: int) -> str:
        """A period as the file writes it."""
        return date.fromordinal(when).isoformat() if self.dated else str(when)


def read_forecasts(path: Path, year: int | None = None) -> Forecasts:
    """Read and check a file; `year` is that of a file of counts without a period.

    Raises InputError, naming file, row and column, for columns of no form, a probability outside 0..1, an
    exceedance that rises with its threshold, quantiles that fall, a key that stands twice.
    """
    read = read_columns(path, _wanted)
    timed = "period" in read.texts
    if timed and year is not None:
        raise UserError(f"{path} has a column period; leave --year {year} out")
    if not timed and year is None:
        raise UserError(f"{path} has no column period; say which year it forecasts with --year")
    exceed = _part(read, [c for c in read.names if c not in QUANTILES])
    quantiles = _part(read, [c for c in read.names if c in QUANTILES])
    _checked(read, exceed, quantiles)
    keys, dated = _keys(read, year)
    order = sorted(range(len(keys)), key=lambda i: (horizon_rank(keys[i].horizon), keys[i]))
    return Forecasts(
        path.name,
        "probability" in read.names,
        "horizon" not in read.texts,
        dated,
        tuple(keys[i] for i in order),
        {_threshold(c): exceed.numbers[order, j] for j, c in enumerate(exceed.names)},
        quantiles.numbers[order] if quantiles.names else None,
        tuple(c for c in read.unread if c not in BY_NAME),
    )


def when(text: str, where: str) -> tuple[int, bool]:
    """A period as a number, and whether it was a date. Raises InputError for anything else."""
    if re.fullmatch(r"-?\d{1,9}", text):
        return int(text), False
    try:
        return date.fromisoformat(text).toordinal(), True
    except ValueError:
        raise InputError(
            f"{text!r} is no period", where, "give a whole number or a date, YYYY-MM-DD"
        ) from None


def periods(read: Columns, column: str) -> tuple[list[int], bool]:
    """A column of periods, all whole numbers or all dates. Raises InputError at the first that is not."""
    seen: dict[str, tuple[int, bool]] = {}
    for i, text in enumerate(read.texts[column]):
        if text not in seen:
            seen[text] = when(text, read.place(i, column))
            if seen[text][1] != next(iter(seen.values()))[1]:
                raise InputError(
                    f"{text!r} mixes dates and whole numbers", read.place(i, column), "use one of the two"
                )
    return [seen[text][0] for text in read.texts[column]], next(iter(seen.values()))[1]


def horizon_rank(horizon: str) -> tuple[int, int]:
    """The order of horizons: single periods by length, then sums by length."""
    return (1, int(horizon[3:])) if horizon.startswith("sum") else (0, int(horizon))


def horizons(read: Columns) -> list[str]:
    """The column horizon as plain text. Raises InputError for one that is neither a number nor `sumK`."""
    for i, text in enumerate(read.texts["horizon"]):
        if not HORIZON.fullmatch(text):
            at = read.place(i, "horizon")
            raise InputError(f"{text!r} is no horizon", at, "give a number of periods, or sumK such as sum3")
    return [t if t.startswith("sum") else str(int(t)) for t in read.texts["horizon"]]


def once(keys: Iterable[tuple[object, ...]], read: Columns) -> None:
    """Raises InputError naming the second row with the same key."""
    seen: dict[tuple[object, ...], int] = {}
    for i, key in enumerate(keys):
        if key in seen:
            again = f"has the key of row {read.row[seen[key]]} again: " + ", ".join(map(str, key))
            raise InputError(again, f"{read.name}, row {read.row[i]}, column entity", "keep one of the two")
        seen[key] = i


def _wanted(name: str, columns: tuple[str, ...]) -> Wanted:
    exceed = [c for c in columns if EXCEEDANCE.match(c)]
    if "probability" not in columns and not exceed:
        raise InputError(
            "has neither probability nor p_ge_ columns", name, "see the forms in docs/evaluation.md"
        )
    if "probability" in columns and exceed:
        raise InputError("has both probability and p_ge_ columns", name, "a file holds one kind of forecast")
    timed = {"origin", "horizon"} & set(columns)
    needed = ["entity", *(("origin", "period", "horizon") if timed else ())]
    if "period" in columns and not timed:
        needed.append("period")
    if "probability" in columns and "period" not in needed:
        needed.append("period")
    quantiles = [c for c in QUANTILES if c in columns] if exceed else []
    wholly = QUANTILES if quantiles else ()
    for c in (*needed, *wholly):
        if c not in columns:
            raise InputError(f"the column {c} is missing", name, "see the forms in docs/evaluation.md")
    return Wanted(tuple(needed), tuple(exceed + quantiles) or ("probability",))


def _part(read: Columns, names: list[str]) -> Columns:
    """Some of the number columns, thresholds and levels rising."""
    ordered = sorted(names, key=lambda c: float(c[1:]) if c in QUANTILES else _threshold(c))
    at = [read.names.index(c) for c in ordered]
    return replace(read, names=tuple(ordered), numbers=read.numbers[:, at])


def _threshold(name: str) -> float:
    found = EXCEEDANCE.match(name)
    return float(found.group(1)) if found else EVENT


def _keys(read: Columns, year: int | None) -> tuple[list[Key], bool]:
    n = len(read.row)
    period, dated = periods(read, "period") if "period" in read.texts else ([year or 0] * n, False)
    origin, of_origin = periods(read, "origin") if "origin" in read.texts else (period, dated)
    if of_origin != dated:
        raise InputError("one of origin and period holds dates, the other numbers", read.name, "use one form")
    horizon = horizons(read) if "horizon" in read.texts else ["0"] * n
    keys = [Key(*row) for row in zip(horizon, origin, period, read.texts["entity"], strict=True)]
    once(((k.entity, k.origin, k.period, k.horizon) for k in keys), read)
    return keys, dated


def _checked(read: Columns, exceed: Columns, quantiles: Columns) -> None:
    p, q = exceed.numbers, quantiles.numbers
    _refuse(exceed, (p < 0) | (p > 1), "is not a probability", "give a number from 0 to 1")
    rises = "is higher than the column of the threshold below"
    _refuse(exceed, _after(np.diff(p, axis=1) > SLACK), rises, "P(at least N) may not rise with N")
    _refuse(quantiles, q < 0, "is below 0", "a count has no negative quantile")
    falls = "is lower than the quantile before it"
    _refuse(quantiles, _after(np.diff(q, axis=1) < -SLACK), falls, "quantiles may not fall")


def _after(bad: Flags) -> Flags:
    """A fault between two columns, laid on the second one."""
    return np.pad(bad, ((0, 0), (min(1, bad.shape[1]), 0)))


def _refuse(read: Columns, bad: Flags, what: str, remedy: str) -> None:
    """Raise InputError at the first cell that is bad."""
    if bad.any():
        i, j = np.argwhere(bad)[0].tolist()
        raise InputError(f"{read.numbers[i, j]:g} {what}", read.place(i, read.names[j]), remedy)
