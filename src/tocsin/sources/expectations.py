"""What a fact sheet expects of a run, checked while rows go by and at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from tocsin.sources.contract import Tally
from tocsin.sources.factsheet import Expected

FILL_FROM = 20
"""Rows from which a share of filled cells is judged; of fewer it says nothing."""


@dataclass(slots=True)
class Expectations:
    """Measured rows against one fact sheet's `expected`."""

    expected: Expected
    tally: Tally
    rows: int = 0
    newest: date | None = None
    _filled: Counter[str] = field(default_factory=Counter)

    def measure(self, value: Callable[[str], object]) -> None:
        """One more row; `value` gives a column's value by name."""
        self.rows += 1
        self._filled.update(name for name in self.expected.fill if str(value(name) or "").strip())

    def dated(self, day: date) -> None:
        """The day of a row, for freshness."""
        self.newest = day if self.newest is None else max(self.newest, day)

    def check_fill(self) -> None:
        """Raises SourceStopped when a column is filled in a smaller share of rows than expected."""
        for name, share in self.expected.fill.items():
            if self.rows >= FILL_FROM and self._filled[name] < share * self.rows:
                found = f"{self._filled[name] / self.rows:.1%} of {self.rows} rows"
                raise self.tally.stop(f"{name} is filled in {found}, {share:.0%} expected")

    def check_bulk(self, recorded: datetime) -> None:
        """Also count and freshness. Raises SourceStopped."""
        self.check_fill()
        if self.rows < self.expected.min_rows:
            raise self.tally.stop(f"{self.rows} rows, at least {self.expected.min_rows} expected")
        if self.newest is not None and self.expected.max_age_days is not None:
            age = (recorded.date() - self.newest).days
            if age > self.expected.max_age_days:
                limit = f"at most {self.expected.max_age_days} expected"
                raise self.tally.stop(f"the newest row is {age} days old, {limit}")
