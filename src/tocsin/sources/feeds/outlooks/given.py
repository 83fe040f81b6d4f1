"""From one row of a publisher to outlooks: every row judged, doubles and contradictions found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.clock import Moment, Period, Precision
from tocsin.evidence import content_id
from tocsin.sources.contract import Request, Tally
from tocsin.sources.feeds.conditions.given import Fault, RowIgnored
from tocsin.sources.outlook import Measure, Outlook
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.table import Row

TWICE = "said twice in the same input"


@dataclass(frozen=True, slots=True)
class Said:
    """One number of a forecast, as a row gives it."""

    iso3: str
    country: str
    outcome: str
    measure: Measure
    value: float
    window: Period
    area: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issue:
    """One run of a publisher: its name, when it was made, and when a reader could have it.

    `known` None: nobody says when it came out, so it is known from the day it was read.
    """

    run: str
    made: Moment | None = None
    known: Moment | None = None


Reading = Callable[[Mapping[str, str]], Iterable[Said | Fault]]


@dataclass(slots=True)
class Judge:
    """Judges the rows of one source."""

    tally: Tally
    request: Request
    _said: dict[str, str] = field(default_factory=dict)

    def rows(self, name: str, rows: Iterable[Row], read: Reading, issue: Issue) -> Iterator[Outlook]:
        """The outlooks of the rows of one table or page."""
        for row in rows:
            yield from self._row(f"{Path(name).name}, row {row.number}", row, read, issue)

    def _row(self, where: str, row: Row, read: Reading, issue: Issue) -> Iterator[Outlook]:
        self.tally.read()
        try:
            if row.fault:
                raise RowRefused(row.fault)
            found = list(read(row.values))
        except RowIgnored as why:
            self.tally.ignore(str(why))
            return
        except RowRefused as why:
            self.tally.refuse(where, str(why))
            return
        made = [self._new(self._outlook(one, issue)) for one in found if isinstance(one, Said)]
        for fault in (one for one in [*found, *made] if isinstance(one, Fault)):
            self.tally.read()
            self.tally.refuse(f"{where}, {fault.column}", fault.why)
        new = [one for one in made if isinstance(one, Outlook)]
        if new:
            self.tally.use()
        elif any(one is None for one in made):
            self.tally.ignore(TWICE)
        else:
            self.tally.ignore("no cell of the row could be taken; each is named" if found else "no forecast")
        yield from new

    def _new(self, made: Outlook) -> Outlook | Fault | None:
        before = self._said.setdefault(made.external_id, made.id)
        if before is made.id:
            return made
        if before == made.id:
            return None
        why = f"says {made.value:g}, and an earlier row of the same input says otherwise"
        return Fault(made.outcome, why)

    def _outlook(self, said: Said, issue: Issue) -> Outlook:
        source, recorded = self.tally.source, self.request.recorded
        span = f"{said.window.start}/{said.window.end}"
        names = (issue.run, said.outcome, said.measure.value, said.iso3, said.area, span)
        external = "|".join(name for name in names if name)
        stated = str(issue.made or ""), str(issue.known or ""), said.value, dict(said.columns)
        return Outlook(
            id=content_id("out", source, external, *stated),
            source=source,
            external_id=external,
            run=issue.run,
            iso3=said.iso3,
            country=said.country,
            area=said.area,
            outcome=said.outcome,
            measure=said.measure,
            value=said.value,
            window=said.window,
            made=issue.made,
            known=issue_known(issue, recorded),
            recorded=recorded,
            columns=said.columns,
        )


def issue_known(issue: Issue, recorded: datetime) -> Moment:
    """When a reader could have it: never after we read it ourselves."""
    if issue.known is None or issue.known.end > recorded:
        return Moment(recorded, Precision.INSTANT)
    return issue.known
