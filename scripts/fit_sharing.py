"""Choose how a country's violence is shared out over its places and situations, and measure the choice.

    python scripts/fit_sharing.py --events DIR [--measure] [--every N] [--kind adm1 cell situation]

DIR holds UCDP GED files (any layout that `tocsin gather ucdp` reads). Each country and release is taken by
itself, with its figures as the release gives them (later revision). The numbers of `sharing.yml` are chosen
by the Dirichlet-multinomial likelihood of the shares in windows of 1, 3, 6 and 12 months that end in 2005 or
before. `--measure` looks at windows that begin in 2006 or later, once, against the plain rule "the same
shares as in the last 12 months", both given the same country distribution: its own last 60 months.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from tocsin.clock import as_of_end, now
from tocsin.forecasting import levels, sharing
from tocsin.forecasting.areas import OS, OTHER, Kind, adjacent, area_cube
from tocsin.forecasting.cube import Flags, Floats
from tocsin.forecasting.events import EventRow, known_events, month_id
from tocsin.forecasting.situations import situation_cube
from tocsin.sources import Request, source

LAST_DEVELOPMENT = month_id(date(2005, 12, 1))
WINDOWS = (1, 3, 6, 12)
FEWEST, LEAST_MONTHS, FIRST_ORIGIN, CLIP, RECENT = 100, 60, 12, 1e-4, 60


@dataclass(frozen=True)
class Case:
    """One country of one release, cut one way."""

    name: str
    deaths: Floats
    other: Floats
    seen: Flags
    touch: Flags | None
    first: int

    def outcome(self, months: int) -> Floats:
        """Deaths (a, t) in the `months` after each month; nan where they pass the end."""
        total = np.concatenate([np.zeros((len(self.deaths), 1)), np.cumsum(self.deaths, axis=1)], axis=1)
        out = np.full_like(self.deaths, np.nan)
        out[:, : self.deaths.shape[1] - months] = (total[:, months + 1 :] - total[:, 1:-months])[
            :, : out.shape[1] - months
        ]
        return out

    def origins(self, months: int, later: bool) -> Flags:
        """Which months are origins (t,): windows end by 2005, or begin in 2006 or later."""
        at = self.first + np.arange(self.deaths.shape[1])
        whole = np.arange(len(at)) + months < len(at)
        inside = at >= LAST_DEVELOPMENT if later else at + months <= LAST_DEVELOPMENT
        return np.asarray(whole & inside & (np.arange(len(at)) >= FIRST_ORIGIN))


def cases(folder: Path, kind: str) -> Iterator[Case]:
    """Every country and release with enough one-sided events."""
    request = Request(tuple(sorted(folder.glob("*.parquet"))), None, None, now(), True, None)
    groups: dict[tuple[str, str], list[EventRow]] = defaultdict(list)
    for event in next(source("ucdp").read(request)).events:
        groups[event.iso3, event.release].append(EventRow.of(event))
    for (iso3, release), rows in sorted(groups.items()):
        known = known_events(rows, as_of_end(date(2100, 1, 1)))
        told = known.coverage.known.sum()
        if sum(row.violence == 3 for row in known.placed) < FEWEST or told < LEAST_MONTHS:
            continue
        cube = situation_cube(known, iso3)[1] if kind == "situation" else area_cube(known, iso3, Kind(kind))
        deaths, other = cube.columns[OS], cube.columns[OTHER]
        touch = adjacent(cube.entities) if kind == "cell" else None
        seen = sharing.seen_until(cube.columns["ged_events"])
        if not cube.exists.all():
            continue
        yield Case(f"{iso3} {release}", deaths, other, seen, touch, int(cube.periods[0]))


def parts(case: Case, how: sharing.Rule, months: int, later: bool) -> tuple[Floats, Floats]:
    """Outcomes (a + 1, m) and shares (a + 1, m) at the origins; the last row is what was not seen yet."""
    at = case.origins(months, later)
    y, seen = case.outcome(months)[:, at], case.seen[:, at]
    share = sharing.shares(sharing.weights(how, case.deaths, case.other, case.touch)[:, at], seen)
    rest = np.where(seen, 0.0, y).sum(axis=0, keepdims=True)
    return np.concatenate([np.where(seen, y, 0.0), rest]), share


def unpack(x: Floats) -> sharing.Rule:
    """The rule of a point of the search."""
    half_life, other, near, floor, unseen = np.exp(x[:5])
    return sharing.Rule(half_life, float(np.clip(x[5], 0.0, 1.0)), other, near, floor, unseen, {1: 1.0})


def firmest(found: list[Case], how: sharing.Rule, months: int) -> tuple[float, float]:
    """The concentration of a window length and the log-likelihood a month of development data."""
    given = [parts(case, how, months, False) for case in found]

    def loss(x: float) -> float:
        return -sum(sharing.log_likelihood(y, s, float(np.exp(x))) for y, s in given if y.size)

    best = minimize_scalar(loss, bounds=(-4, 4), method="bounded", options={"xatol": 0.05})
    return float(np.exp(best.x)), -float(best.fun) / months


def fit(found: list[Case], near: bool) -> sharing.Rule:
    """The rule of the highest likelihood over all window lengths."""

    def loss(x: Floats) -> float:
        how = unpack(x) if near else replace(unpack(x), near=0.0)
        return -sum(firmest(found, how, months)[1] for months in WINDOWS)

    start = np.array([np.log(24), np.log(0.1), np.log(0.3), np.log(0.1), np.log(0.3), 0.5])
    best = minimize(loss, start, method="Nelder-Mead", options={"maxfev": 160, "xatol": 0.05, "fatol": 0.5})
    how = unpack(best.x) if near else replace(unpack(best.x), near=0.0)
    print(f"  log-likelihood {-best.fun:.1f} (start {-loss(start):.1f})")
    return replace(how, concentration={m: firmest(found, how, m)[0] for m in WINDOWS})


def country_distribution(total: Floats, t: int, months: int, grid: Floats) -> Floats:
    """Exceedances (g,) of the country's own last windows that were over at month t."""
    windows = [total[s - months + 1 : s + 1].sum() for s in range(max(months - 1, t - RECENT + 1), t + 1)]
    hit = np.array(windows)[:, None] >= grid[None]
    return np.asarray((hit.sum(axis=0) + 0.5 * (grid <= 1)) / (len(windows) + 1))


def measure(found: list[Case], how: sharing.Rule, months: int, every: int) -> dict[str, float]:
    """Mean CRPS and log loss at 1 and 25 of ours and of the plain rule, over parts and origins from 2006."""
    scores: dict[str, list[Floats]] = defaultdict(list)
    for case in found:
        y, share = parts(case, how, months, True)
        total = case.deaths.sum(axis=0)
        for m, t in list(enumerate(np.flatnonzero(case.origins(months, True))))[::every]:
            here = np.append(case.seen[:, t], True)
            grid = levels.grid(float(total.max()) * months, (25,))
            country = country_distribution(total, int(t), months, grid)
            ours = sharing.part_exceedances(country, grid, share[here, m], how.firmness(months))
            year = np.append(case.deaths[:, max(0, t - 11) : t + 1].sum(axis=1), 0.0)
            plain_share = year / max(year.sum(), 1.0)
            plain = np.stack([country_split(country, grid, s) for s in plain_share[here]])
            for name, p in (("ours", ours), ("plain", plain)):
                out = y[here, m]
                scores[f"crps {name}"].append(levels.crps(p, grid, out))
                for level in (1, 25):
                    chance = np.clip(p[:, np.searchsorted(grid, level)], CLIP, 1 - CLIP)
                    hit = out >= level
                    scores[f"log{level} {name}"].append(-np.log(np.where(hit, chance, 1 - chance)))
    return {name: float(np.concatenate(all_).mean()) for name, all_ in scores.items()}


def country_split(country: Floats, grid: Floats, share: float) -> Floats:
    """Exceedances (g,) of a fixed part of the country's total: P(share x total >= level)."""
    if share <= 0:
        return np.zeros_like(country)
    return np.asarray(np.interp(grid / share, grid, country, right=0.0))


def main() -> None:
    """Choose, print the table for sharing.yml, and measure when asked."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--events", type=Path, required=True)
    asked.add_argument("--kind", nargs="+", default=["adm1", "cell", "situation"])
    asked.add_argument("--measure", action="store_true")
    asked.add_argument("--every", type=int, default=1, help="measure at every n-th origin")
    given = asked.parse_args()
    for kind in given.kind:
        found = list(cases(given.events, kind))
        print(f"{kind}: {', '.join(case.name for case in found)}")
        if given.measure:
            for months in WINDOWS:
                told = measure(found, sharing.rule(kind), months, given.every)
                print(f"  {months:2} months  " + "  ".join(f"{n} {v:.4f}" for n, v in told.items()))
        else:
            print(f"  {fit(found, kind == 'cell')}")


if __name__ == "__main__":
    main()
