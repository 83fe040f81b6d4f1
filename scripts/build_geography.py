"""Builds src/tocsin/geography/data/countries.csv from public code lists and the reviewed tables beside this
script.

Usage: python scripts/build_geography.py STRUCTURAL_FOLDER

The folder holds `country-codes.csv` (datahub.io/core/country-codes: ISO 3166, M49, FIPS, UNTERM names; PDDL)
and `gw_states.parquet` (Gleditsch & Ward, list of independent states; dates of membership in the state
system). Every judgement that is not in those two is in scripts/geography/: admissions, succession, former
states, numbers, organisations.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import yaml

HERE = Path(__file__).parent / "geography"
DATA = Path(__file__).parent.parent / "src/tocsin/geography/data"
LANGUAGES = {"en": "English", "fr": "French", "es": "Spanish", "ar": "Arabic", "ru": "Russian"}
STANDING = yaml.safe_load((HERE / "standing.yaml").read_text(encoding="utf-8"))
FIELDS = ["iso3", "iso2", "m49", "fips", "gw", "cow", "status", "admitted", "valid_from", "valid_to"]
FIELDS += ["predecessors", "successors", "region", "sub_region", "organisations", "geonames"]
FIELDS += [*(f"name_{language}" for language in LANGUAGES), "other_names"]
Row = dict[str, str]


def main(folder: Path) -> None:
    """Builds the table and writes the manifest of what it was made from."""
    inputs = [folder / "country-codes.csv", folder / "gw_states.parquet"]
    rows = present_states(inputs[0]) + former_states()
    number(rows, gw_dates(inputs[1]))
    admit(rows)
    succeed(rows)
    organise(rows)
    rows.sort(key=lambda r: r["iso3"])
    with (DATA / "countries.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, FIELDS, lineterminator="\n", restval="")
        table.writeheader()
        table.writerows(rows)
    write_manifest("countries", inputs + sorted(HERE.glob("*.*")), rows)


def present_states(path: Path) -> list[Row]:
    """ISO 3166-1 entries that are inhabited, and Kosovo."""
    with path.open(encoding="utf-8") as lines:
        codes = [
            c for c in csv.DictReader(lines) if c["ISO3166-1-Alpha-3"] not in STANDING["uninhabited"].split()
        ]
    display = {r["iso3"]: r for r in reviewed("display.csv")}
    return [present_state(c, display.get(c["ISO3166-1-Alpha-3"], {})) for c in codes] + [
        {**r, "status": "state"} for r in reviewed("kosovo.csv")
    ]


def present_state(code: Row, display: Row) -> Row:
    iso3 = code["ISO3166-1-Alpha-3"]
    row = {
        "iso3": iso3,
        "iso2": code["ISO3166-1-Alpha-2"],
        "m49": code["M49"].zfill(3),
        "region": code["Region Name"],
    }
    row["fips"] = STANDING["fips"].get(iso3, code["FIPS"].strip("\xa0 "))
    row["geonames"] = code["Geoname ID"]
    row["sub_region"] = code["Intermediate Region Name"] or code["Sub-region Name"]
    row["status"] = next((s for s in ("observer", "state") if iso3 in STANDING[s].split()), "territory")
    found = {short(code["CLDR display name"])}
    for key, language in LANGUAGES.items():
        forms = [short(code[f"UNTERM {language} Short"]), short(code[f"UNTERM {language} Formal"])]
        forms.append(short(code[f"official_name_{key}"]))
        row[f"name_{key}"] = display.get(key) or next((f for f in forms if f), "")
        found |= {f for f in forms if f}
    used = {row[f"name_{k}"] for k in LANGUAGES}
    row["other_names"] = "|".join(sorted(n for n in found - used if n))
    return row


ARTICLE = re.compile(r"\s*\((?:the|la|le|les|l'|l’|el|los|las|fem\.?|masc\.?)[^)]*\)|\s*\*+", re.IGNORECASE)
LEADING = re.compile(r"^(?:the |la |le |les |l'|l’|el |los |las )(?=[A-ZÀ-Ý])")


def short(name: str) -> str:
    """A name without the article that UNTERM puts before or behind it."""
    plain = LEADING.sub("", ARTICLE.sub("", name.replace("\xa0", " "))).strip().strip("*").strip()
    return "" if plain.lower() == "x" else plain.replace("’", "'").replace("‘", "'")


def former_states() -> list[Row]:
    """States that no longer exist, in the letters of ISO 3166-3 where it has them."""
    return [{**r, "status": "continued" if r["iso3"] == "SUN" else "former"} for r in reviewed("former.csv")]


def gw_dates(path: Path) -> dict[int, tuple[str, str]]:
    """First and last day of each state that lived after 1945; an end in the list's last year means none."""
    sql = f"SELECT gwcode::INT, startdate, enddate FROM '{path}' WHERE enddate >= DATE '1946-01-01'"
    found = duckdb.connect().execute(sql).fetchall()
    return {g: (str(s), "" if e.year >= 2017 else str(e)) for g, s, e in found}


def number(rows: list[Row], dates: dict[int, tuple[str, str]]) -> None:
    """Adds `gw` and `cow` as number:from:to, and the state's own dates of validity where none are given."""
    spans: dict[str, list[Row]] = defaultdict(list)
    seen: set[int] = set()
    for r in reviewed("numbers.csv"):
        start, end = dates.get(int(r["gw"]), ("", ""))
        seen.add(int(r["gw"]))
        spans[r["iso3"]].append({**r, "from": r["from"] or start, "to": r["to"] or end})
    if missing := set(dates) - seen:
        raise SystemExit(f"Gleditsch-Ward numbers without a country: {sorted(missing)}")
    for row in rows:
        mine = spans.pop(row["iso3"], [])
        row["gw"] = " ".join(f"{m['gw']}:{m['from']}:{m['to']}" for m in mine)
        row["cow"] = " ".join(
            f"{m['cow'] or m['gw']}:{m['from']}:{m['to']}" for m in mine if m["cow"] != "none"
        )
        if mine and not row.get("valid_from"):
            row["valid_from"], row["valid_to"] = mine[0]["from"], mine[-1]["to"]
    if spans:
        raise SystemExit(f"numbers for unknown countries: {sorted(spans)}")


def admit(rows: list[Row]) -> None:
    """Adds the day of admission; a present state that has one is a member."""
    by_day = yaml.safe_load((HERE / "admissions.yaml").read_text(encoding="utf-8"))
    days = {iso3: str(day) for day, states in by_day.items() for iso3 in states.split()}
    for row in rows:
        row["admitted"] = days.pop(row["iso3"], "")
        if row["admitted"] and row["status"] in {"territory", "state"}:
            row["status"] = "member"
    if days:
        raise SystemExit(f"admissions of unknown countries: {sorted(days)}")
    if (members := sum(r["status"] == "member" for r in rows)) != 193:
        raise SystemExit(f"the table has {members} members of the United Nations, not 193")


def succeed(rows: list[Row]) -> None:
    """Adds predecessors and successors from the succession table."""
    before, after = defaultdict(list), defaultdict(list)
    for r in reviewed("succession.csv"):
        before[r["of"]].append(r["from"])
        after[r["from"]].append(r["of"])
    for row in rows:
        row["predecessors"] = " ".join(before.pop(row["iso3"], []))
        row["successors"] = " ".join(after.pop(row["iso3"], []))
    if before or after:
        raise SystemExit(f"succession names unknown countries: {sorted({*before, *after})}")


def organise(rows: list[Row]) -> None:
    """Adds the regional bodies each state belongs to."""
    bodies: dict[str, str] = yaml.safe_load((HERE / "organisations.yaml").read_text(encoding="utf-8"))
    known = {r["iso3"] for r in rows}
    for body, members in bodies.items():
        if unknown := set(members.split()) - known:
            raise SystemExit(f"{body} names unknown countries: {sorted(unknown)}")
    for row in rows:
        row["organisations"] = " ".join(b for b, members in bodies.items() if row["iso3"] in members.split())


def reviewed(name: str) -> list[Row]:
    """The rows of a reviewed table; lines that begin with # are notes."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def write_manifest(name: str, inputs: list[Path], rows: list[Any]) -> None:
    """What a built table was made from, each input with its hash."""
    manifest = {
        "table": f"{name}.csv",
        "rows": len(rows),
        "licence": "facts; country-codes is Public Domain Dedication and License 1.0",
        "attribution": "Codes: datahub.io; state dates: Gleditsch & Ward (1999), Int. Interactions 25",
        "inputs": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in inputs},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (DATA / f"{name}.manifest.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
