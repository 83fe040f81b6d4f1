"""The sources `gdelt` (events and mentions) and `gdelt_gkg` (the knowledge graph): one code, two fact sheets.

Live: the newest slices; where slices were missed since the last run, all of them. With `since`: everything
from that day on. With paths: what was brought. In steps of one day, oldest first;
small days of brought files go together.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tocsin.errors import InputError
from tocsin.sources.contract import NOTHING, UNCHANGED, Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.gdelt.brought import brought
from tocsin.sources.feeds.gdelt.carry import Carrier, Refused, Site
from tocsin.sources.feeds.gdelt.names import Offer
from tocsin.sources.feeds.gdelt.plan import Ends, Plan, day_start, wanted
from tocsin.sources.feeds.gdelt.published import Published, bounds
from tocsin.sources.slices import Delivered, Slice

AHEAD_OF_TIME = timedelta(hours=1)
"""How far a slice may lie in the future: clocks differ."""
TOGETHER = 32 << 20
"""Bytes of brought files that are read in one step; a day that is larger is a step of its own."""
LAST_SLICE = timedelta(hours=23, minutes=45)
ALL_HELD = "nothing new: every slice that is listed is held already"


@dataclass(frozen=True, slots=True)
class Gdelt:
    """Events and mentions, from English and translated words."""

    name: str = "gdelt"
    kinds: tuple[str, ...] = ("export", "mentions")

    def read(self, request: Request) -> Iterator[Gathered]:
        """The steps, oldest first; at least one, which tells why there is nothing."""
        with _workshop(request.staging, self.name) as folder:
            yield from _Run(self.name, self.kinds, request, folder).steps()


@dataclass(frozen=True, slots=True)
class GdeltGkg(Gdelt):
    """The knowledge graph, from English and translated words."""

    name: str = "gdelt_gkg"
    kinds: tuple[str, ...] = ("gkg",)


@dataclass(frozen=True, slots=True)
class _Day:
    """What is wanted of one day, and what the home holds of it."""

    day: date
    offers: list[Offer]
    held: Mapping[str, Slice]


@dataclass(slots=True)
class _Run:
    """One reading. `ends` is where the steps before ended, and moves with every step."""

    source: str
    kinds: tuple[str, ...]
    request: Request
    folder: Path
    ends: Ends = field(default_factory=Ends)
    site: Site | None = None

    def steps(self) -> Iterator[Gathered]:
        """The steps; what was found while planning is told by the first of them."""
        tally = Tally(self.source)
        plan = self._plan(tally)
        todo = _together(self._todo(plan))
        day = next(todo, None)
        if day is None:
            self._close(plan, tally)
            tally.note(self._nothing(plan, tally))
            yield Gathered(self.source, tally)
        while day is not None:
            after = next(todo, None)
            with _workshop(self.folder, "step") as folder:
                slices = self._slices(day, plan, tally, folder)
                ended = partial(self._close, plan, tally) if after is None else _nothing_more
                yield Gathered(self.source, tally, slices=tally.guarded(_then(slices, ended)))
            day, tally = after, Tally(self.source)

    def _plan(self, tally: Tally) -> Plan:
        """What is wanted. Raises SourceStopped when nobody can say it."""
        request, sheet = self.request, fact_sheet(self.source)
        limits = bounds(sheet, self.kinds, request.recorded + AHEAD_OF_TIME)
        if request.paths:
            return brought(request.paths, limits, request.since, tally)
        if request.offline or request.fetch is None:
            raise tally.stop("offline, and no files were given (bring some with --from)")
        self.site = Site(request.fetch, tuple(limits.folders), sheet.robots)
        self.ends = Ends.read(request.cursor, limits)
        publisher = Published(self.site, limits, request.validators, tally, self.folder)
        if request.since:
            return publisher.since(request.since, self.ends)
        return publisher.newest(self.ends, request.recorded)

    def _todo(self, plan: Plan) -> Iterator[_Day]:
        """The days of which something is not held; days that are held whole are passed over."""
        days = plan.days()
        for done, day in enumerate(days):
            self.request.progress(f"{self.source}: days", done, len(days))
            held = self.request.held.slices(day) if self.request.held else {}
            if offers := wanted(plan.of(day), held):
                yield _Day(day, offers, held)
        if days:
            self.request.progress(f"{self.source}: days", len(days), len(days))

    def _slices(self, day: _Day, plan: Plan, tally: Tally, folder: Path) -> Iterator[Delivered]:
        carrier = Carrier(self.source, self.site, folder, self.request.recorded, day.held)
        lost: list[Offer] = []
        same = 0
        for done, (offer, result) in enumerate(carrier.carry(day.offers), 1):
            tally.open()
            self.request.progress(f"{self.source}: files of the day", done, len(day.offers))
            if isinstance(result, Delivered):
                yield result
            elif isinstance(result, Refused):
                tally.unreadable(offer.address, result.why)
                lost.append(offer)
            else:
                same += 1
        if same:
            tally.note(f"{same} files of {day.day} hold what the home has already")
        self._settle(day, plan, lost, tally)

    def _settle(self, day: _Day, plan: Plan, lost: list[Offer], tally: Tally) -> None:
        """Notes where the step ended."""
        if self.site is None:
            return
        if given_up := self.ends.settle(day.offers, lost, self.request.recorded):
            tally.note(f"{given_up} files that never came are no longer asked for; --since asks again")
        for translated, at in plan.reached.items() if plan.stepwise else ():
            self.ends.reach(translated, min(at, day_start(day.day) + LAST_SLICE))
        tally.cursor.update(self.ends.kept())

    def _close(self, plan: Plan, tally: Tally) -> None:
        """Notes where the run ended, and what the next one need not ask for again."""
        if self.site is None:
            return
        for translated, at in plan.reached.items():
            self.ends.reach(translated, at)
        tally.cursor.update(self.ends.kept())
        tally.validators.update(plan.validators)

    def _nothing(self, plan: Plan, tally: Tally) -> str:
        """Why no file was read."""
        if self.site is None or tally.report().unreadable:
            return NOTHING
        return UNCHANGED if plan.unchanged == 2 else ALL_HELD


def _together(days: Iterator[_Day]) -> Iterator[_Day]:
    """Small days of brought files as one step, named after the last: to write a part takes its time."""
    waiting: _Day | None = None
    size = 0
    for day in days:
        more = sum(o.path.stat().st_size if o.path and o.path.exists() else TOGETHER for o in day.offers)
        if waiting and size + more <= TOGETHER:
            waiting = _Day(day.day, [*waiting.offers, *day.offers], {**waiting.held, **day.held})
            size += more
        else:
            if waiting:
                yield waiting
            waiting, size = day, more
    if waiting:
        yield waiting


def _then(slices: Iterator[Delivered], ended: Callable[[], None]) -> Iterator[Delivered]:
    yield from slices
    ended()


def _nothing_more() -> None:
    return


@contextmanager
def _workshop(staging: Path | None, name: str) -> Iterator[Path]:
    """An empty folder of our own, thrown away at the end, as is what a killed run left there."""
    if staging is None:
        with TemporaryDirectory(prefix=f"tocsin-{name}-") as made:
            yield Path(made)
        return
    own = staging / name
    try:
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"cannot be used ({error.strerror or error})", str(own)) from error
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
