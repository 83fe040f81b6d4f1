"""Condition and outlook rows for the tests: invented, in the real layouts, read by the sources themselves."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.sources.given import RECORDED, request
from tocsin import flow
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.sources import Gathered, source
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Request, Source, SourceReport, merged
from tocsin.sources.outlook import Outlook
from tocsin.store.conditions import conditions_of, outlooks_of
from tocsin.store.home import Home, open_home


@dataclass(frozen=True, slots=True)
class Whole:
    """The account of all steps of a reading."""

    report: SourceReport


def table(path: Path, *rows: Mapping[str, object], columns: list[str] | None = None) -> Path:
    """A CSV file of rows; its columns are those of the first."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns or list(rows[0]), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def all_steps(of: Source, asked: Request) -> tuple[list[Any], list[Gathered]]:
    """What all steps yield, and the steps."""
    steps, found = [], []
    for step in of.read(asked):
        found += [*step.conditions, *step.outlooks]
        steps.append(step)
    return found, steps


def read(name: str, *paths: Path, **options: Any) -> tuple[list[Any], Whole]:
    """What a source makes of files, and a step that has the account of all."""
    found, steps = all_steps(source(name), request(*paths, **options))
    return found, Whole(merged(name, [step.report for step in steps]))


def gathered(folder: Path, *asked: tuple[str, Path, str]) -> Home:
    """A home that read files one after the other: source, path, release."""
    home = open_home(folder)
    for name, path, release in asked:
        report = flow.gather(home, name, request(path, release=release)).report
        assert not report.stopped, report.stopped
    return home


def seen(home: Home, iso3: str, day: str, series: str = "") -> dict[str, float | str | None]:
    """Values of the conditions of a place that were known at the end of a day, by series and year."""
    rows: list[Condition] = conditions_of(home, iso3, _end(day))
    return {
        f"{c.series} {c.happened.start.year}": c.value if c.value is not None else c.text or c.missing
        for c in rows
        if series in ("", c.series)
    }


def forecast(home: Home, iso3: str, day: str) -> list[Outlook]:
    """The outlooks of a place that were known at the end of a day."""
    return outlooks_of(home, iso3, _end(day))


def _end(day: str) -> datetime:
    return as_of_end(datetime.fromisoformat(day).date())


def adds_up(made: Callable[[], tuple[list[Any], Whole]], path: Path) -> None:
    """Any row is used, ignored or refused, and a file that cannot be read says which."""
    try:
        found, step = made()
    except InputError as error:
        assert path.name in str(error)
        return
    report = step.report
    assert report.rows_read == report.used + sum(report.ignored.values()) + report.refused_rows
    assert all(row.known.end <= RECORDED for row in found)
