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

    test = prepare(panel, spec, forecaster)
    written = write(out, rows(test, progress))
    beside = out.with_name(out.name + ".manifest.json")
    beside.write_text(json.dumps(test.manifest, indent=1) + "\n", encoding="utf-8")
    progress(f"{out}: {written} rows; {beside.name} says how to make them again")


def write(out: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """Write rows as CSV or Parquet by the ending; a failure leaves nothing behind. Returns their number."""
    part = out.with_name(out.name + ".part")
    try:
        number = _csv(part, rows)
        if out.suffix.lower() in {".parquet", ".pq"}:
            _parquet(part, out)
        else:
            part.replace(out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
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

    names = {"entity": "VARCHAR", "horizon": "VARCHAR"}
    duckdb.connect().read_csv(str(part), header=True, dtype=names).write_parquet(str(out))
