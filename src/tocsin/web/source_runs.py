"""The runs of sources as the pages show them: what was read, what was not, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


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
    def trouble(self) -> str:
        """What is wrong in a few words; empty when nothing is."""
        if self.stopped:
            return f"stopped: {self.stopped}"
        if not self.read:
            return "silent: nothing was read"
        if self.refused:
            return f"{self.refused:,} of {self.read:,} rows refused"
        return f"columns missing: {', '.join(self.missing_columns)}" if self.missing_columns else ""


def latest(runs: Iterable[Mapping[str, Any]]) -> list[SourceRun]:
    """The newest run of each source, in the order of their names; `runs` are newest first."""
    newest: dict[str, SourceRun] = {}
    for run in runs:
        newest.setdefault(str(run["source"]), _run(run))
    return [newest[source] for source in sorted(newest)]


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
