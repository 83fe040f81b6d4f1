"""Who held a piece of land on a day, and where a point lies.

Shapes are Natural Earth's (public domain), 1:50m for points and 1:110m for the map; built by
scripts/build_shapes.py. Borders change by whole units: before a state's first day its units belong to its
predecessor. This is good for the changes since 1989 and coarse before; the lines between the two Germanies,
the two Yemens and the two Viet Nams are good to about 20 km. Shapes say who administers in the eyes of the
United Nations' member states at large, not who should.
"""

from __future__ import annotations

import gzip
import json
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

from tocsin.errors import InputError
from tocsin.geography.countries import countries, country

COAST_TOLERANCE = 0.25
"""How far off the drawn coast a point may lie and still get a country, in degrees (28 km of latitude)."""


def locate_point(lat: float, lon: float, on: date) -> str | None:
    """The ISO3 of the state that held a point on a day; None at sea (farther than COAST_TOLERANCE) and where
    no state is.

    Degrees, WGS 84. Nothing is guessed from the nearest town. Raises InputError for a latitude or longitude
    off the globe.
    """
    check_degrees(lat, lon)
    import shapely

    names, tree = _index()
    point = shapely.Point(lon, lat)
    hits = tree.query(point, predicate="intersects")
    if not len(hits):
        hits = tree.query_nearest(point, max_distance=COAST_TOLERANCE, all_matches=False)
    return holder(names[hits[0]], on) if len(hits) else None


def map_shapes(on: date) -> dict[str, Any]:
    """The world of a day as a GeoJSON FeatureCollection; properties `iso3`, `name` and `dot`.

    `dot` is True for a Point that stands for a country too small for the scale (1:110m). Antarctica is left
    out. Outer rings run clockwise, as d3-geo reads them (and against RFC 7946).
    """
    groups: dict[str, list[str]] = {}
    for unit in outlines("110m"):
        groups.setdefault(holder(unit, on), []).append(unit)
    names = {c.successors[0]: c.name for c in countries() if c.status == "continued" and c.on(on)}
    drawn = [
        _feature(iso3, names, _outline(tuple(parts)), dot=False) for iso3, parts in sorted(groups.items())
    ]
    points = {
        iso3: at for unit, at in _packed("110m")["dots"].items() if (iso3 := holder(unit, on)) not in groups
    }
    dots = [
        _feature(i, names, {"type": "Point", "coordinates": at}, dot=True) for i, at in sorted(points.items())
    ]
    return {"type": "FeatureCollection", "features": drawn + dots}


def land(iso3: str, on: date, scale: str) -> Any:
    """What a state held on a day, as a shapely MultiPolygon in degrees (lon, lat); empty when too small.

    `scale` is 110m or 50m. Land across the 180th meridian is cut there.
    """
    import shapely

    held = [solid(unit, scale) for unit in outlines(scale) if holder(unit, on) == iso3]
    whole = shapely.union_all(held)
    return shapely.MultiPolygon([p for p in shapely.get_parts(whole) if p.area])


def priogrid(lat: float, lon: float) -> int:
    """The PRIO-GRID cell (0.5 degrees) of a point: 1 to 259200, row by row from the south-west corner
    (Tollefsen 2012).

    A point on a line belongs to the cell north and east of it; the far edges belong to the last row and
    column.
    """
    check_degrees(lat, lon)
    row, column = min(int((lat + 90) * 2), 359), min(int((lon + 180) * 2), 719)
    return row * 720 + column + 1


def check_degrees(lat: float, lon: float) -> None:
    """Raises InputError for a latitude or longitude off the globe (not a number included)."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise InputError(
            f"latitude {lat}, longitude {lon} is not on the globe", remedy="latitude first, degrees"
        )


@lru_cache(maxsize=16384)
def holder(unit: str, on: date) -> str:
    """The ISO3 of the state that held a unit on a day.

    Where the table knows none so early, the first that it knows.
    """
    if (later := _forward(unit, on)) != unit:
        return later
    return _back(unit, on) or unit


def _forward(iso3: str, on: date) -> str:
    one = country(iso3)
    ended = one.valid_to is not None and one.valid_to < on
    return _forward(one.successors[0], on) if ended and one.successors else iso3


def _back(iso3: str, on: date) -> str | None:
    one = country(iso3)
    if one.on(on):
        return iso3
    return next((found for p in one.predecessors if (found := _back(p, on))), None)


def _feature(iso3: str, names: dict[str, str], geometry: dict[str, Any], *, dot: bool) -> dict[str, Any]:
    properties = {"iso3": iso3, "name": names.get(iso3) or country(iso3).name, "dot": dot}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@lru_cache(maxsize=1024)
def _outline(units: tuple[str, ...]) -> dict[str, Any]:
    rings = [polygon for unit in units for polygon in outlines("110m")[unit]]
    if len(units) == 1:
        return {"type": "MultiPolygon", "coordinates": rings}
    import shapely

    whole = shapely.set_precision(shapely.union_all([solid(unit, "110m") for unit in units]), 0.01)
    parts = [shapely.geometry.polygon.orient(part, -1.0) for part in shapely.get_parts(whole)]
    return dict(shapely.geometry.mapping(shapely.MultiPolygon(parts)))


@cache
def _index() -> tuple[list[str], Any]:
    import shapely

    parts = [(unit, g) for unit in outlines("50m") for g in getattr(solid(unit, "50m"), "geoms", ())]
    for _, geometry in parts:
        shapely.prepare(geometry)
    return [unit for unit, _ in parts], shapely.STRtree([g for _, g in parts])


def solid(unit: str, scale: str) -> Any:
    """The shape of a unit at a scale ("50m", "110m"): a shapely MultiPolygon, made valid."""
    import shapely

    polygons = [shapely.Polygon(p[0], p[1:]) for p in outlines(scale)[unit]]
    sound = [part for p in polygons for part in shapely.get_parts(shapely.make_valid(p)) if part.area]
    return shapely.MultiPolygon([g for part in sound for g in shapely.get_parts(part)])


@cache
def outlines(scale: str) -> dict[str, list[list[list[tuple[float, float]]]]]:
    """The polygons of every unit at a scale: each a list of rings, each of (longitude, latitude)."""
    packed = _packed(scale)
    quantum = packed["quantum"]
    return {u: [[_ring(r, quantum) for r in p] for p in polygons] for u, polygons in packed["units"].items()}


def _ring(flat: list[int], quantum: int) -> list[tuple[float, float]]:
    across, up = accumulate(flat[0::2]), accumulate(flat[1::2])
    return [(x / quantum, y / quantum) for x, y in zip(across, up, strict=True)]


@cache
def _packed(scale: str) -> dict[str, Any]:
    raw = files("tocsin.geography").joinpath("data", f"shapes_{scale}.json.gz").read_bytes()
    packed: dict[str, Any] = json.loads(gzip.decompress(raw))
    return packed
