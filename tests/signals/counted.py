"""Figures for tests: a record of our own words, and what a coder reads in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.signals.reports import record as report
from tests.signals.reviewed import OneCoder
from tocsin.signals.casualties import casualty_claims
from tocsin.signals.figures import Figure
from tocsin.signals.make import figures_of
from tocsin.signals.rules.passage import passage
from tocsin.signals.stories import Told
from tocsin.sources.record import Record

SAID = (
    "On 3 May 2017 soldiers killed at least 30 villagers near Bor in South Sudan, the United Nations said. "
    "The government denied that 30 people were killed. Residents said 45 people died."
)
COUNTED = report(SAID, address="counted")


class Counter(OneCoder):
    """A coder of a given version whose counts are those that its words hold."""

    def __init__(self, version: str = "1", **reads: Any) -> None:
        super().__init__(version, **{"claims": ()} | reads)

    def code(self, record: Record) -> Any:
        """The given reading with every casualty claim of the record."""
        counts = tuple(claim.row() for claim in casualty_claims(passage(record.text, "en")))
        return replace(super().code(record), counts=counts)


def figures(
    version: str = "1", record: Record = COUNTED, run: str = "live-1", **changes: Any
) -> list[Figure]:
    """What a coder of that version writes of a record."""
    coder = Counter(version)
    made = figures_of(record, coder.code(record), Told("sto-1", "sto-1"), run, record.recorded, coder=coder)
    return [replace(figure, **changes) for figure in made]
