"""Build the shipped country-year table from the folder of published sources.

    python scripts/build_country_year.py [SOURCES] [OUT]

SOURCES is the folder of inputs (by default `../shared/data` beside the repository), OUT the data folder of
the forecasting room. The same inputs give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from country_year.columns import Column, load_columns, missing_rows
from country_year.figures import Table, conflicts, deaths, displacement, economy, population
from country_year.killings import Episode, episodes, labels
from country_year.licences import licence_page
from country_year.states import HERE, Cell, States, load_states
from country_year.vdem import vdem

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT.parent / "shared/data"
OUT = ROOT / "src/tocsin/forecasting/data"
UNLICENSED, LICENCE_OF_FACTS = "no licence stated", "facts, re-keyed with citation"
Input = dict[str, str]


def build(sources: Path, out: Path) -> None:
    """Write country_year.csv, vdem.csv, episodes.csv, missing.csv and manifest.json into `out`."""
    states, columns = load_states(), load_columns()
    found = episodes(sources, states)
    own = [c for c in columns if c.file == "country_year.csv"]
    theirs = [c for c in columns if c.file == "vdem.csv"]
    table = _table(sources, states, found, theirs)
    cells = sorted(states.gw)
    inputs = yaml.safe_load((HERE / "inputs.yml").read_text(encoding="utf-8"))
    files = {
        "country_year.csv": _csv(_wide(own, table, cells, states)),
        "vdem.csv": _csv(_wide(theirs, table, [c for c in cells if any(c in table[t.name] for t in theirs)])),
        "episodes.csv": _csv(_episode_rows(found)),
        "missing.csv": _csv([MISSING_HEADER, *sorted(missing_rows(columns, table, cells))]),
        "LICENCES.md": licence_page(inputs, columns),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    (out / "manifest.json").write_bytes(_manifest(_hashed(inputs, sources), files, columns, table))


MISSING_HEADER = ("column", "iso3", "first_year", "last_year", "reason")


def _table(sources: Path, states: States, found: tuple[Episode, ...], theirs: list[Column]) -> Table:
    return {
        **population(sources, states),
        **economy(sources, states),
        **deaths(sources, states),
        **conflicts(sources, states),
        **displacement(sources, states),
        **labels(found, states),
        **vdem(sources, states, theirs),
    }


def _wide(
    columns: list[Column], table: Table, cells: list[Cell], states: States | None = None
) -> Iterable[Sequence[object]]:
    head = ["iso3", "gw", "year"] if states else ["iso3", "year"]
    yield [*head, *(c.name for c in columns)]
    for iso3, year in cells:
        key = [iso3, states.gw[iso3, year] or "", year] if states else [iso3, year]
        yield [*key, *(_text(table[c.name].get((iso3, year))) for c in columns)]


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"


def _episode_rows(found: tuple[Episode, ...]) -> Iterable[Sequence[object]]:
    yield "id", "iso3", "start_year", "end_year", "led_by"
    for e in found:
        yield e.id, e.iso3, e.start_year, e.end_year or "", e.led_by


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _hashed(inputs: list[Input], sources: Path) -> list[Input]:
    return [i | {"sha256": _sha((sources / i["name"]).read_bytes())} for i in inputs]


def _manifest(
    inputs: list[Input], files: dict[str, bytes], columns: tuple[Column, ...], table: Table
) -> bytes:
    licences = {i["name"]: i["licence"] for i in inputs}
    manifest = {
        "table": "Country-years 1960 to 2024: the states of the Gleditsch-Ward list in each year, and PSE",
        "inputs": inputs,
        "outputs": [
            {"name": name, "sha256": _sha(content), "rows": content.count(b"\n") - 1}
            for name, content in files.items()
        ],
        "columns": [_described(c, licences[c.input], table) for c in columns],
    }
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()


def _described(column: Column, licence: str, table: Table) -> dict[str, object]:
    return {
        "name": column.name,
        "file": column.file,
        "label": column.label,
        "unit": column.unit,
        "definition": column.definition,
        "inputs": [column.input],
        "licence": LICENCE_OF_FACTS if licence == UNLICENSED else licence,
        "lag_months": column.lag_months,
        "first_year": max(column.first_year, min(y for _, y in table[column.name])),
        "last_year": column.last_year,
        "vintage": "later revision",
    }


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    given = [Path(a) for a in sys.argv[1:3]]
    build(*(given + [SOURCES, OUT][len(given) :]))
