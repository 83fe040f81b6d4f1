"""Invented event rows for the tests of panels, areas and situations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from tocsin.clock import Moment, Precision, day_moment
from tocsin.forecasting.events import EventRow

ANNUAL, CANDIDATE = "annual", "candidate"
PLACES = ("North", "South", "East")


def out(day: str) -> Moment:
    """A release known on a day."""
    return day_moment(date.fromisoformat(day))


def happening(number: int, day: str, iso3: str = "SDN", best: int = 5, **values: Any) -> EventRow:
    """One row of release 24.1, one-sided, dated to the day, placed exactly; `values` replace fields."""
    start = date.fromisoformat(day)
    row = EventRow(
        id=f"evt-{number}-{values.get('release', '24.1')}",
        external_id=str(number),
        release="24.1",
        layer=ANNUAL,
        known=out("2024-06-30"),
        violence=3,
        iso3=iso3,
        start=start,
        end=start,
        date_precision=Precision.DAY,
        latitude=13.6,
        longitude=25.3,
        where_precision=1,
        adm_1="Northern Darfur state",
        side_a="Government of Sudan",
        side_b="Civilians",
        best=best,
    )
    return replace(row, **values)


def world(release: str, first: int, last: int, states: tuple[str, ...], **values: Any) -> list[EventRow]:
    """A world release of 100,000 rows spread over `states`, years `first` to `last`, one death each."""
    years = range(first, last + 1)
    base = happening(0, f"{first}-01-01", release=release, best=1, **values)
    return [
        replace(
            base,
            id=f"evt-{n}-{release}",
            external_id=f"w{n}",
            iso3=states[n % len(states)],
            start=(day := date(years[n // len(states) % len(years)], 6, 1)),
            end=day,
        )
        for n in range(100_000)
    ]


def years(iso3: str, first: int, last: int, seed: int) -> list[EventRow]:
    """One-sided events of an invented history: two a month, here and there, in whole years."""
    draw = np.random.default_rng(seed)
    rows = []
    for n in range((last - first + 1) * 24):
        month = n // 2
        day = date(first + month // 12, month % 12 + 1, 3 + 9 * (n % 2)).isoformat()
        actor = ("Government of Sudan", "RSF")[int(draw.integers(2))]
        rows.append(
            happening(
                1000 * seed + n,
                day,
                iso3,
                int(draw.negative_binomial(0.4, 0.03)) if draw.random() < 0.6 else 0,
                adm_1=PLACES[int(draw.integers(len(PLACES)))],
                latitude=10.0 + int(draw.integers(3)),
                side_a=actor,
            )
        )
    return rows
