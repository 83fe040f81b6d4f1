"""Twenty country-periods without an onset, drawn by a written seed: what the rules say where nothing came.

In the draw are, of all states and years of the table, the two-year periods in which, and in the two years
after which, no new mass killing began, none was ongoing, and fewer than 1,000 civilians a year were killed in
one-sided violence. A year with an empty cell in one of these columns is out, because nobody knows. A period
is two calendar years, as long as the walk of a case, because the table is yearly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from tocsin.evaluation.replay import Material, Stretch
from tocsin.evidence.ids import content_id
from tocsin.forecasting.panel import Panel
from tocsin.geography import country

SEED = "country-periods without an onset"
DRAWN = 20
WALKED, AFTER = 2, 2
MANY = 1000


def drawn(given: Material) -> tuple[Stretch, ...]:
    """The periods drawn, by place and year: the same ones for the same table and seed.

    The draw takes the lowest hashes of seed, place and year: no generator of random numbers stands behind it
    that another version of Python could change.
    """
    eligible = sorted(_eligible(given), key=lambda at: content_id(SEED, *at))
    return tuple(_stretch(iso3, year) for iso3, year in sorted(eligible[:DRAWN]))


def _eligible(given: Material) -> Iterator[tuple[str, int]]:
    """Place and first year of every period in the draw."""
    first = given.past.days[0].year
    for iso3, year in given.panel.rows:
        wanted = range(year, year + WALKED + AFTER)
        if year >= first and all(_quiet(given.panel, iso3, each) for each in wanted):
            yield iso3, year


def _quiet(panel: Panel, iso3: str, year: int) -> bool:
    if (iso3, year) not in panel.rows:
        return False
    onset, ongoing, killed = (panel.value(c, iso3, year) for c in ("mk_onset", "mk_ongoing", "os_deaths"))
    if any(math.isnan(value) for value in (onset, ongoing, killed)):
        return False
    return onset == 0 and ongoing == 0 and killed < MANY


def _stretch(iso3: str, year: int) -> Stretch:
    first, last = date(year, 1, 1), date(year + WALKED - 1, 12, 31)
    name = f"{country(iso3).name}, {first.year} and {last.year}"
    return Stretch(f"{iso3.lower()}{year}", name, iso3, first, last)
