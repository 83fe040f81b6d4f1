"""Who is no longer there to see: stated changes of presence as readings of risk factors 6 and 7.

Silence is data: an expelled mission, a shut network, a drop in reports whose cause is known. It only ever
adds to a reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

import yaml

from tocsin.assessment.inputs import Inputs
from tocsin.assessment.words import present
from tocsin.framework import indicator
from tocsin.sources.presence import Presence
from tocsin.sources.reportflow import Flow, Window

BY = {
    "state": " by the state",
    "nonstate": " by an armed group or another non-state body",
    "itself": " by itself",
}
Absence = tuple[str, str, str]
"""Id of the row or signal, sentence, address or record."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which changes, of whom and by whom, speak to an indicator."""

    indicator: str
    witness: tuple[str, ...]
    change: tuple[str, ...]
    done_by: tuple[str, ...]

    @property
    def factor(self) -> str:
        """The risk factor of the indicator."""
        return "RF" + self.indicator.partition(".")[0]

    def fits(self, change: Presence) -> bool:
        """Whether a change is of this rule."""
        return change.witness in self.witness and change.change in self.change and change.by in self.done_by


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole of absences.yml."""

    strength: float
    days: Mapping[str, int]
    readings: tuple[Rule, ...]
    causes: tuple[str, ...]


@cache
def rules() -> Rules:
    """The shipped rules. Raises UnknownId for an indicator that the Framework does not have."""
    given = yaml.load(files(__package__).joinpath("absences.yml").read_text("utf-8"), yaml.CSafeLoader)
    readings = tuple(
        Rule(r["indicator"], tuple(r["witness"]), tuple(r["change"]), tuple(r["done_by"]))
        for r in given["readings"]
    )
    for id in (*(r.indicator for r in readings), *given["causes"]):
        indicator(id)
    return Rules(given["strength"], given["days"], readings, tuple(given["causes"]))


def standing(changes: Iterable[Presence], as_of: datetime) -> tuple[Presence, ...]:
    """The changes after which fewer can see and that nothing has ended, oldest first.

    The same body that arrived again, or was restored, in the same area or in all of the country ends it.
    """
    known = [c for c in changes if c.known.end <= as_of and c.happened.start <= as_of.date()]
    back = [c for c in known if not c.change.darkens]
    dark = [c for c in known if c.change.darkens and not any(_ends(b, c) for b in back)]
    return tuple(sorted(dark, key=lambda c: (c.happened.start, c.id)))


def _ends(back: Presence, gone: Presence) -> bool:
    same = (back.body.casefold(), back.witness) == (gone.body.casefold(), gone.witness)
    return same and back.area in ("", gone.area) and back.happened.start >= gone.happened.start


def sentence(change: Presence) -> str:
    """One change in plain words."""
    where = f" in {change.area}" if change.area else ""
    return f"{change.body} ({change.witness}){where}: {change.change}{BY.get(change.by, '')}, {_when(change)}"


def unnamed(change: Presence) -> str:
    """The same without what somebody typed: it may leave the house in what an alarm says is not known."""
    return f"{change.witness}: {change.change}{BY.get(change.by, '')}, {_when(change)}"


def _when(change: Presence) -> str:
    width = {"month": 7, "year": 4}.get(change.happened.precision, 10)
    return change.happened.start.isoformat()[:width]


def dropped(flow: Iterable[Window]) -> bool:
    """Whether a drop in reports is named."""
    return any(window.state is Flow.DROPPED for window in flow)


def absences(factor: str, inputs: Inputs) -> tuple[Absence, ...]:
    """What absence says of a factor: stated changes, and the words on why reports dropped."""
    law, today = rules(), inputs.as_of.date()
    if factor not in law.days:
        return ()
    return (*_changes(factor, standing(inputs.sight.presence, inputs.as_of), today), *_causes(inputs))


def _changes(factor: str, changes: Sequence[Presence], today: date) -> tuple[Absence, ...]:
    law = rules()
    young = [c for c in changes if (today - c.happened.start).days <= law.days[factor]]
    found = [c for c in young if any(r.factor == factor and r.fits(c) for r in law.readings)]
    return tuple((c.id, sentence(c), c.address) for c in found)


def _causes(inputs: Inputs) -> tuple[Absence, ...]:
    if not dropped(inputs.sight.flow):
        return ()
    told = [s for s in present(inputs.signals, inputs.as_of) if s.indicator in rules().causes]
    return tuple(
        (
            s.id,
            f"reports dropped, and words say why: {indicator(s.indicator).label} ({s.indicator})",
            s.record,
        )
        for s in told
    )
