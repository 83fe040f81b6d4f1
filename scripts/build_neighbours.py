"""Builds src/tocsin/geography/data/neighbours.csv: which units of land share a border, by the shipped shapes.

Usage: python scripts/build_neighbours.py

Two units are neighbours when their shapes (1:50m) share a line; meeting in a point is not enough. A few
borders are too short for that scale and are added by hand. Whose border it was on a day follows from who held
the units.
"""

from __future__ import annotations

import csv
from pathlib import Path

import shapely

from tocsin.geography.borders import outlines, solid
from tocsin.geography.countries import country

TABLE = Path(__file__).parent.parent / "src/tocsin/geography/data/neighbours.csv"
SCALE = "50m"
ADDED = {
    ("BWA", "ZMB"): "150 m of the Zambezi at Kazungula, where a bridge crosses",
    ("ESP", "GIB"): "the isthmus of Gibraltar",
    ("ESP", "MAR"): "Ceuta and Melilla",
}


def shared() -> list[tuple[str, str]]:
    """The pairs of units whose outlines have a line in common, by code."""
    shapes = {unit: solid(unit, SCALE) for unit in sorted(outlines(SCALE))}
    names, tree = list(shapes), shapely.STRtree(list(shapes.values()))
    found = []
    for n, unit in enumerate(names):
        for other in tree.query(shapes[unit], predicate="intersects"):
            line = shapes[unit].boundary.intersection(shapes[names[other]].boundary)
            if other > n and line.length > 0:
                found.append((unit, names[other]))
    return sorted(found)


def main() -> None:
    """Write the table; the same bytes for the same shapes."""
    for pair in ADDED:
        for unit in pair:
            country(unit)
    rows = [(*pair, "shapes") for pair in shared()]
    rows += [(*pair, f"added: {why}") for pair, why in ADDED.items() if (*pair, "shapes") not in rows]
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(("unit", "neighbour", "basis"))
        table.writerows(sorted(rows))


if __name__ == "__main__":
    main()
