"""Which slices the home holds, which are new, and which correct an earlier one.

A slice is known again by its source and file name. The same content under the same name is held already;
another content is a correction, known at the earliest when it was seen here if nothing later is stated. The
same content under another name is a copy and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

import narwhals as nw

from tocsin.clock import Moment, Precision
from tocsin.evidence import content_id
from tocsin.sources.slices import Delivered, Slice, SliceAccount
from tocsin.store.lines import lines_of
from tocsin.store.rows import from_row

TABLE = "slices"
HELD = "in a file that is held already"
COPY = "in a copy of a file that is held under another name"

Ask = Callable[[str, Callable[[Any], Any]], list[dict[str, Any]]]
"""A question to a table of the lake: from a frame to a frame."""


@dataclass(slots=True)
class HeldSlices:
    """What of a source is in the home already. Corrections are looked up once: one run asks for many days."""

    ask: Ask
    source: str
    corrections: dict[str, Slice] | None = None

    def slices(self, day: date) -> Mapping[str, Slice]:
        """The slices known on a day, by file name, each in its newest version."""
        since, until = datetime.combine(day, time.min), datetime.combine(day, time.max)
        if self.corrections is None:
            corrected = self._asked(nw.col("replaces") != "")
            self.corrections = {one.replaces: one for one in corrected}
        found: dict[str, Slice] = {}
        for one in self._asked((nw.col("known_end") >= since) & (nw.col("known_end") <= until)):
            newest = one
            while newest.id in self.corrections:
                newest = self.corrections[newest.id]
            found[one.name] = newest
        return found

    def _asked(self, wanted: nw.Expr) -> list[Slice]:
        rows = self.ask(TABLE, lambda frame: frame.filter((nw.col("source") == self.source) & wanted))
        return [from_row(Slice, row) for row in rows]


@dataclass(slots=True)
class Judging:
    """Tells new slices from those that are there, within one step as well."""

    ask: Ask
    names: dict[tuple[str, str, str], Slice] = field(default_factory=dict)
    contents: dict[tuple[str, str, str], Slice] = field(default_factory=dict)

    def __call__(self, batch: list[Delivered]) -> tuple[list[Delivered], list[SliceAccount]]:
        """The files to be read, corrections marked as such, and the account of those that are not.

        Raises HomeDamaged, and OSError for a file that is gone.
        """
        for known in self._known(batch):
            if _name(known) not in self.names:
                self._stands(known)
        new: list[Delivered] = []
        left: list[SliceAccount] = []
        for one in batch:
            if why := self._there(one):
                left.append(_left(one, why))
            else:
                new.append(replace(one, slice=self._settled(one.slice)))
                self._stands(new[-1].slice)
        return new, left

    def _known(self, batch: Sequence[Delivered]) -> list[Slice]:
        names, contents = [d.slice.name for d in batch], [d.slice.sha256 for d in batch]

        def like_these(frame: Any) -> Any:
            theirs = frame.filter(nw.col("name").is_in(names) | nw.col("sha256").is_in(contents))
            # A content that was corrected stands under no name any more.
            return theirs.join(frame.select(gone="replaces"), left_on="id", right_on="gone", how="anti")

        return [from_row(Slice, row) for row in self.ask(TABLE, like_these)]

    def _there(self, one: Delivered) -> str:
        """Why a file is left out; empty for one that is read."""
        before = self.names.get(_name(one.slice))
        if before:
            return HELD if before.sha256 == one.slice.sha256 else ""
        return COPY if _content(one.slice) in self.contents and one.path.stat().st_size else ""

    def _settled(self, one: Slice) -> Slice:
        """The slice as it is written."""
        before = self.names.get(_name(one))
        if before is None:
            return replace(one, replaces="")
        seen = Moment(max(one.recorded, before.known.end), Precision.INSTANT)
        known = one.known if one.known.end > before.known.end else seen
        return replace(one, id=content_id("slc", one.id, before.id), replaces=before.id, known=known)

    def _stands(self, one: Slice) -> None:
        if before := self.names.get(_name(one)):
            self.contents.pop(_content(before), None)
        self.names[_name(one)] = self.contents[_content(one)] = one


def _left(one: Delivered, why: str) -> SliceAccount:
    count = lines_of(one.path)
    notes = (f"{one.slice.name} is left out: its rows stand {COPY}",) if why == COPY else ()
    return SliceAccount(one.slice.id, count, 0, {why: count} if count else {}, notes=notes)


def _name(one: Slice) -> tuple[str, str, str]:
    return one.source, one.table, one.name


def _content(one: Slice) -> tuple[str, str, str]:
    return one.source, one.table, one.sha256
