"""One country as data for its page: forecasts, factors with their words, what we cannot see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from tocsin.alarms.alarm import Alarm, Decision
from tocsin.assessment.belief import Assessment, FactorReading, Seen
from tocsin.assessment.happened import Year, years
from tocsin.errors import UnknownId
from tocsin.forecasting.explain import Against, since
from tocsin.forecasting.forecast import Forecast
from tocsin.response.engagement import Engagement
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.sources.outlook import Outlook
from tocsin.sources.stated import Said, handed_on, newest, still_open
from tocsin.web import places
from tocsin.web.figures import Month, months
from tocsin.web.months import Months, months_ahead
from tocsin.web.reading import Desk

NOW = (TimeStatus.PRESENT, TimeStatus.FUTURE)


@dataclass(frozen=True, slots=True)
class Quote:
    """One quoted passage: what it was coded as, and the claims of other records of the same story."""

    claim: Signal
    indicators: tuple[str, ...]
    also: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor's reading with the claims it rests on, and those of a flood, which count nothing."""

    reading: FactorReading
    claims: tuple[Signal, ...]
    aside: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class Country:
    """All that the page of one country shows."""

    iso3: str
    name: str
    belief: Assessment
    decision: Decision | None
    forecasts: tuple[Forecast, ...]
    since: Mapping[str, tuple[Forecast, Against]]
    factors: tuple[Factor, ...]
    unread: tuple[FactorReading, ...]
    protective: tuple[Signal, ...]
    context: tuple[Signal, ...]
    carried: tuple[Signal, ...]
    alarms: tuple[Alarm, ...]
    in_force: Mapping[str, Alarm]
    engagements: tuple[Engagement, ...]
    happened: tuple[Year, ...]
    figures: tuple[Month, ...]
    ahead: Months
    conditions: tuple[Said, ...]
    others: tuple[Outlook, ...]
    kept_home: tuple[str, ...]


def country(desk: Desk, iso3: str, on: date) -> Country:
    """The view of one country on a day. Raises UnknownId, with the nearest names, when the turn has none."""
    found = desk.assessments(iso3)
    if not found:
        raise UnknownId("country", iso3.title() if len(iso3) > 4 else iso3.upper(), known_places(desk))
    belief = found[0]
    claims = desk.signals(iso3)
    by_id = {claim.id: claim for claim in claims}
    decision = next((d for d in desk.decisions() if d.iso3 == iso3), None)
    forecasts = tuple(sorted(desk.forecasts(iso3), key=_order))
    said = newest(desk.elsewhere.conditions(iso3))
    others = still_open(desk.elsewhere.outlooks(iso3), belief.as_of.date())
    used = {id for reading in belief.readings for id in reading.signals}
    return Country(
        iso3=iso3,
        name=places.place_name(iso3),
        belief=belief,
        decision=decision,
        forecasts=forecasts,
        since=since(forecasts, desk.ahead.before(iso3)),
        factors=tuple(
            Factor(r, _of(by_id, r.signals), _of(by_id, r.aside))
            for r in belief.readings
            if r.seen is not Seen.NO_READING or r.aside
        ),
        unread=tuple(r for r in belief.readings if r.seen is Seen.NO_READING and not r.aside),
        protective=tuple(c for c in claims if c.protective),
        context=tuple(c for c in claims if c.id not in used and not c.protective and apart(c)),
        carried=_of(by_id, decision.reasons if decision else ()),
        alarms=tuple(a for a in desk.alarms() if a.iso3 == iso3),
        in_force={a.id: a for a in desk.in_force() if a.iso3 == iso3},
        engagements=tuple(e for e in desk.engagements() if e.iso3 == iso3),
        happened=years(desk.events(iso3), belief.as_of),
        figures=months(desk.figuring.standings(iso3), on),
        ahead=months_ahead(desk.ahead, iso3, belief.as_of, (desk.turn() or {}).get("months", {})),
        conditions=tuple(s for s in said if handed_on(s.of.source)),
        others=tuple(o for o in others if handed_on(o.source)),
        kept_home=_kept_home([*(s.of.source for s in said), *(o.source for o in others)]),
    )


def apart(claim: Signal) -> bool:
    """Whether a claim is listed apart: past, denied, supposed, or context without a present sign."""
    return claim.time not in NOW or claim.relevance in (Relevance.CONTEXT, Relevance.NONE)


def quotes(claims: Iterable[Signal]) -> list[Quote]:
    """Claims as the eye wants them: one passage once with all its indicators, copies of a story beside it."""
    passages: dict[tuple[str, int, int], list[Signal]] = {}
    for claim in claims:
        passages.setdefault((claim.record, claim.start, claim.end), []).append(claim)
    told: dict[tuple[str, tuple[str, ...], TimeStatus], list[Quote]] = {}
    for same in passages.values():
        indicators = tuple(sorted({c.indicator for c in same if c.indicator}))
        stories = told.setdefault((same[0].story, indicators, same[0].time), [])
        first = stories[0] if stories else None
        if first and same[0].record not in {first.claim.record, *(c.record for c in first.also)}:
            stories[0] = replace(first, also=(*first.also, same[0]))
        else:
            stories.append(Quote(same[0], indicators, ()))
    return [quote for stories in told.values() for quote in stories]


def known_places(desk: Desk) -> list[str]:
    """The codes and names that the turn holds, to guess what was meant."""
    codes = [a.iso3 for a in desk.assessments()]
    return codes + [places.place_name(code) for code in codes]


def _kept_home(sources: Iterable[str]) -> tuple[str, ...]:
    """The publishers whose rows may not be handed on, and so are on no page."""
    return tuple(sorted({places.publisher(source) for source in sources if not handed_on(source)}))


def _order(forecast: Forecast) -> tuple[int, int]:
    """The order of the outcomes table, then the nearer horizon."""
    return places.outcome_order(forecast.outcome), forecast.horizon_months


def _of(by_id: dict[str, Signal], ids: Iterable[str]) -> tuple[Signal, ...]:
    return tuple(by_id[id] for id in ids if id in by_id)


def segments(text: str, claims: Iterable[Signal]) -> list[tuple[str, list[Signal]]]:
    """The text in pieces, each with the claims that quote it; overlapping quotes share their pieces."""
    spans = [c for c in claims if 0 <= c.start < c.end <= len(text)]
    cuts = sorted({0, len(text), *(c.start for c in spans), *(c.end for c in spans)})
    return [(text[a:b], [c for c in spans if c.start <= a and b <= c.end]) for a, b in pairwise(cuts)]
