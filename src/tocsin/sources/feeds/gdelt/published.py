"""What the publisher lists: the newest slices, and every slice since the beginning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from tocsin.errors import AddressRefused, FetchFailed, TooLarge
from tocsin.net import Validators
from tocsin.sources.contract import Tally
from tocsin.sources.factsheet import FactSheet
from tocsin.sources.feeds.gdelt.carry import Site
from tocsin.sources.feeds.gdelt.lists import QUARTER, Bounds, Index, mark, offers
from tocsin.sources.feeds.gdelt.names import FIRST, Offer
from tocsin.sources.feeds.gdelt.plan import WORDS, Ends, Plan, day_start, gaps

LATEST = {False: "lastupdate.txt", True: "lastupdate-translation.txt"}
ALL = {False: "masterfilelist.txt", True: "masterfilelist-translation.txt"}
LIST_BYTES = 1024**3
"""Bytes of the longest list; a hundred bytes a file, three files a slice, 35,000 slices a year."""
LATE = timedelta(hours=1)
"""Age of the newest slice from which it is said that the publisher has fallen behind."""
UNREAD = (FetchFailed, AddressRefused, TooLarge)


def bounds(sheet: FactSheet, kinds: tuple[str, ...], until: datetime) -> Bounds:
    """What may be wanted at all: the folders of the fact sheet, from the first slice on."""
    folders = tuple(sheet.address[key] for key in ("folder", "mirror") if key in sheet.address)
    return Bounds(folders, kinds, FIRST[True], until)


@dataclass(frozen=True, slots=True)
class Published:
    """The publisher's lists, as one run reads them. Lists that are long go to `folder`."""

    site: Site
    limits: Bounds
    validators: Mapping[str, Validators]
    tally: Tally
    folder: Path

    def newest(self, ends: Ends, recorded: datetime) -> Plan:
        """The newest slices, what was missed since the last run, and what was owed from before.

        Raises SourceStopped when neither list can be read.
        """
        plan = Plan(single=list(ends.owed.values()))
        failed = [t for t in (False, True) if not self._newest(t, plan, ends)]
        if len(failed) == 2:
            raise self.tally.stop(self._why())
        for translated, at in {**ends.newest, **plan.reached}.items():
            if recorded - at > LATE and translated not in failed:
                self.tally.note(
                    f"the newest slice of {WORDS[translated]} words is of {at:%Y-%m-%d %H:%M}: the publisher "
                    "has fallen behind, and what was reported since is unknown, not peace"
                )
        return plan

    def since(self, day: date, ends: Ends) -> Plan:
        """Every slice from a day on. Raises SourceStopped when neither list can be read."""
        plan = Plan(stepwise=False)
        for translated in (False, True):
            index = self._index(translated, max(day_start(day), FIRST[True]))
            if index is None or index.newest is None:
                continue
            plan.indexes.append(index)
            known = ends.newest.get(translated)
            if known is None or known >= day_start(day):
                plan.reached[translated] = index.newest
            start = max(day_start(day), FIRST[translated])
            self._tell_gaps(index, translated, (start, index.newest))
        if not plan.indexes:
            raise self.tally.stop(self._why())
        return plan

    def _newest(self, translated: bool, plan: Plan, ends: Ends) -> bool:
        """Adds one language to the plan; False when its list cannot be read."""
        address = self.site.home + LATEST[translated]
        try:
            answer = self.site.ask(address, self.validators.get(address, Validators()))
        except UNREAD as error:
            return self._unread(address, str(error))
        if answer.unchanged:
            plan.unchanged += 1
            return True
        found = offers(answer.body, LATEST[translated], self.limits, self._refuse)
        if not found:
            return self._unread(address, "names no file that could be taken")
        latest = max(offer.file.at for offer in found)
        lacking = set(self.limits.kinds) - {o.file.kind for o in found if o.file.at == latest}
        if lacking:
            self.tally.note(f"{LATEST[translated]} names no file of {', '.join(sorted(lacking))}")
        plan.single += found
        known = ends.newest.get(translated)
        if not known or latest <= known + QUARTER or self._fill(translated, plan, known, found):
            plan.reached[translated] = latest
            plan.validators[address] = answer.validators
        return True

    def _fill(self, translated: bool, plan: Plan, known: datetime, found: Iterable[Offer]) -> bool:
        """Adds the slices that were missed between `known` and those found; False when nobody can say."""
        index = self._index(translated, known + timedelta(seconds=1))
        if index is None:
            return False
        plan.indexes.append(index)
        for offer in found:
            mark(index.seen, offer.file)
        latest = max(offer.file.at for offer in found)
        self._tell_gaps(index, translated, (known + QUARTER, latest))
        return True

    def _index(self, translated: bool, since: datetime) -> Index | None:
        name = ALL[translated]
        address, path = self.site.home + name, self.folder / name
        try:
            self.site.ask(address, into=path, most_bytes=LIST_BYTES)
        except UNREAD as error:
            self._unread(address, str(error))
            return None
        index = Index(path, name, replace(self.limits, since=since))
        index.read(self._refuse)
        if not index.runs:
            self._unread(address, f"names no file from {since:%Y-%m-%d %H:%M} on that could be taken")
            return None
        return index

    def _tell_gaps(self, index: Index, translated: bool, span: tuple[datetime, datetime]) -> None:
        spans = {(kind, translated): span for kind in self.limits.kinds}
        for line in gaps(index.seen, spans, "in the publisher's list"):
            self.tally.note(line)

    def _unread(self, address: str, why: str) -> bool:
        self.tally.open()
        self.tally.unreadable(address, why)
        return False

    def _refuse(self, where: str, why: str) -> None:
        self.tally.read()
        self.tally.refuse(where, why)

    def _why(self) -> str:
        where, why = self.tally.report().unreadable[0]
        return f"no list of the publisher can be read: {why if where in why else f'{where}: {why}'}"
