"""The source `reliefweb`: reports by the interface of ReliefWeb, version 2, oldest first.

A run lists what was created since the last one, then what was changed since, then asks whether what was
created in the last week is still listed. A report that is not is asked for by its id, and only an answer of
404 or 410 is a withdrawal: silence is none. `only` names reports (ids) to ask for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tocsin.clock import Moment, Precision
from tocsin.errors import FetchFailed, InputError
from tocsin.evidence import content_id
from tocsin.settings import Secret
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.reliefweb_row import FIELDS, Report, record, report
from tocsin.sources.keys import key
from tocsin.sources.readers.answers import count, listed
from tocsin.sources.readers.interface import Interface
from tocsin.sources.record import Record
from tocsin.sources.withdrawal import Withdrawal

SOURCE = "reliefweb"
MOST_ROWS, MOST_CALLS = 1_000, 1_000
"""Rows a call and calls a day that ReliefWeb grants."""
FIRST, WATCHED = timedelta(days=30), timedelta(days=7)
"""How far the first run looks back, and how long a report is looked for again."""
MOST_ASKED = 20
"""Reports of one run that are asked for by their ids because the list lacks them."""
GONE = (404, 410)
APPROVAL = (
    "ReliefWeb has not approved the application name in TOCSIN_RELIEFWEB_APPNAME; "
    "ask for it at https://apidoc.reliefweb.int/parameters#appname"
)
SAID = {
    400: "the application name is missing, or the interface has changed its parameters",
    404: "the interface is no longer at this address",
    410: "this version of the interface is closed; update tocsin",
    429: f"too many calls; {MOST_CALLS} a day are granted, so go on tomorrow",
}


@dataclass(frozen=True, slots=True)
class ReliefWeb:
    """The source `reliefweb`. `base` stands in for scheme, host and port of the fact sheet's address."""

    base: str = ""
    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Records, lazily, in steps of one call each."""
        run = Run(request, self.base)
        if request.only or request.paths:
            yield run.step(run.named).gathered()
            return
        yield from run.pages("created", run.start, None)
        if run.cursor.get("changed"):
            yield from run.pages("changed", run.cursor["changed"], run.start)
        yield run.step(run.missing).gathered()


@dataclass(slots=True)
class Run:
    """One run over all its steps; `cursor` is that of the last run and what this one adds."""

    request: Request
    base: str
    cursor: dict[str, str] = field(init=False)
    start: str = field(init=False)

    def __post_init__(self) -> None:
        self.cursor = dict(self.request.cursor)
        last = self.cursor.get("created") or _instant(self.request.recorded - FIRST)
        since = self.request.since
        asked = f"{since.isoformat()}T00:00:00+00:00" if since else last
        self.start = asked if since and not self.cursor.get("created") else min(asked, last)

    def step(self, read: Callable[[Step], Iterator[Record]]) -> Step:
        """One step that reads as given."""
        return Step(self, Tally(SOURCE), read)

    def pages(self, by: str, start: str, before: str | None) -> Iterator[Gathered]:
        """Steps of reports by their date `by`, from `start` on, created before `before`."""
        page: Page | None = Page(by, start, before)
        while page:
            step = self.step(page.records)
            yield step.gathered()
            page = page.after

    def named(self, step: Step) -> Iterator[Record]:
        """The reports that `only` names, asked for again."""
        if self.request.paths:
            raise step.tally.stop("reads its interface and no files; leave --from out")
        for id in self.request.only:
            if not (id.isascii() and id.isdigit()):
                raise step.tally.stop(f"{id[:40]!r} is no id of a report, which is a number")
            yield from step.again(id)

    def missing(self, step: Step) -> Iterator[Record]:
        """What the last week's list lacks of what it held is asked for by its ids."""
        step.tally.cursor["changed"] = _instant(self.request.recorded - timedelta(hours=1))
        first = self.request.recorded - WATCHED
        days = {name: ids.split() for name, ids in self.cursor.items() if name.startswith("ids:")}
        for name in [n for n in days if n[4:] < first.date().isoformat()]:
            step.tally.cursor[name] = ""
            del days[name]
        wanted = {id: name for name, ids in days.items() for id in ids}
        there = set(self._listed(step, _instant(first))) if wanted else set()
        gone = [id for id in wanted if id not in there and wanted[id][4:] > first.date().isoformat()]
        for id in gone[:MOST_ASKED]:
            yield from step.again(id)
        if len(gone) > MOST_ASKED:
            step.tally.note(f"{len(gone) - MOST_ASKED} more reports are not listed any more; asked next time")
        for taken in step.withdrawals:
            name = wanted[taken.external_id]
            days[name].remove(taken.external_id)
            step.tally.cursor[name] = " ".join(days[name])

    def _listed(self, step: Step, start: str) -> Iterator[str]:
        """The ids of what was created from `start` on."""
        offset = 0
        while True:
            rows, _ = step.rows("created", start, None, offset, ("date.created",))
            yield from (str(row.get("id")) for row in rows if isinstance(row, dict))
            offset += len(rows)
            if len(rows) < MOST_ROWS:
                return


@dataclass(slots=True)
class Page:
    """One page of a list by date, and where the next one begins (`after`, None behind the last)."""

    by: str
    start: str
    before: str | None
    offset: int = 0
    seen: frozenset[str] = frozenset()
    after: Page | None = None

    def records(self, step: Step) -> Iterator[Record]:
        """The reports of this page. Raises SourceStopped when order or counts are not what they must be."""
        rows, total = step.rows(self.by, self.start, self.before, self.offset, FIELDS)
        last, ids = self.start, []
        for number, row in enumerate(rows, 1):
            found = step.judged(row, f"{self.by} since {self.start}, row {self.offset + number}", self.seen)
            if found is None:
                continue
            moment = found.created if self.by == "created" else found.changed
            date = _instant(moment.end) if moment else last
            if date < last:
                raise step.tally.stop(
                    "the reports do not come in the order that was asked for; none is taken"
                )
            last = date
            ids.append(found.id)
            yield from step.used(found)
        self._follow(step, last, ids, len(rows), total)

    def _follow(self, step: Step, last: str, ids: list[str], read: int, total: int | None) -> None:
        left = total is not None and total > self.offset + read
        if total is not None and total < read:
            step.tally.note(f"the list claims {total} reports and gave {read}")
        if left and not read:
            raise step.tally.stop(f"the list claims {total} reports and ends after {self.offset}; try later")
        if self.by == "created":
            step.remember(ids)
        step.set(self.by, last)
        if not read or (read < MOST_ROWS and not left):
            return
        moved = last > self.start
        self.after = Page(
            self.by, last, self.before, 0 if moved else self.offset + read, frozenset(ids) | self.seen
        )


@dataclass(slots=True)
class Step:
    """One step: its account, what it withdraws, and its calls."""

    run: Run
    tally: Tally
    read: Callable[[Step], Iterator[Record]]
    withdrawals: list[Withdrawal] = field(default_factory=list)
    created: dict[str, str] = field(default_factory=dict)

    def gathered(self) -> Gathered:
        """The step, lazily."""
        return Gathered(
            SOURCE, self.tally, records=self.tally.guarded(self._records()), withdrawals=self.withdrawals
        )

    def _records(self) -> Iterator[Record]:
        try:
            yield from self.read(self)
        except FetchFailed as error:
            said = SAID.get(error.status)
            raise self.tally.stop(f"{error}; {said}" if said else str(error)) from error
        except InputError as error:
            raise self.tally.stop(str(error)) from error
        if not self.tally.rows_read:
            self.tally.note(NOTHING)

    def rows(
        self, by: str, start: str, before: str | None, offset: int, fields: tuple[str, ...]
    ) -> tuple[list[Any], int | None]:
        """The rows of one call, and how many the list claims to have in all."""
        pairs = [("limit", str(MOST_ROWS)), ("offset", str(offset)), ("sort[]", f"date.{by}:asc")]
        pairs += [("fields[include][]", name) for name in fields]
        pairs += [("filter[operator]", "AND"), ("filter[conditions][0][field]", f"date.{by}")]
        pairs += [("filter[conditions][0][value][from]", start)]
        if before:
            pairs += [("filter[conditions][1][field]", "date.created")]
            pairs += [("filter[conditions][1][value][to]", before)]
        body = self._call("", pairs)
        rows = listed(body.get("data"), SOURCE)
        told = count(body.get("count"))
        if told is not None and told != len(rows):
            raise self.tally.stop(f"the answer claims {told} reports and holds {len(rows)}; try later")
        if len(rows) > MOST_ROWS:
            raise self.tally.stop(f"the answer holds {len(rows)} reports, {MOST_ROWS} were asked for")
        return rows, count(body.get("totalCount"))

    def again(self, id: str) -> Iterator[Record]:
        """One report by its id; one that is gone is a withdrawal."""
        try:
            body = self._call(f"/{id}", [("fields[include][]", name) for name in FIELDS])
        except FetchFailed as error:
            if error.status not in GONE:
                raise
            self.tally.read()
            self.tally.ignore("the report is gone, so what was read from it is withdrawn")
            self.withdrawals.append(_withdrawal(id, error.status, self.run.request.recorded))
            return
        for row in listed(body.get("data"), SOURCE):
            found = self.judged(row, f"report {id}", frozenset())
            if found and found.id != id:
                self.tally.refuse(f"report {id}", f"another report was answered ({found.id})")
            elif found:
                yield from self.used(found)

    def judged(self, row: Any, where: str, seen: frozenset[str]) -> Report | None:
        """The report of a row, or None when it was judged otherwise."""
        self.tally.read()
        try:
            found = report(row, where)
        except InputError as error:
            self.tally.refuse(error.where, error.what)
            return None
        if found.id in seen:
            self.tally.ignore("given a second time")
            return None
        self.tally.columns(found.unknown, ())
        return found

    def used(self, found: Report) -> Iterator[Record]:
        """Its record, unless it was published before `since`."""
        request = self.run.request
        self.created[found.id] = found.created.at.date().isoformat()
        if request.since and found.published and found.published.end.date() < request.since:
            self.tally.ignore(f"published before {request.since}")
            return
        self.tally.use()
        if not found.text:
            self.tally.note("a report has a title and files, and no text")
        yield record(found, fact_sheet(SOURCE), request.recorded)

    def remember(self, ids: list[str]) -> None:
        """Keep the ids of the last week's reports, so that it is seen when one is gone."""
        first = (self.run.request.recorded - WATCHED).date().isoformat()
        for id in ids:
            name = f"ids:{self.created[id]}"
            known = self.run.cursor.get(name, "").split()
            if self.created[id] >= first and id not in known:
                self.set(name, " ".join([*known, id]))

    def set(self, name: str, value: str) -> None:
        """Keep a value in the cursor of this step and for the steps after it."""
        self.run.cursor[name] = self.tally.cursor[name] = value

    def _call(self, path: str, pairs: list[tuple[str, str]]) -> Mapping[str, Any]:
        """One of the day's calls. Raises SourceStopped when they are used up, FetchFailed and InputError."""
        app, request = key("RELIEFWEB_APPNAME", self.tally), self.run.request
        today = request.recorded.date().isoformat()
        day, _, calls = self.run.cursor.get("calls", "").partition(" ")
        made = int(calls) if day == today and calls.isdigit() else 0
        if made >= MOST_CALLS:
            raise self.tally.stop(f"its {MOST_CALLS} calls of {today} are used up; go on tomorrow")
        self.set("calls", f"{today} {made + 1}")
        asked = Interface(fact_sheet(SOURCE), request, self.tally, APPROVAL, self.run.base)
        query: dict[str, str | Secret] = {"appname": app}
        return asked.ask(f"{asked.address('reports')}{path}?{urlencode(pairs)}", query)


def _withdrawal(id: str, status: int, recorded: datetime) -> Withdrawal:
    return Withdrawal(
        id=content_id("wdr", SOURCE, id),
        source=SOURCE,
        external_id=id,
        record="",
        by=SOURCE,
        why=f"the report answers {status} and is no longer listed",
        known=Moment(recorded, Precision.INSTANT),
        recorded=recorded,
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
