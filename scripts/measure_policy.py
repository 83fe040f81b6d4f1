"""Measures the policy from figures alone at the ends of past years: how many places, and which cases it saw.

Usage: python scripts/measure_policy.py [YEAR ...]

A case of violence is a place with 1,000 or more civilians killed in one-sided violence in the next year; one
of onset is a new mass killing within the next two years. Figures are of later revision.
"""

from __future__ import annotations

import sys
from datetime import date

from tocsin.alarms.alarm import Level
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.assessment.everywhere import Material, assess_everywhere
from tocsin.clock import as_of_end
from tocsin.forecasting.issue import issue
from tocsin.forecasting.panel import Panel, load_panel

YEARS = (2011, 2012, 2014, 2016, 2018, 2020, 2021)
Cases = set[tuple[int, str]]


def levels(year: int) -> dict[str, Level]:
    """The level of every place at the end of a year, from figures alone and without a memory."""
    panel, as_of = load_panel(), as_of_end(date(year, 12, 31))
    forecasts = issue(panel, as_of, "measure", as_of).forecasts
    beliefs = assess_everywhere(Material(panel, forecasts, [], [], {}), as_of, "measure", as_of)
    decided = [decide(b.assessment, b.forecasts, b.signals, None, policy())[0] for b in beliefs]
    return {d.iso3: d.level for d in decided}


def cases(panel: Panel, column: str, first: int, last: int, least: float) -> set[str]:
    """The places where a column reaches `least` in any of the years."""
    hit = (panel.columns[column] >= least) & (panel.year >= first) & (panel.year <= last)
    return {iso3 for iso3, yes in zip(panel.iso3, hit, strict=True) if yes}


def main(years: tuple[int, ...]) -> None:
    """Print the counts."""
    panel = load_panel()
    seen: dict[str, dict[str, Cases]] = {
        k: {"warning": set(), "risk": set(), "all": set()} for k in ("killed", "onset")
    }
    for year in years:
        at = levels(year)
        high = {i for i, level in at.items() if level.step >= Level.WARNING.step}
        some = {i for i, level in at.items() if level.step >= Level.RISK.step}
        print(f"{year}: {len(high)} at warning or above, {len(some)} at risk or above")
        found = {
            "killed": cases(panel, "os_deaths", year + 1, year + 1, 1000),
            "onset": cases(panel, "mk_onset", year + 1, year + 2, 1),
        }
        for kind, where in found.items():
            for name, group in (("warning", where & high), ("risk", where & some), ("all", where)):
                seen[kind][name] |= {(year, iso3) for iso3 in group}
    for kind, counts in seen.items():
        print(kind, {name: len(group) for name, group in counts.items()})
        print("  missed at risk:", sorted(counts["all"] - counts["risk"]))


if __name__ == "__main__":
    main(tuple(int(a) for a in sys.argv[1:]) or YEARS)
