"""Why a monthly forecast stands where it does, by the model itself: pushes in log-odds of 25 or more dead.

Against the mean country: the mean, over the countries forecast at that origin, of log-odds. Predictors of one
theme are collinear, so only the sum over a theme is told. The parts of a country are

* from the ridge, at the anchor nearest to LEVEL: coefficient times (standardised value less its mean over the
  countries), summed by theme; predictors that are blank, with their flags, are a theme of their own;
* the effect of pooling with the own past: the log-odds of the pool less those of the ridge at that anchor;
* what keeping levels and windows consistent changed (`monthly.coherent`), where it changed anything.

Each is less its mean over the countries, and together they are the issued log-odds less their mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tocsin.forecasting.backtest import Answer
from tocsin.forecasting.cube import Cube, Floats, Ints
from tocsin.forecasting.events import first_day
from tocsin.forecasting.explain import DIGITS, Reason
from tocsin.forecasting.forecasters.pool import Pooled
from tocsin.forecasting.forecasters.ridge import RidgeFit
from tocsin.forecasting.model import log_odds

EXPLAINED = ("1", "sum3", "sum12")
"""The horizons that are explained."""

LEVEL = 25.0
NEWEST, LONGER = "Killings of civilians, newest months", "Killings of civilians, longer past"
STATE, GROUPS = "Fighting with the state", "Violence between groups"
BLANK, POOLED, CONSISTENT = (
    "Figures missing",
    "Pooling with the own past",
    "Kept consistent",
)
COLUMNS = {NEWEST: "ged_best_os", LONGER: "ged_best_os", STATE: "ged_best_sb", GROUPS: "ged_best_ns"}
RECENT = ("now", "lag1", "lag2", "mean3", "mean6", "log_decay3", "decay6", "recency")
"""How the names of predictors end that tell of the newest half year; the others tell of a longer past."""


@dataclass(frozen=True, slots=True, eq=False)
class Why:
    """What moved n countries at one horizon, in log-odds against their mean.

    `themes` are pushes (n,) by label; `pool` the log-odds (n,) of LEVEL by the pool. `members` are (name,
    weight, chances (n,)); `anchor` is the level at which the ridge was fitted; `blank` counts the predictors
    that are not known, of `predictors`.
    """

    themes: Mapping[str, Floats]
    pool: Floats
    members: tuple[tuple[str, float, Floats], ...]
    anchor: float
    blank: Ints
    predictors: int


def why(answer: Answer) -> Why | None:
    """The pushes behind an answer; None when no ridge is in the pool, or fewer than two countries stand."""
    fitted, rows, at = answer.fitted, answer.rows, int(np.flatnonzero(answer.levels == LEVEL)[0])
    ridges = [m for m in fitted.members if isinstance(m, RidgeFit)] if isinstance(fitted, Pooled) else []
    if not ridges or not isinstance(fitted, Pooled) or len(rows) < 2:
        return None
    anchor = ridges[0].nearest(LEVEL)
    push, pool = ridges[0].push(rows, anchor), log_odds(answer.p[:, at])
    push, pool = push - push.mean(axis=0), pool - pool.mean()
    gaps = np.isnan(rows.x)
    names = np.array([theme(name) for name in rows.names])
    themes = {label: (push * ~gaps)[:, names == label].sum(axis=1) for label in COLUMNS}
    themes[BLANK] = (push * gaps).sum(axis=1)
    themes[POOLED] = pool - push.sum(axis=1)
    members = tuple((name, weight, p[:, at]) for name, weight, p in fitted.parts(rows))
    return Why(themes, pool, members, anchor, gaps.sum(axis=1), len(rows.names))


def theme(predictor: str) -> str:
    """The theme of a predictor of `history.predictors`, by its name."""
    column, kind = predictor.split(":")
    if column == COLUMNS[NEWEST]:
        return NEWEST if kind.endswith(RECENT) else LONGER
    return next(label for label, name in COLUMNS.items() if name == column)


def reasons(found: Why, cube: Cube, entity: Ints, issued: Floats) -> list[tuple[Reason, ...]]:
    """For each country (theme, its values in words, push), strongest first.

    `entity` (n,) are its rows in the cube; `issued` (n,) the issued chances of LEVEL or more.
    """
    final = log_odds(issued)
    parts = {**found.themes, CONSISTENT: final - final.mean() - found.pool}
    out = []
    for i, row in enumerate(entity.tolist()):
        text = {**dict(_values(cube, row)), **dict(_of_the_model(found, i))}
        told = [(label, text[label], round(float(push[i]), DIGITS)) for label, push in parts.items()]
        kept = [one for one in told if one[0] != CONSISTENT or one[2]]
        out.append(tuple(sorted(kept, key=lambda one: (-abs(one[2]), one[0]))))
    return out


def newest_sum(x: Floats, k: int) -> str:
    """The sum of the newest k months; of how many, where some are unknown."""
    known = x[-k:][~np.isnan(x[-k:])]
    return f"{known.sum():,.0f}" + (f" ({len(known)} known)" if len(known) < min(k, len(x)) else "")


def _values(cube: Cube, row: int) -> Iterator[tuple[str, str]]:
    """By theme, the figures of a country nearest to hand."""
    month = f"{first_day(int(cube.periods[-1])):%Y-%m}"
    for label, name in COLUMNS.items():
        x = cube.columns[name][row]
        if label == LONGER:
            worst = np.nanmax(x[-60:], initial=0.0)
            year, five = newest_sum(x, 12), newest_sum(x, 60)
            yield (
                label,
                f"{year} killed in the newest 12 months, {five} in 60; worst month {worst:,.0f}",
            )
        else:
            span = 3 if label == NEWEST else 12
            yield label, f"{x[-1]:,.0f} killed in {month}, {newest_sum(x, span)} in the newest {span} months"


def _of_the_model(found: Why, i: int) -> Iterator[tuple[str, str]]:
    blank = int(found.blank[i])
    yield BLANK, f"{blank} of {found.predictors} predictors not known" if blank else "none missing"
    alone = [f"{_member(name)} alone {p[i]:.1%} (weight {w:.2f})" for name, w, p in found.members]
    at = "" if found.anchor == LEVEL else f"; the regression told at {found.anchor:g} or more"
    yield POOLED, ", ".join(alone) + at
    yield (
        CONSISTENT,
        "a window is no less likely than its months, a higher level no likelier",
    )


def _member(name: str) -> str:
    return "the regression" if name == "ridge" else "the own past"
