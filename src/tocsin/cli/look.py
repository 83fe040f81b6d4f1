"""A look at what the newest turn (or a replay) believed, place by place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tocsin.alarms.alarm import Decision
from tocsin.assessment.belief import Assessment, FactorReading, Seen, Uncertainty
from tocsin.assessment.happened import Year, years
from tocsin.cli.home import progress
from tocsin.errors import UserError
from tocsin.forecasting.areas import Kind
from tocsin.forecasting.explain import Against, Reason, since
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.monthly import NAMED, MonthlyForecast
from tocsin.forecasting.monthly_change import Moved, months_since
from tocsin.forecasting.parts import SITUATION, PartsForecast
from tocsin.framework import factor, indicator
from tocsin.signals.signal import Signal
from tocsin.sources.outlook import Measure, Outlook
from tocsin.sources.stated import Said, newest, still_open
from tocsin.store.desk import Desk
from tocsin.store.home import Home

RANKED = ("new_mass_killing", 24)
SEEN = 0.005
SHOWN = ("1", "2", "3", "sum3", "sum6", "sum12")
HOW_TO_READ = (
    "  strength: 0 to 1, how strongly the figures and words speak for the factor (not a probability);",
    "  origins: how many publishers independent of each other said so in words",
)


@dataclass(frozen=True, slots=True)
class Look:
    """One place: decision, assessment, forecasts and signals."""

    name: str
    decision: Decision
    assessment: Assessment
    forecasts: Sequence[Forecast]
    signals: Sequence[Signal]
    happened: Sequence[Year] = ()
    months: Sequence[MonthlyForecast] = ()
    parts: Sequence[PartsForecast] = ()
    months_since: Mapping[str, Moved] = field(default_factory=dict)
    since: Mapping[str, tuple[Forecast, Against]] = field(default_factory=dict)
    conditions: Sequence[Said] = ()
    others: Sequence[Outlook] = ()

    @property
    def level(self) -> str:
        """The word for the level; no data is never a level."""
        return "no data" if self.assessment.no_data else self.decision.level.value

    @property
    def rank(self) -> int | None:
        """The rank of a new mass killing within 24 months, 1 the highest; None without a forecast."""
        ranks = [f.rank for f in self.forecasts if (f.outcome, f.horizon_months) == RANKED]
        return ranks[0] if ranks else None

    def short(self) -> str:
        """One line."""
        chance = " ".join(f"{f.outcome}/{f.horizon_months}={f.probability:.3f}" for f in self.forecasts)
        head = f"{self.assessment.iso3}  {self.level:8} rank {self.rank or '-':>3}"
        return f"{head}  {self.assessment.coverage.factors_read:2}/14 read  {chance or 'no forecast'}"

    def long(self) -> list[str]:
        """The whole: level and rule, forecasts with reasons, readings, words, and what is not seen."""
        out = [f"{self.name} ({self.assessment.iso3}) as of {self.assessment.as_of.date()}", ""]
        out += [f"level     {self.level}  ({self._why()})"]
        out += [f"          {s}" for s in self.decision.sentences]
        out += _doubt(self.assessment)
        for f in self.forecasts:
            out += ["", *_forecast(f, self.assessment), *_since(self.since.get(f.id))]
        out += ["", "months    civilians killed in one-sided violence", *_ahead(self)]
        out += ["", "factors", *HOW_TO_READ, *(_reading(r) for r in self.assessment.readings)]
        out += ["", "words"] + ([_signal(s) for s in self.signals] or ["  none read about this place"])
        out += ["", "events gathered", *([_year(y) for y in self.happened] or ["  none in this home"])]
        out += ["", "What others forecast (beside ours, in none of it)", *_others(self.others)]
        out += ["", "Conditions, as known", *_conditions(self.conditions)]
        return [*out, "", "What we cannot see", *(f"  {b}" for b in self.assessment.coverage.blind)]

    def _why(self) -> str:
        if self.assessment.no_data:
            return "neither words nor figures on violence were read: that says nothing about safety"
        return self.decision.rule or "no rule fired"


def ordered(found: Sequence[Look], sort: str) -> list[Look]:
    """By `level` (highest first, no data last), by `risk` (rank; no forecast last) or by `name`."""
    keys: dict[str, Callable[[Look], Any]] = {
        "level": lambda s: (s.assessment.no_data, -s.decision.level.step, s.name),
        "risk": lambda s: (s.rank is None, s.rank, s.name),
        "name": lambda s: s.name,
    }
    return sorted(found, key=keys[sort])


def look(home: Home, replay: str | None, as_of: date | None, place: str | None) -> list[Look]:
    """One place or every place, of the newest live turn, of a replay, or of a new turn as of a day."""
    from tocsin import flow
    from tocsin.clock import as_of_end, today
    from tocsin.geography import country

    if as_of and as_of < today():
        replay = flow.turn(home, as_of_end(as_of), True, progress)["run"]
        progress(f"replay {replay}; read it again with: tocsin assess --replay {replay}")
    desk = Desk(home, replay or "live")
    if desk.turn() is None:
        raise UserError("this home has no finished turn yet; run: tocsin run")
    decisions = {d.iso3: d for d in desk.decisions()}
    forecasts, signals = desk.forecasts(), desk.signals()
    return [
        Look(
            country(a.iso3).name,
            decisions[a.iso3],
            a,
            [f for f in forecasts if f.iso3 == a.iso3],
            [s for s in signals if s.iso3 == a.iso3],
            years(desk.events(a.iso3), a.as_of) if place else (),
            desk.ahead.monthly(a.iso3) if place else (),
            desk.ahead.parts(a.iso3) if place else (),
            months_since(desk.ahead.monthly(place), desk.ahead.monthly_before(place)) if place else {},
            since((f for f in forecasts if f.iso3 == place), desk.ahead.before(place)) if place else {},
            newest(desk.elsewhere.conditions(place)) if place else (),
            still_open(desk.elsewhere.outlooks(place), a.as_of.date()) if place else (),
        )
        for a in desk.assessments()
        if place in (None, a.iso3)
    ]


def _others(outlooks: Sequence[Outlook]) -> list[str]:
    """Each publisher's number with its window, its run and when it was known."""
    out = []
    for o in outlooks:
        of = {Measure.PROBABILITY: f"{o.value:.1%}", Measure.RANK: f"rank {o.value:.0f}"}
        when = f"{o.window.start} to {o.window.end}"
        told = f"{o.outcome}: {of.get(o.measure, f'expected {o.value:,.1f}')}"
        out.append(f"  {o.source:18} {told} ({when}; run {o.run}, known {str(o.known)[:10]})")
    return out or ["  nothing gathered"]


def _conditions(said: Sequence[Said]) -> list[str]:
    """The headlines, and how many series there are besides."""
    first = [s for s in said if s.headline]
    out = [
        f"  {s.label}: {s.value} ({s.of.source}, {_when(s)}; known {str(s.of.known)[:10]}, {s.of.vintage})"
        for s in first
    ]
    more = len(said) - len(first)
    out += [f"  and {more} further series (--json shows them)"] if more else []
    return out or ["  nothing gathered"]


def _when(said: Said) -> str:
    at = said.of.happened
    if (at.start.month, at.start.day, at.end) == (1, 1, at.start.replace(month=12, day=31)):
        return str(at.start.year)
    return str(at.start) if at.start == at.end else f"{at.start} to {at.end}"


def _ahead(at: Look) -> list[str]:
    """The next months and windows with reasons, and the likeliest areas and situations of the next three."""
    months, parts = at.months, at.parts
    if not months:
        return ["  none: months need event data about this place (tocsin gather ucdp)"]
    out = [
        line
        for f in months
        if f.horizon in SHOWN
        for line in (_month(f), *_month_reasons(f, at.months_since.get(f.id)))
    ]
    for kind in (Kind.ADM1.value, SITUATION):
        found = next((p.parts for p in parts if (p.kind, p.horizon) == (kind, "sum3")), ())
        out += [f"    {' / '.join(p.key)}: {_levels(p.p_ge)}, expected {p.mean:.1f}" for p in found[:3]]
    return out


def _month(f: MonthlyForecast) -> str:
    when = f"{f.window.start:%Y-%m}" + (f" to {f.window.end:%Y-%m}" if f.total else "")
    middle, high = f.quantiles["0.5"], f.quantiles["0.95"]
    return f"  {when:18} {_levels(f.p_ge)}; middle {middle:.0f}, 95 in 100 below {high:.0f}"


def _month_reasons(f: MonthlyForecast, found: Moved | None) -> Iterator[str]:
    """What moved the chance of 25 or more against the mean country, then since an earlier month."""
    if f.reasons:
        yield "      why >=25, against the mean country (log-odds):"
        yield from (_push(reason) for reason in f.reasons if abs(reason[2]) >= SEEN)
    if found:
        old, moved = found
        yield f"      since {old.as_of.date()} ({old.p_ge['25']:.1%}): {moved.change:+.2f} in log-odds"
        told = [reason for reason in moved.reasons if abs(reason[2]) >= SEEN]
        yield from (_push(reason) for reason in told[:3])
        if abs(moved.alike) >= SEEN:
            yield f"        {moved.alike:+.2f} moved all countries alike"


def _push(reason: Reason) -> str:
    label, value, push = reason
    return f"        {push:+.2f} {label}: {value}"


def _levels(p: Mapping[str, float]) -> str:
    return ", ".join(f">={n} {p[str(n)]:.1%}" for n in NAMED)


def _year(y: Year) -> str:
    killed = f"{y.best:,} civilians killed in one-sided violence ({y.low:,} to {y.high:,})"
    return f"  {y.year}  {killed}; {y.events:,} events of all kinds, {y.provisional:,} provisional"


def _doubt(made: Assessment) -> list[str]:
    """How little is seen, beside the level; nothing for a turn that did not judge it."""
    if made.uncertainty is None:
        return []
    first, *rest = made.uncertain_because or ("as much is read as usual.",)
    return [f"unsure    {made.uncertainty}: {first}", *(f"          {why}" for why in rest)]


def _forecast(f: Forecast, made: Assessment) -> list[str]:
    chance = f"{f.probability:.1%} (90 %: {f.low:.1%} to {f.high:.1%}; average {f.base_rate:.1%}"
    out = [f"forecast  {f.outcome}, {f.horizon_months} months: {chance}; rank {f.rank} of {f.of})"]
    if made.uncertainty not in (None, Uncertainty.USUAL):
        out += ["            the range rests on figures and does not know that less is seen now"]
    return out + [
        f"            {'+' if push > 0 else '-'} {name}: {value}" for name, value, push in f.reasons[:4]
    ]


def _since(found: tuple[Forecast, Against] | None) -> list[str]:
    """What moved it since last month's turn."""
    if found is None:
        return []
    old, moved = found
    told = [f"{label} {push:+.2f}" for label, _, push in moved.reasons if push][:3]
    told += [f"all states alike {moved.alike:+.2f}"] if abs(moved.alike) >= SEEN else []
    how = "; ".join(told) if abs(moved.change) >= SEEN else "as it was"
    return [f"            since {old.as_of.date()} ({old.probability:.1%}): {how}"]


def _reading(r: FactorReading) -> str:
    beside = "; ".join([told for _, told, _ in r.absences] + ([r.set_aside] if r.set_aside else []))
    beside = beside and f"; {beside}"
    if r.seen is Seen.NO_READING:
        return f"  {r.factor:5} no reading  {factor(r.factor).title}: {r.missing}: {r.why_missing}{beside}"
    figures = "; ".join(f"{label} {value} ({source} {year})" for label, value, source, year in r.figures)
    seen = "present" if r.seen is Seen.PRESENT else "not seen"
    words = f"{r.origins} origin{'' if r.origins == 1 else 's'}"
    measured = f"strength {r.strength:.2f}, {words}"
    told = f"{factor(r.factor).title}: {measured}{figures and f'; {figures}'}{beside}"
    return f"  {r.factor:5} {seen:10}  {told}"


def _signal(s: Signal) -> str:
    act = ", protective act" if s.protective else ""
    named = f"{s.indicator:5} {indicator(s.indicator).label}" if s.indicator else "no indicator"
    looked = {"machine": "", "rejected": ", called wrong in review"}.get(s.review, ", reviewed")
    return f'  {named}: {s.time.value}{act}{looked}: "{s.quote}"  [{s.record}]'
