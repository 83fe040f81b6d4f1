"""Builds the table of past forecasts: what the product would have said on the first day of every quarter.

Usage: python scripts/build_hindcasts.py [FIRST_YEAR LAST_YEAR]

Reads the shipped country-year table alone and writes forecasting/data/hindcasts.csv.gz with a manifest that
holds the hashes of its inputs. About ten minutes on two processors.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tocsin.evidence.ids import content_id, sha256
from tocsin.forecasting.hindcast import COLUMNS, RUN, opening
from tocsin.forecasting.issue import VINTAGE, issue
from tocsin.forecasting.outcomes import table_text
from tocsin.forecasting.panel import load_panel

FIRST, LAST = 1990, 2026
DATA = Path(__file__).resolve().parents[1] / "src" / "tocsin" / "forecasting" / "data"
Rows = list[dict[str, Any]]


def inputs() -> dict[str, str]:
    """The hashes of everything the forecasts are made from."""
    folder = files("tocsin.forecasting").joinpath("data")
    tables = ("country_year.csv", "vdem.csv", "missing.csv")
    found = {name: sha256(folder.joinpath(name).read_bytes()) for name in tables}
    return {**found, **{name: sha256(table_text(name)) for name in ("outcomes.yml", "features.yml")}}


def of(day: date) -> Rows:
    """The rows of one day of issue, sorted by outcome, horizon and place."""
    at = opening(day)
    made = issue(load_panel(), at, RUN, at).forecasts
    rows = [
        {"day": day.isoformat(), "outcome": f.outcome, "months": f.horizon_months, "iso3": f.iso3,
         "probability": f.probability, "low": f.low, "high": f.high, "base_rate": f.base_rate,
         "rank": f.rank, "of": f.of}
        for f in made
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["outcome"], row["months"], row["iso3"]))


def days(first: int, last: int) -> Iterator[date]:
    """The first day of every quarter."""
    yield from (date(year, month, 1) for year in range(first, last + 1) for month in (1, 4, 7, 10))


def text(rows: Rows) -> bytes:
    """The rows as CSV."""
    into = io.StringIO()
    writer = csv.DictWriter(into, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return into.getvalue().encode()


def main(first: int, last: int) -> None:
    """Write the table and its manifest."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        rows = [row for made in pool.map(of, days(first, last), chunksize=4) for row in made]
    plain = text(rows)
    body = {
        "made_by": "scripts/build_hindcasts.py",
        "vintage": VINTAGE,
        "licence": "CC BY-SA 4.0",
        "attribution": "Tocsin, from UCDP GED and UCDP/PRIO (CC BY 4.0), V-Dem (CC BY-SA 4.0), World Bank"
        " (CC BY 4.0), UNHCR (CC BY 4.0) and a list of mass killings; see manifest.json",
        "inputs": inputs(),
        "rows": len(rows),
        "sha256": sha256(plain),
    }
    (DATA / "hindcasts.csv.gz").write_bytes(gzip.compress(plain, 9, mtime=0))
    told = json.dumps({"id": content_id("manifest", body), **body}, indent=1) + "\n"
    (DATA / "hindcasts.manifest.json").write_text(told, "utf-8")
    print(f"{len(rows)} rows, {len(plain)} bytes")


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*(given or (FIRST, LAST)))
