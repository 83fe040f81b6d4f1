"""tocsin evaluate alarms: the public record of alarms, misses first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.home import lines, opened, progress, tell
from tocsin.cli.record import as_csv
from tocsin.errors import UserError

if TYPE_CHECKING:
    from tocsin.evaluation.alarm_record import AlarmRecord

TEXT, JSON, ROWS = "alarms.txt", "alarms.json", "alarms.csv"


def alarms(
    out: Annotated[
        Path | None, typer.Option(help="A folder for all three, or one file (.txt, .json, .csv).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The record as one JSON line.")] = False,
) -> None:
    """Issued alarms and what then happened: misses first, then every alarm, by year and by rule."""
    from tocsin.evaluation.alarm_published import as_json as plain
    from tocsin.evaluation.alarm_published import as_lines
    from tocsin.store.alarm_record import AlarmRecords

    with opened() as home:
        made = AlarmRecords(home).made()
    if out is not None:
        _publish(out, made)
    if as_json:
        lines([plain(made)])
    elif out is None:
        tell(as_lines(made))


def _publish(out: Path, made: AlarmRecord) -> None:
    from tocsin.evaluation.alarm_published import as_json, as_lines, as_rows

    files = {
        TEXT: ("\n".join(as_lines(made)) + "\n").encode(),
        JSON: (json.dumps(as_json(made), ensure_ascii=False, indent=1) + "\n").encode(),
        ROWS: as_csv(as_rows(made)),
    }
    if out.is_dir() or not out.suffix:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
        progress(f"{out}: {', '.join(files)}")
        return
    by_ending = {Path(name).suffix: content for name, content in files.items()}
    if out.suffix not in by_ending:
        raise UserError(f"--out {out}: unknown ending {out.suffix!r}; use .txt, .json, .csv or a folder")
    out.write_bytes(by_ending[out.suffix])
    progress(f"{out}: written")
