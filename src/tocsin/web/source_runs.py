"""The runs of sources as the pages show them: what was read, what was not, and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.sources import catalog
from tocsin.sources.contract import UNCHANGED


@dataclass(frozen=True, slots=True)
class SourceRun:
    """The account of one run. Counts are None where the run did not say; that is not zero."""

    source: str
    started: str
    read: int | None
    used: int | None
    ignored: tuple[tuple[str, int], ...]
    refused: int | None
    faults: tuple[tuple[str, str], ...]
    unknown_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    notes: tuple[str, ...]
    stopped: str

    @property
    def never(self) -> bool:
        """Whether the source has no run in this home."""
        return not self.started and self.read is None

    @property
    def unchanged(self) -> bool:
        """Whether the far side was asked and said that nothing is new: that is no silence."""
        return not self.read and UNCHANGED in self.notes

    @property
    def trouble(self) -> str:
        """What is wrong in a few words; empty when nothing is."""
        if self.stopped:
            return f"stopped: {self.stopped}"
        if self.never:
            return "never read"
        if not self.read:
            return "" if self.unchanged else "silent: nothing was read"
        if self.refused:
            return f"{self.refused:,} of {self.read:,} rows refused"
        return f"columns missing: {', '.join(self.missing_columns)}" if self.missing_columns else ""


def latest(runs: Iterable[Mapping[str, Any]]) -> list[SourceRun]:
    """The newest run of each source, in the order of their names; `runs` are newest first."""
    newest: dict[str, SourceRun] = {}
    for run in runs:
        newest.setdefault(str(run["source"]), _run(run))
    return [newest[source] for source in sorted(newest)]


def every(runs: Iterable[Mapping[str, Any]]) -> list[SourceRun]:
    """The newest run of every source of the catalogue or of the runs; one never read says so."""
    read = {run.source: run for run in latest(runs)}
    return [read.get(id) or _run({"source": id}) for id in sorted(read.keys() | catalog().keys())]


@dataclass(frozen=True, slots=True)
class Shipped:
    """Columns of the shipped table that come from one release. `known` is the newest year out at the date."""

    source: str
    columns: int
    newest: int
    known: int


def shipped(as_of: datetime) -> list[Shipped]:
    """What the shipped table holds, by release and newest year; as later revised, not as first published."""
    from tocsin.forecasting.panel import load_panel

    panel = load_panel()
    groups = Counter(
        (info.source, info.last_year, panel.known_year(name, as_of)) for name, info in panel.info.items()
    )
    return [Shipped(source, n, newest, known) for (source, newest, known), n in sorted(groups.items())]


def _run(run: Mapping[str, Any]) -> SourceRun:
    """One run of the store: the fields of `sources.source.SourceReport` beside `started` and `stopped`."""
    return SourceRun(
        source=str(run["source"]),
        started=str(run.get("started") or ""),
        read=run.get("rows_read"),
        used=run.get("used"),
        ignored=tuple((run.get("ignored") or {}).items()),
        refused=run.get("refused_rows"),
        faults=tuple((str(where), str(why)) for where, why in run.get("refused") or ()),
        unknown_columns=tuple(run.get("unknown_columns") or ()),
        missing_columns=tuple(run.get("missing_columns") or ()),
        notes=tuple(run.get("notes") or ()),
        stopped=str(run.get("stopped") or ""),
    )
