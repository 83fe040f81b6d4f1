"""Every place at once: each country of the day is assessed, also one about which nothing was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from tocsin.assessment.belief import Assessment
from tocsin.assessment.figures import Panel, figures_from_panel, weights
from tocsin.assessment.inputs import Inputs, Sight
from tocsin.assessment.past import Past, Pasts
from tocsin.assessment.weigh import assess
from tocsin.forecasting.forecast import Forecast
from tocsin.geography import countries
from tocsin.signals.coded import CodedRecord
from tocsin.signals.signal import Relevance, Signal
from tocsin.signals.voices import Heard, Voices
from tocsin.sources.presence import Presence
from tocsin.sources.reportflow import Window

T = TypeVar("T", Forecast, Signal)
ASSESSED = ("member", "observer", "state")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a home knows of the eyes and ears on each place.

    Windows of report flow and last beliefs by place, all changes of presence, how many reports are held, and
    the reason each source is down, or "".
    """

    flow: Mapping[str, Sequence[Window]] = field(default_factory=dict)
    presence: Sequence[Presence] = ()
    before: Mapping[str, Assessment] = field(default_factory=dict)
    in_home: int = 0
    health: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Belief:
    """What warning rests on, for one place. `signals` bear their voice as origin; a flood's are left out."""

    assessment: Assessment
    forecasts: Sequence[Forecast]
    signals: Sequence[Signal]


@dataclass(frozen=True, slots=True)
class Material:
    """All that a turn has to assess from. `health` maps a source id to the reason it is down, or to ""."""

    panel: Panel
    forecasts: Sequence[Forecast]
    coded: Sequence[CodedRecord]
    signals: Sequence[Signal]
    health: Mapping[str, str]
    watched: Watched = field(default_factory=Watched)


def places(on: date, more: Iterable[str] = ()) -> dict[str, str]:
    """ISO3 to English name of the states of a day, UN members and observers first of all, plus `more`."""
    named = {c.iso3: c.name for c in countries(on)}
    wanted = {c.iso3 for c in countries(on) if c.status in ASSESSED} | (set(more) & set(named))
    return {iso3: named[iso3] for iso3 in sorted(wanted)}


def assess_everywhere(
    material: Material, as_of: datetime, run: str, recorded: datetime, more: Iterable[str] = ()
) -> list[Belief]:
    """A belief about every state of that day, every place with a forecast or a claim, and those in `more`."""
    forecasts, signals = _by_place(material.forecasts), _by_place(material.signals)
    read, voices = _read_lately(material.coded, signals, as_of), Voices(material.coded, as_of)
    pasts, beliefs = Pasts(material.coded, voices, as_of), []
    for iso3, name in places(as_of.date(), {*forecasts, *signals, *more}).items():
        heard = voices.heard(read.get(iso3, []), signals.get(iso3, []))
        inputs = Inputs(
            as_of=as_of,
            run=run,
            recorded=recorded,
            signals=heard.signals,
            forecasts=forecasts.get(iso3, []),
            figures=figures_from_panel(material.panel, iso3, as_of),
            records_read=len(heard.records),
            origins_read=heard.voices,
            newest_record=_newest(read.get(iso3, []), heard),
            source_health=material.health,
            name=name,
            sight=_sight(iso3, material.watched, heard, pasts.of(iso3, signals.get(iso3, []))),
        )
        beliefs.append(Belief(assess(iso3, inputs), inputs.forecasts, inputs.signals))
    return beliefs


def _newest(about: Iterable[CodedRecord], heard: Heard) -> str:
    counted = {c.record for c in heard.records}
    return max((str(c.published) for c in about if c.published and c.record in counted), default="")


def _sight(iso3: str, watched: Watched, heard: Heard, past: Past) -> Sight:
    return Sight(
        flow=watched.flow.get(iso3, ()),
        presence=[change for change in watched.presence if change.iso3 == iso3],
        heard=heard,
        in_home=watched.in_home,
        before=watched.before.get(iso3),
        past=past,
    )


def _by_place(items: Iterable[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for item in items:
        found[item.iso3].append(item)
    return found


def _read_lately(
    coded: Iterable[CodedRecord], signals: Mapping[str, Sequence[Signal]], as_of: datetime
) -> dict[str, list[CodedRecord]]:
    """Records of the window of words by the places they are about; those without a date are not counted.

    A record is about a place when it claims something of it, or when it bears on violence, with claims that
    show it, and names the place. A text that only names a place has not looked for anything there.
    """
    since = as_of - timedelta(days=weights().window_days)
    claimed = {(s.record, iso3) for iso3, about in signals.items() for s in about}
    lately = {c.record: c for c in coded if c.known is not None and since <= c.known.end <= as_of}
    bearing = [c for c in lately.values() if c.relevance is not Relevance.NONE and c.claims]
    named = {(c.record, iso3) for c in bearing for iso3 in c.countries}
    found: dict[str, list[CodedRecord]] = defaultdict(list)
    for record, iso3 in sorted(claimed | named):
        if record in lately:
            found[iso3].append(lately[record])
    return found
