"""The contract between a source and the watch: what is asked, what comes back, and the account of it.

A source reads nothing until its records or events are iterated. Its report is complete when they are
exhausted, and after an error it says what had been read until then. Long work is read in steps: each step is
written whole or not at all, so that a run that was cut off goes on with the step it had not finished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from tocsin.clock import Moment
from tocsin.errors import SourceStopped, TocsinError
from tocsin.net import Fetched, Fetcher, Validators
from tocsin.sources.condition import Condition
from tocsin.sources.groups import GroupStatus
from tocsin.sources.incident import Incident
from tocsin.sources.outlook import Outlook
from tocsin.sources.presence import Presence
from tocsin.sources.record import Event, Record
from tocsin.sources.slices import Delivered, Slice, SliceAccount
from tocsin.sources.withdrawal import Withdrawal

DETAIL = 50
"""How many refused rows a report names one by one; all of them are counted."""

NOTHING = "nothing was read; that says nothing about any place"
"""The note of an empty run: no data must never look like peace."""

UNCHANGED = "nothing new: every server said that its data have not changed since the last run"
"""The note of a run that brought nothing because there was nothing to bring: the source is well."""

UNJUDGED = "read, but neither used nor refused: an error of the source"
"""Why a row counts as refused that its source lost on the way."""

T = TypeVar("T")
Progress = Callable[[str, int, int | None], None]
"""Told how far long work is: what, how many done, of how many (None when nobody knows)."""


def quiet(what: str, done: int, of: int | None) -> None:
    """The progress of a run that nobody watches."""


class Keeper(Protocol):
    """Whoever keeps raw answers as evidence, beside what was read out of them."""

    def keep(self, fetched: Fetched) -> str:
        """Where it was put, to be stated in `Record.kept`. Raises HomeError."""
        ...


class Held(Protocol):
    """What of a source is in the home already."""

    def slices(self, day: date) -> Mapping[str, Slice]:
        """The slices known on a day, by file name, without those that were corrected."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page to fetch: its address, and what the record that named it says of who speaks there."""

    address: str
    origin: str = ""
    licence: str = ""
    sensitivity: str = ""
    published: Moment | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What to gather. With `paths`, files only; without, the network through `fetch`.

    `since` leaves out what happened (events) or was published (documents) before that day. `published` is the
    date of documents and files that state none themselves. `release` names the release of files that do not
    name it (UCDP: `25.1`, `26.0.2`). `validators` are those of the last run, by address. `cursor` is where
    the last finished step of this source ended, in the source's own words. `only` names parts of a
    source (ids of feeds, names of series) when not all are asked for; `pages` are the pages to fetch.
    `staging` is a folder for files that are read and thrown away.
    """

    paths: tuple[Path, ...]
    since: date | None
    published: Moment | None
    recorded: datetime
    offline: bool
    fetch: Fetcher | None
    release: str = ""
    validators: Mapping[str, Validators] = field(default_factory=dict)
    cursor: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    pages: tuple[Wanted, ...] = ()
    progress: Progress = quiet
    keeper: Keeper | None = None
    held: Held | None = None
    staging: Path | None = None


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The account of one run: every row read was used, ignored for a reason, or refused for a reason.

    `refused` holds the first (where, why) pairs, `refused_rows` counts all. `unreadable` names inputs (files,
    feeds) that could not be opened or understood at all; each is also one refused row. `inputs` counts those
    that were tried, where the source takes them one by one. `stopped` is the
    reason why nothing of this run may be written, or empty.
    Raises ValueError when the rows do not add up: then the source itself is wrong.
    """

    source: str
    rows_read: int
    used: int
    ignored: Mapping[str, int]
    refused: tuple[tuple[str, str], ...]
    refused_rows: int
    unreadable: tuple[tuple[str, str], ...]
    unknown_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    notes: tuple[str, ...]
    stopped: str
    inputs: int = 0

    def __post_init__(self) -> None:
        if self.rows_read != self.used + sum(self.ignored.values()) + self.refused_rows:
            raise ValueError(f"{self.source}: rows read, used, ignored and refused do not add up: {self}")


def merged(source: str, reports: Sequence[SourceReport]) -> SourceReport:
    """One account of all steps of a run. Raises ValueError when there are none."""
    ignored: Counter[str] = Counter()
    for report in reports:
        ignored.update(report.ignored)
    return SourceReport(
        source=source,
        rows_read=sum(r.rows_read for r in reports),
        used=sum(r.used for r in reports),
        ignored=dict(ignored),
        refused=tuple(pair for r in reports for pair in r.refused)[:DETAIL],
        refused_rows=sum(r.refused_rows for r in reports),
        unreadable=tuple(pair for r in reports for pair in r.unreadable),
        unknown_columns=tuple(dict.fromkeys(name for r in reports for name in r.unknown_columns)),
        missing_columns=tuple(dict.fromkeys(name for r in reports for name in r.missing_columns)),
        notes=tuple(dict.fromkeys(note for r in reports for note in r.notes)),
        stopped=next((r.stopped for r in reports if r.stopped), ""),
        inputs=sum(r.inputs for r in reports),
    )


class Tally:
    """Counts one run while it happens. Rows are counted by `read` and then judged exactly once."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.validators: dict[str, Validators] = {}
        self.cursor: dict[str, str] = {}
        self.rows_read = self.used = self.refused_rows = self.inputs = 0
        self._ignored: Counter[str] = Counter()
        self._refused: list[tuple[str, str]] = []
        self._unreadable: list[tuple[str, str]] = []
        self._columns: tuple[dict[str, None], dict[str, None]] = ({}, {})
        self._notes: Counter[str] = Counter()
        self._stopped = ""

    def read(self) -> None:
        """One more row was read; `use`, `ignore` or `refuse` must follow."""
        self.rows_read += 1

    def use(self) -> None:
        """The row became a record or an event."""
        self.used += 1

    def ignore(self, reason: str) -> None:
        """The row is left out on purpose."""
        self._ignored[reason] += 1

    def refuse(self, where: str, why: str) -> None:
        """The row cannot be taken."""
        self.refused_rows += 1
        if len(self._refused) < DETAIL:
            self._refused.append((_printable(where), _printable(why)))

    def take(self, account: SliceAccount) -> None:
        """A slice that the store has read, row by row judged."""
        self.rows_read += account.rows_read
        self.used += account.used
        self._ignored.update(account.ignored)
        self.refused_rows += account.refused_rows
        room = max(0, DETAIL - len(self._refused))
        self._refused += [(_printable(where), _printable(why)) for where, why in account.refused[:room]]
        self._notes.update(_printable(note) for note in account.notes)

    def open(self) -> None:
        """One more whole input (a file, a feed) is tried."""
        self.inputs += 1

    def unreadable(self, where: str, why: str) -> None:
        """A whole input could not be read: one row read and refused."""
        self.read()
        self.refuse(where, why)
        self._unreadable.append((_printable(where), _printable(why)))

    def columns(self, unknown: Iterable[str], missing: Iterable[str]) -> None:
        """Columns that a layout does not know, and known ones that are not there."""
        self._columns[0].update(dict.fromkeys(unknown))
        self._columns[1].update(dict.fromkeys(missing))

    def note(self, text: str) -> None:
        """Something the reader of the report must know; equal notes are counted."""
        self._notes[_printable(text)] += 1

    def stop(self, reason: str) -> SourceStopped:
        """The error that stops this source, for the caller to raise."""
        self._stopped = reason
        return SourceStopped(f"{self.source} stopped: {reason}")

    def guarded(self, items: Iterable[T]) -> Iterator[T]:
        """The same items; an error on the way is written into the report before it goes on."""
        try:
            yield from items
        except TocsinError as error:
            self._stopped = self._stopped or str(error)
            raise

    def report(self) -> SourceReport:
        """The account so far. A row that was read and not judged counts as refused: none is lost silently."""
        lost = max(0, self.rows_read - self.used - sum(self._ignored.values()) - self.refused_rows)
        refused = [*self._refused, (self.source, f"{lost} rows were {UNJUDGED}")] if lost else self._refused
        return SourceReport(
            source=self.source,
            rows_read=self.rows_read,
            used=self.used,
            ignored=dict(self._ignored),
            refused=tuple(refused),
            refused_rows=self.refused_rows + lost,
            unreadable=tuple(self._unreadable),
            unknown_columns=tuple(self._columns[0]),
            missing_columns=tuple(self._columns[1]),
            notes=tuple(f"{t} ({n} times)" if n > 1 else t for t, n in self._notes.items()),
            stopped=self._stopped,
            inputs=self.inputs,
        )


def _printable(text: str) -> str:
    """The same text; bytes of a file name that are no characters are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Gathered:
    """One step of a source, lazily: iterate all it yields to the end, then read `report`.

    Iterating raises InputError for an input that cannot be read and SourceStopped when an expectation fails;
    in both cases nothing of this step may be written, and `report` tells what had been read.
    """

    source: str
    tally: Tally
    records: Iterable[Record] = ()
    events: Iterable[Event] = ()
    groups: Iterable[GroupStatus] = ()
    incidents: Iterable[Incident] = ()
    conditions: Iterable[Condition] = ()
    outlooks: Iterable[Outlook] = ()
    withdrawals: Iterable[Withdrawal] = ()
    presence: Iterable[Presence] = ()
    slices: Iterable[Delivered] = ()

    @property
    def report(self) -> SourceReport:
        """The account so far; complete once all that is yielded is exhausted."""
        return self.tally.report()

    @property
    def validators(self) -> Mapping[str, Validators]:
        """Entity tags and dates to send with the next conditional request, by address.

        Empty after a stop: what was not written must be sent again.
        """
        return {} if self.report.stopped else self.tally.validators

    @property
    def cursor(self) -> Mapping[str, str]:
        """Where this step ended, for the next request; empty after a stop."""
        return {} if self.report.stopped else self.tally.cursor


class Source(Protocol):
    """A fact sheet of the same name plus one function."""

    @property
    def name(self) -> str:
        """The id of its fact sheet."""

    def read(self, request: Request) -> Iterator[Gathered]:
        """The steps, one for most sources. Opens nothing yet; iterating what a step yields does.

        A later step is asked for only when the one before was written.
        """
