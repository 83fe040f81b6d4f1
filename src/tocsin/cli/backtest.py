"""tocsin evaluate backtest: rolling-origin forecasts on any panel, as a spec asks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.home import progress
from tocsin.errors import UserError

COUNTS = ("gwcode", "events", "mentions", "articles", "conflict", "assault", "fight", "mass_violence")
TEXTS = ("entity", "horizon", "iso3")
TYPES = {"week": "DATE", **dict.fromkeys(COUNTS, "BIGINT"), **dict.fromkeys(TEXTS, "VARCHAR")}
PERIODS = ("origin", "period")
"""Dates or whole numbers, as the panel has them; what is in neither is a number."""


def backtest(
    panel: Annotated[Path, typer.Option(help="The panel (CSV or Parquet).")],
    spec: Annotated[Path, typer.Option(help="What its columns mean and what to forecast (TOML).")],
    out: Annotated[Path, typer.Option(help="Where to write the forecasts (.csv or .parquet).")],
    forecaster: Annotated[
        str, typer.Option(help="Who forecasts: pool, or one of its members or of the baselines alone.")
    ] = "pool",
) -> None:
    """Forecast from every origin with what was known there, refitting as the spec says.

    Writes one row an entity, origin and horizon; beside it OUT.manifest.json with the hash of the panel and
    the settings, from which the same bytes can be made again.
    """
    from tocsin.evaluation.rolling import prepare, rows

    for given in (panel, spec):
        if out.exists() and given.exists() and out.samefile(given):
            raise UserError(f"{out}: would be written over; give --out another name")
    test = prepare(panel, spec, forecaster)
    written = write(out, rows(test, progress))
    beside = out.with_name(out.name + ".manifest.json")
    beside.write_text(json.dumps(test.manifest, indent=1) + "\n", encoding="utf-8")
    progress(f"{out}: {written} rows; {beside.name} says how to make them again")


def write(out: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """Write rows as CSV or Parquet by the ending; a failure leaves nothing behind. Returns their number.

    Raises UserError when the file cannot be written, or when there are no rows.
    """
    part, second = (out.with_name(out.name + end) for end in (".part", ".part2"))
    try:
        number = _csv(part, rows)
        if not number:
            raise UserError(f"{out}: not written, no entity has a row at any origin")
        if out.suffix.lower() in {".parquet", ".pq"}:
            _parquet(part, second)
            second.replace(out)
        else:
            part.replace(out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
        second.unlink(missing_ok=True)
    return number


def _csv(path: Path, rows: Iterable[Mapping[str, object]]) -> int:
    number = 0
    with path.open("w", newline="", encoding="utf-8") as f:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(f, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)
            number += 1
    return number


def _parquet(part: Path, out: Path) -> None:
    import duckdb

    with part.open(newline="", encoding="utf-8") as f:
        names = next(csv.reader(f))
    types = {name: TYPES.get(name, "DOUBLE") for name in names if name not in PERIODS}
    try:
        table = duckdb.connect().read_csv(
            str(part), header=True, dtype=types, sep=",", quotechar='"', escapechar='"'
        )
        table.write_parquet(str(out))
    except duckdb.IOException as error:
        raise UserError(f"{out}: cannot be written ({str(error).partition(chr(10))[0]})") from error
