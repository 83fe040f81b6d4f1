"""A country's distributions shared out over areas, cells and situations, as they are issued and stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from tocsin.clock import Period
from tocsin.errors import InputError
from tocsin.evidence.ids import content_id
from tocsin.forecasting import sharing
from tocsin.forecasting.areas import EVENTS, OS, OTHER, UNSEEN, Kind, adjacent, area_cube
from tocsin.forecasting.cube import Cube, Flags, Floats
from tocsin.forecasting.events import ONE_SIDED, EventRow, KnownEvents
from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.monthly import (
    DIGITS,
    NAMED,
    MonthlyForecast,
    Outlook,
    Ready,
    forecastable,
    issue_months,
    monthly_id,
    outlook,
    ready,
    told,
    window_of,
)
from tocsin.forecasting.situations import Recent, situation_cube

HORIZONS = ("1", "sum3", "sum6", "sum12")
SITUATION = "situation"
KINDS = (*(kind.value for kind in Kind), SITUATION)
UNSEEN_SITUATION = "an actor or a place not seen yet"


@dataclass(frozen=True, slots=True)
class Part:
    """One area, cell or situation. `key` is its name, or perpetrator, target and place.

    `mean` is in deaths and adds up to the country's over all parts; `p_ge` is P(deaths >= level) for NAMED.
    `recent` is what happened there. Places and actors of which nothing was seen yet are one part together.
    """

    key: tuple[str, ...]
    mean: float
    p_ge: dict[str, float]
    recent: Recent


@dataclass(frozen=True, slots=True)
class PartsForecast:
    """The parts of one country's forecast over one horizon, the likeliest first; `forecast` is the whole."""

    id: str
    run: str
    iso3: str
    as_of: datetime
    kind: str
    horizon: str
    window: Period
    parts: tuple[Part, ...]
    forecast: str
    manifest: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class MonthsMade:
    """What a turn made of months: new forecasts, or none when an earlier run's still stand; and the account.

    The account holds `run` (whose forecasts stand, or ""), `new`, `newest` (month), `countries`, `refused`
    (why there are none) and `settings` (the manifest); a home adds `before`, the run of an earlier month.
    """

    forecasts: tuple[MonthlyForecast, ...] = ()
    parts: tuple[PartsForecast, ...] = ()
    account: Mapping[str, Any] = field(default_factory=dict)


def make_months(
    known: KnownEvents, forecaster: Forecaster, run_id: str, recorded: datetime, standing: Mapping[str, str]
) -> MonthsMade:
    """The monthly forecasts of a turn. `standing` maps the manifests issued before to the runs that did.

    The same events in the same month are not forecast twice: the earlier forecasts stand. What cannot be
    forecast is said in the account.
    """
    try:
        at = ready(known, forecaster)
        account = {"new": False, "newest": at.manifest["newest"], "refused": "", "settings": at.manifest}
        account["countries"] = int(forecastable(at.cube).sum())
        if run := standing.get(at.manifest["id"]):
            return MonthsMade(account=account | {"run": run})
        found = outlook(at.cube, at.origin, forecaster)
    except InputError as error:
        return MonthsMade(account={"run": "", "new": False, "countries": 0, "refused": str(error)})
    forecasts = tuple(issue_months(at, found, run_id, recorded))
    parts = tuple(issue_parts(at, found, run_id, recorded))
    return MonthsMade(forecasts, parts, account | {"run": run_id, "new": True})


def issue_parts(at: Ready, found: Outlook, run_id: str, recorded: datetime) -> Iterator[PartsForecast]:
    """The parts of every country in which a one-sided event was gathered."""
    own: dict[str, list[EventRow]] = defaultdict(list)
    for row in at.known.placed:
        own[row.iso3].append(row)
    for i, iso3 in enumerate(found.iso3):
        if not any(row.violence == ONE_SIDED for row in own[iso3]):
            continue
        known = replace(at.known, placed=tuple(own[iso3]))
        for kind in KINDS:
            keys, cube, touch = _cut(known, iso3, kind)
            share = _shares(kind, cube, touch)
            recent = [Recent.of(cube, j) for j in range(len(keys))]
            for horizon in HORIZONS:
                country = found.p[i, found.horizons.index(horizon)]
                chances = _spread(country, found.levels, share, kind, horizon)
                rest = UNSEEN_SITUATION if kind == SITUATION else UNSEEN
                yield PartsForecast(
                    id=content_id("parts", run_id, at.manifest["id"], iso3, kind, horizon),
                    run=run_id,
                    iso3=iso3,
                    as_of=at.known.as_of,
                    kind=kind,
                    horizon=horizon,
                    window=window_of(horizon, at.known.as_of),
                    parts=_parts(keys, recent, chances, (rest,)),
                    forecast=monthly_id(run_id, at.manifest["id"], iso3, horizon),
                    manifest=at.manifest["id"],
                    recorded=recorded,
                )


def _cut(known: KnownEvents, iso3: str, kind: str) -> tuple[list[tuple[str, ...]], Cube, Flags | None]:
    """The parts' keys, their cube, and which of them touch."""
    if kind == SITUATION:
        keys, cube = situation_cube(known, iso3)
        return list(keys), cube, None
    cube = area_cube(known, iso3, Kind(kind))
    touch = adjacent(cube.entities) if kind == Kind.CELL else None
    return [(name,) for name in cube.entities], cube, touch


def _shares(kind: str, cube: Cube, touch: Flags | None) -> Floats:
    """Shares (a + 1,) at the newest month."""
    weight = sharing.weights(sharing.rule(kind), cube.columns[OS], cube.columns[OTHER], touch)[:, -1]
    return sharing.shares(weight, sharing.seen_until(cube.columns[EVENTS])[:, -1])


def _spread(
    country: Floats, grid: Floats, share: Floats, kind: str, horizon: str
) -> list[tuple[float, dict[str, float]]]:
    """Expected deaths and chances of every part."""
    firm, at = sharing.rule(kind).firmness(int(horizon.removeprefix("sum"))), np.array(NAMED, dtype=float)
    p = sharing.part_exceedances(country, grid, share, firm, at)
    mean = sharing.part_means(country, grid, share)
    return [(round(float(m), DIGITS), told(row, at, NAMED)) for m, row in zip(mean, p, strict=True)]


def _parts(
    keys: Sequence[tuple[str, ...]],
    recent: Sequence[Recent],
    chances: Sequence[tuple[float, dict[str, float]]],
    rest: tuple[str, ...],
) -> tuple[Part, ...]:
    """The parts that were seen, and `rest` for all else."""
    named = zip([*keys, rest], chances, [*recent, Recent()], strict=True)
    parts = [Part(key, *chance, past) for key, chance, past in named]
    seen = [part for part in parts if part.key == rest or part.recent.months_since is not None]
    return tuple(sorted(seen, key=lambda part: (-part.mean, part.key)))
