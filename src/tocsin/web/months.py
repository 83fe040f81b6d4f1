"""The months ahead of one country as data for its page: a fan of months, windows, areas and situations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.forecasting.areas import Kind
from tocsin.forecasting.monthly import NAMED, MonthlyForecast
from tocsin.forecasting.monthly_change import Moved, months_since
from tocsin.forecasting.parts import SITUATION, Part
from tocsin.forecasting.situations import shut_out
from tocsin.sources.groups import GroupStatus
from tocsin.web.reading import Ahead

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 220, 58, 10, 34
TICKS = (0, 1, 10, 100, 1_000, 10_000, 100_000)
SHOWN, YEARS, WINDOW = 8, 3, "sum3"
UNNAMED = "XXX"
"""How UCDP's candidate releases name an actor that is not identified."""


@dataclass(frozen=True, slots=True)
class Fan:
    """The drawing: areas between quantiles as SVG paths, the median as a line, and the marks of both axes."""

    wide: str
    inner: str
    median: str
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Row:
    """One part as a row of a table."""

    name: str
    place: str
    part: Part


@dataclass(frozen=True, slots=True)
class Months:
    """All that the page shows of the months ahead; without `months` there are none, and `why` says so."""

    why: str
    months: tuple[MonthlyForecast, ...] = ()
    windows: tuple[MonthlyForecast, ...] = ()
    fan: Fan | None = None
    areas: tuple[Row, ...] = ()
    cells: tuple[Row, ...] = ()
    situations: tuple[Row, ...] = ()
    counts: tuple[int, int, int] = (0, 0, 0)
    explained: tuple[MonthlyForecast, ...] = ()
    since: Mapping[str, Moved] = field(default_factory=dict)
    shut_out: tuple[GroupStatus, ...] = ()
    undated: tuple[tuple[str, int], ...] = ()
    levels: tuple[int, ...] = NAMED


def months_ahead(ahead: Ahead, iso3: str, as_of: datetime, account: Mapping[str, Any]) -> Months:
    """The view of one country; `account` is what the turn said of its months."""
    found = ahead.monthly(iso3)
    groups = tuple(shut_out(ahead.groups(iso3), iso3, as_of))
    if not found:
        return Months(_why(iso3, account), shut_out=groups)
    singles = tuple(f for f in found if not f.total)
    parts = {p.kind: p.parts for p in ahead.parts(iso3) if p.horizon == WINDOW}
    areas, cells, situations = (_rows(parts.get(kind, ())) for kind in (Kind.ADM1, Kind.CELL, SITUATION))
    return Months(
        "",
        months=singles,
        windows=tuple(f for f in found if f.total),
        fan=fan(singles),
        areas=tuple(areas[:SHOWN]),
        cells=tuple(cells[:SHOWN]),
        situations=tuple(situations[:SHOWN]),
        counts=(len(areas), len(cells), len(situations)),
        explained=tuple(f for f in found if f.reasons),
        since=months_since(found, ahead.monthly_before(iso3)),
        shut_out=groups,
        undated=_undated(iso3, account),
    )


def fan(months: Sequence[MonthlyForecast]) -> Fan:
    """The fan of monthly deaths, on a logarithmic scale that begins at zero."""
    top = max(10.0, *(f.quantiles["0.95"] for f in months))

    def x(i: float) -> float:
        return round(LEFT + (WIDTH - LEFT - 10) * i / max(1, len(months) - 1), 1)

    def y(deaths: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log1p(deaths) / math.log1p(top), 1)

    def line(q: str, back: bool = False) -> list[str]:
        points = [f"{x(i)},{y(f.quantiles[q])}" for i, f in enumerate(months)]
        return points[::-1] if back else points

    def band(low: str, high: str) -> str:
        return "M" + " L".join(line(high) + line(low, back=True)) + " Z"

    across = tuple((x(i), f"{f.window.start:%b %Y}") for i, f in enumerate(months) if i % 6 == 0)
    up = tuple((y(t), f"{t:,}") for t in TICKS if t <= top)
    return Fan(band("0.05", "0.95"), band("0.25", "0.75"), "M" + " L".join(line("0.5")), across, up)


def _rows(parts: Iterable[Part]) -> list[Row]:
    return [Row(*_name(part.key), part) for part in parts]


def _name(key: tuple[str, ...]) -> tuple[str, str]:
    """The perpetrator and the place, or the place alone; a cell by the place of its corner."""
    if len(key) == 3:
        actor = f"an actor not identified ({key[0]})" if key[0].startswith(UNNAMED) else key[0]
        return actor, key[2]
    return _cell(key[0]) if key[0].isdigit() else key[0], ""


def _cell(gid: str) -> str:
    """A PRIO-GRID cell by its number and its middle."""
    row, column = divmod(int(gid) - 1, 720)
    lat, lon = row / 2 - 89.75, column / 2 - 179.75
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    return f"cell {gid} ({abs(lat):.2f}° {north}, {abs(lon):.2f}° {east})"


def _undated(iso3: str, account: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """The newest years with deaths that stand in no month, newest first."""
    told: Mapping[str, int] = account.get("settings", {}).get("deaths_without_a_month", {})
    own = [(key[4:], deaths) for key, deaths in told.items() if key.startswith(f"{iso3} ") and deaths]
    return tuple(sorted(own, reverse=True)[:YEARS])


def _why(iso3: str, account: Mapping[str, Any]) -> str:
    """Why there are no months: of the turn, or of this place."""
    if not account or account["refused"]:
        told = f" ({account['refused']})" if account else ""
        return f"Months need event data{told or ': tocsin gather ucdp'}."
    left = account.get("settings", {}).get("not_forecast", {})
    return f"No month is forecast for this place: {left.get(iso3, 'no event data about it were gathered')}."
