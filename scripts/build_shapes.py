"""Builds the shapes of src/tocsin/geography/data from Natural Earth as published in the npm package
`world-atlas`.

Usage: npm pack world-atlas; tar xzf world-atlas-*.tgz; python scripts/build_shapes.py package

Writes shapes_50m.json.gz (point to country) and shapes_110m.json.gz (map). A unit is a piece of land that has
always changed hands whole; it is named after the state that holds it now, or after the former state that once
was it alone. Coordinates are whole hundredths (110m) or thousandths (50m) of a degree, each ring as
differences from its last point.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely
import yaml
from shapely.affinity import translate
from shapely.geometry import Point, Polygon
from shapely.geometry.polygon import orient

from tocsin.geography import countries, country

HERE = Path(__file__).parent / "geography"
DATA = Path(__file__).parent.parent / "src/tocsin/geography/data"
SCALES = {"50m": 1000, "110m": 100}
RULES = yaml.safe_load((HERE / "natural_earth.yaml").read_text(encoding="utf-8"))


def main(package: Path) -> None:
    """Builds both scales, and dots for what the map's scale is too coarse for."""
    fine = islets(carve(read_units(package / "countries-50m.json")))
    coarse = carve(read_units(package / "countries-110m.json"))
    reviewed = [HERE / n for n in ("carvings.yaml", "natural_earth.yaml", "points.csv")]
    inputs = [package / "countries-50m.json", package / "countries-110m.json", *reviewed]
    write("50m", fine, {})
    write("110m", coarse, dots(fine, coarse))
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    manifest = {
        "source": f"Natural Earth 4.1.0 (naturalearthdata.com), as TopoJSON in world-atlas {version}",
        "licence": "Natural Earth: public domain; world-atlas: ISC, Michael Bostock",
        "changes": "natural_earth.yaml, carvings.yaml in scripts/geography; boxes about points.csv",
        "units": {"50m": len(fine), "110m": len(coarse)},
        "inputs": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in inputs},
    }
    (DATA / "shapes.manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def read_units(path: Path) -> dict[str, Any]:
    """The shape of each unit, read out of TopoJSON."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = [absolute(arc, topology["transform"]) for arc in topology["arcs"]]
    by_m49 = {c.m49: c.iso3 for c in countries() if c.status not in {"former", "continued"}}
    pieces: dict[str, list[Any]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        if name in RULES["left_out"]:
            continue
        iso3 = RULES["within"].get(name) or by_m49[geometry["id"]]
        pieces.setdefault(iso3, []).append(shapely.make_valid(polygons(geometry, arcs)))
    return {iso3: shapely.union_all(found) for iso3, found in pieces.items()}


def absolute(arc: list[list[int]], transform: dict[str, list[float]]) -> list[tuple[float, float]]:
    x = y = 0
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    out = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        out.append((x * sx + tx, y * sy + ty))
    return out


def polygons(geometry: dict[str, Any], arcs: list[list[tuple[float, float]]]) -> Any:
    """A TopoJSON polygon or multipolygon as a shape, cut at the 180th meridian."""

    def ring(indices: list[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for i in indices:
            part = arcs[i] if i >= 0 else arcs[~i][::-1]
            points += part[1:] if points else part
        return points

    parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return shapely.union_all([cut([ring(indices) for indices in p]) for p in parts])


def cut(rings: list[list[tuple[float, float]]]) -> Any:
    """A polygon in pieces on either side of the 180th meridian: TopoJSON has stitched it across."""
    shell, *holes = [unwrapped(ring) for ring in rings]
    whole = shapely.make_valid(Polygon(shell, holes))
    turns = (-360, 0, 360)
    pieces = [whole.intersection(shapely.box(t - 180, -90, t + 180, 90)) for t in turns]
    return shapely.union_all([translate(piece, -t) for piece, t in zip(pieces, turns, strict=True)])


def unwrapped(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The ring with longitudes that run on past 180 degrees instead of stepping over to the other side."""
    out, turn = ring[:1], 0
    for (before, _), (x, y) in pairwise(ring):
        turn += 360 if x - before < -180 else -360 if x - before > 180 else 0
        out.append((x + turn, y))
    return out


def carve(units: dict[str, Any]) -> dict[str, Any]:
    """Moves each carved part from the unit that has it to its own unit."""
    for part in yaml.safe_load((HERE / "carvings.yaml").read_text(encoding="utf-8")):
        country(part["unit"])
        knife = Polygon(part["ring"], [part["hole"]] if "hole" in part else [])
        piece = units[part["from"]].intersection(knife)
        units[part["from"]] = units[part["from"]].difference(knife)
        units[part["unit"]] = shapely.union_all([piece, units.get(part["unit"], Polygon())])
    return units


def islets(units: dict[str, Any]) -> dict[str, Any]:
    """Adds a box of a tenth of a degree for each point that no shape holds."""
    drawn = shapely.union_all(list(units.values()))
    boxes = {
        i: p.buffer(0.05, cap_style="square") for i, p in given_points().items() if not drawn.intersects(p)
    }
    return {**boxes, **units}


def given_points() -> dict[str, Any]:
    """The reviewed points by ISO3."""
    with (HERE / "points.csv").open(encoding="utf-8") as lines:
        given = csv.DictReader(line for line in lines if not line.startswith("#"))
        return {r["iso3"]: Point(float(r["longitude"]), float(r["latitude"])) for r in given}


def dots(fine: dict[str, Any], coarse: dict[str, Any]) -> dict[str, list[float]]:
    """[longitude, latitude] of every present country that the coarse scale does not draw."""
    points = given_points()
    out = {}
    for one in countries():
        if one.iso3 in coarse or one.status in {"former", "continued"}:
            continue
        point = points.get(one.iso3) or largest(fine[one.iso3]).representative_point()
        out[one.iso3] = [round(point.x, 2), round(point.y, 2)]
    return out


def largest(geometry: Any) -> Any:
    return max(getattr(geometry, "geoms", [geometry]), key=lambda g: g.area)


def write(scale: str, units: dict[str, Any], points: dict[str, list[float]]) -> None:
    """One gzip file a scale, the same bytes for the same input."""
    quantum = SCALES[scale]
    packed = {name: pack(geometry, quantum) for name, geometry in sorted(units.items())}
    text = json.dumps({"quantum": quantum, "units": packed, "dots": points}, separators=(",", ":"))
    (DATA / f"shapes_{scale}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def pack(geometry: Any, quantum: int) -> list[list[list[int]]]:
    """Polygons as lists of rings, each ring one flat list of differences."""
    solid = [orient(g, -1.0) for g in getattr(geometry, "geoms", [geometry]) if g.geom_type == "Polygon"]
    rings = [[differences(r, quantum) for r in [p.exterior, *p.interiors]] for p in solid]
    kept = [[r for r in polygon if len(r) >= 8] for polygon in rings]
    return [polygon for polygon in kept if polygon]


def differences(ring: Any, quantum: int) -> list[int]:
    points = [(round(x * quantum), round(y * quantum)) for x, y in ring.coords]
    clean = [points[0]] + [b for a, b in pairwise(points) if a != b]
    flat = list(clean[0])
    for (ax, ay), (bx, by) in pairwise(clean):
        flat += [bx - ax, by - ay]
    return flat


if __name__ == "__main__":
    main(Path(sys.argv[1]))
