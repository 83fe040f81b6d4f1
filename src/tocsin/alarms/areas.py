"""The area of an alarm: the whole country and never a finer place (do-no-harm rule SP3).

Outlines are those of the map (Natural Earth, 1:110m), simplified once more. A country that is too small for
that scale gets a circle around all its land (1:50m); one that is too small or too scattered for a circle gets
its codes alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import asin, cos, degrees, pi, radians, sin, sqrt
from typing import Any

from tocsin.geography import Country, country
from tocsin.geography.borders import land

Ring = tuple[tuple[float, float], ...]
TOLERANCE = 0.1
"""How far a simplified outline may lie off the one of the map, in degrees (11 km of latitude)."""
LEAST_RADIUS = 10.0
"""Kilometres: no circle is finer than what the public may see of a place."""
LARGEST_RADIUS = 600.0
"""Kilometres: a circle around islands farther apart would be sea and neighbours for the most part."""
EARTH = 6371.0088
"""Mean radius of the Earth in kilometres (IUGG)."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A centre in degrees and a radius in kilometres."""

    lat: float
    lon: float
    radius: float

    @property
    def ring(self) -> Ring:
        """The circle as a closed ring of 36 corners (lon, lat), counterclockwise."""
        turn, far = (i * pi / 18 for i in range(36)), self.radius / EARTH
        lat = radians(self.lat)
        corners = []
        for angle in turn:
            y = asin(sin(lat) * cos(far) + cos(lat) * sin(far) * sin(angle))
            x = degrees(far * cos(angle) / cos(lat))
            corners.append((round(self.lon + x, 2), round(degrees(y), 2)))
        return (*corners, corners[0])


@dataclass(frozen=True, slots=True)
class Area:
    """A country as an area.

    `rings` are closed, of at least four points (lon, lat), counterclockwise, without holes and not across the
    180th meridian; empty where `circle` or the codes alone stand for it.
    """

    iso3: str
    rings: tuple[Ring, ...]
    circle: Circle | None = None

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Names and values of its codes, those that it has. Alpha-2 is the P-code of level 0 too."""
        one = country(self.iso3)
        named = (("ISO3166-1-ALPHA3", one.iso3), ("ISO3166-1-ALPHA2", one.iso2), ("UN-M49", one.m49))
        return tuple((name, value) for name, value in named if value)

    @property
    def drawn(self) -> tuple[Ring, ...]:
        """Its rings, or that of its circle; empty for one that has codes alone."""
        return self.rings or ((self.circle.ring,) if self.circle else ())


@lru_cache(maxsize=512)
def area(iso3: str, on: date) -> Area:
    """The area of a country as it was on a day. Raises UnknownId for an unknown code."""
    one: Country = country(iso3)
    import shapely

    coarse = land(one.iso3, on, "110m")
    if coarse.is_empty:
        return Area(iso3, (), _around(land(one.iso3, on, "50m")))
    plain = shapely.set_precision(shapely.simplify(coarse, TOLERANCE), 0.01)
    whole = [p for part in shapely.get_parts(plain) for p in _without_holes(part)]
    rings = sorted((tuple(p.exterior.normalize().coords)[::-1] for p in whole), key=lambda r: (-len(r), r))
    return Area(iso3, tuple(_plain(ring) for ring in rings))


def _plain(ring: Any) -> Ring:
    import shapely

    turned = shapely.LinearRing(ring)
    corners = ring if turned.is_ccw else ring[::-1]
    return tuple((round(x, 2) + 0.0, round(y, 2) + 0.0) for x, y in corners)


def _without_holes(polygon: Any) -> Iterator[Any]:
    """A polygon cut in two through each of its holes: CAP 1.2 has no way to write one."""
    import shapely

    if not polygon.interiors:
        yield polygon
        return
    middle = round(polygon.interiors[0].centroid.x, 2)
    west, south, east, north = polygon.bounds
    for half in (shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)):
        cut = shapely.set_precision(shapely.intersection(polygon, half), 0.01)
        for part in shapely.get_parts(cut):
            if part.geom_type == "Polygon":
                yield from _without_holes(part)


def _around(whole: Any) -> Circle | None:
    """The circle from the middle of a small country's land to its farthest corner."""
    if whole.is_empty:
        return None
    west, south, east, north = whole.bounds
    lat, lon = round((south + north) / 2, 2), round((west + east) / 2, 2)
    corners = [at for part in whole.geoms for at in part.exterior.coords]
    radius = max(LEAST_RADIUS, *(_far(lat, lon, y, x) for x, y in corners))
    return Circle(lat, lon, float(int(radius) + 1)) if radius <= LARGEST_RADIUS else None


def _far(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """Kilometres along the great circle (haversine)."""
    up, across = radians(to_lat - lat) / 2, radians(to_lon - lon) / 2
    return 2 * EARTH * asin(sqrt(sin(up) ** 2 + cos(radians(lat)) * cos(radians(to_lat)) * sin(across) ** 2))
