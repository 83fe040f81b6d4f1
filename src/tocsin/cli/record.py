"""tocsin evaluate record: the public record of sealed forecasts, misses first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.home import lines, opened, progress, tell
from tocsin.errors import UserError

if TYPE_CHECKING:
    from tocsin.evaluation.monthly_record import JudgedMonth
    from tocsin.evaluation.record import Judged, Record
    from tocsin.store.forecast_record import ForecastRecord

TEXT, JSON, ROWS, MONTHS = "record.txt", "record.json", "forecasts.csv", "months.csv"
SEALS, LEAVES = "seals.jsonl", "sealed.jsonl"


def record(
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for everything needed to check it, or one file (.txt, .json, .csv)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The record as one JSON line.")] = False,
) -> None:
    """Sealed forecasts and what then happened: misses first, then hits, false alarms and scores."""
    from tocsin.evaluation.published import as_json as plain
    from tocsin.evaluation.published import as_lines
    from tocsin.forecasting.panel import load_panel
    from tocsin.store.forecast_record import ForecastRecord

    with opened() as home:
        kept = ForecastRecord(home)
        rows, months = kept.judged(), kept.judged_months()
        made = kept.public(rows, months, load_panel())
        if out is not None:
            _publish(out, made, (rows, months), kept)
    if as_json:
        lines([plain(made)])
    elif out is None:
        tell(as_lines(made))


def _publish(
    out: Path, made: Record, judged: tuple[list[Judged], list[JudgedMonth]], kept: ForecastRecord
) -> None:
    """One file by its ending, or a folder with the record, its rows, and the sealed rows with their seals."""
    from dataclasses import asdict

    from tocsin.evaluation.monthly_published import month_rows
    from tocsin.evaluation.published import as_json, as_lines, as_rows

    rows, months = judged
    text = ("\n".join(as_lines(made)) + "\n").encode()
    plain = (json.dumps(as_json(made), ensure_ascii=False, indent=1) + "\n").encode()
    files: dict[str, Callable[[], Iterable[bytes]]] = {
        TEXT: lambda: [text],
        JSON: lambda: [plain],
        ROWS: lambda: [as_csv(as_rows(rows))],
        MONTHS: lambda: [as_csv(month_rows(months))],
        SEALS: lambda: _jsonl(asdict(seal) for seal in kept.seals()),
        LEAVES: lambda: _jsonl(kept.leaves()),
    }
    if out.is_dir() or not out.suffix:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write(out / name, content())
        progress(f"{out}: {', '.join(files)}")
        return
    by_ending = {".txt": TEXT, ".json": JSON, ".csv": ROWS}
    if out.suffix not in by_ending:
        raise UserError(f"--out {out}: unknown ending {out.suffix!r}; use .txt, .json, .csv or a folder")
    _write(out, files[by_ending[out.suffix]]())
    progress(f"{out}: written")


def _write(path: Path, parts: Iterable[bytes]) -> None:
    with path.open("wb") as into:
        into.writelines(parts)


def _jsonl(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode()


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as CSV with a head; nothing for none."""
    import csv
    import io

    told, into = list(rows), io.StringIO()
    if told:
        writer = csv.DictWriter(into, list(told[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(told)
    return into.getvalue().encode()
