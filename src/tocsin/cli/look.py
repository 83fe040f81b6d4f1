"""A look at what the newest turn (or a replay) believed, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.alarms.alarm import Decision
from tocsin.assessment.belief import Assessment, FactorReading, Seen
from tocsin.assessment.happened import Year, years
from tocsin.cli.home import day, progress
from tocsin.errors import UserError
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal
from tocsin.store.desk import Desk
from tocsin.store.home import Home


@dataclass(frozen=True, slots=True)
class Look:
    """One place: decision, assessment, forecasts and signals."""

    name: str
    decision: Decision
    assessment: Assessment
    forecasts: Sequence[Forecast]
    signals: Sequence[Signal]
    happened: Sequence[Year] = ()

    def short(self) -> str:
        """One line."""
        chance = " ".join(f"{f.outcome}/{f.horizon_months}={f.probability:.3f}" for f in self.forecasts)
        level = "no data" if self.assessment.no_data else self.decision.level.value
        return (
            f"{self.assessment.iso3}  {level:8} {self.assessment.coverage.factors_read:2}/14 read  {chance}"
        )

    def long(self) -> list[str]:
        """The whole: level and rule, forecasts with reasons, readings, words, and what is not seen."""
        out = [f"{self.name} ({self.assessment.iso3}) as of {self.assessment.as_of.date()}", ""]
        out += [f"level     {self.decision.level.value}  ({self.decision.rule or 'no rule fired'})"]
        out += [f"          {s}" for s in self.decision.sentences]
        for f in self.forecasts:
            out += ["", *_forecast(f)]
        out += ["", "factors"] + [_reading(r) for r in self.assessment.readings]
        out += ["", "words"] + ([_signal(s) for s in self.signals] or ["  none read about this place"])
        out += ["", "events gathered", *([_year(y) for y in self.happened] or ["  none in this home"])]
        return [*out, "", "What we cannot see", *(f"  {b}" for b in self.assessment.coverage.blind)]


def look(home: Home, replay: str | None, as_of: str | None, place: str | None) -> list[Look]:
    """One place or every place, of the newest live turn, of a replay, or of a new turn as of a day."""
    from tocsin import flow
    from tocsin.clock import as_of_end, today
    from tocsin.geography import country

    asked = day(as_of, "--as-of")
    if asked and asked < today():
        replay = flow.turn(home, as_of_end(asked), True, progress)["run"]
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
        )
        for a in desk.assessments()
        if place in (None, a.iso3)
    ]


def _year(y: Year) -> str:
    killed = f"{y.best:,} civilians killed in one-sided violence ({y.low:,} to {y.high:,})"
    return f"  {y.year}  {killed}; {y.events:,} events of all kinds, {y.provisional:,} provisional"


def _forecast(f: Forecast) -> list[str]:
    chance = f"{f.probability:.1%} (90 %: {f.low:.1%} to {f.high:.1%}; average {f.base_rate:.1%}"
    out = [f"forecast  {f.outcome}, {f.horizon_months} months: {chance}; rank {f.rank} of {f.of})"]
    return out + [
        f"            {'+' if push > 0 else '-'} {name}: {value}" for name, value, push in f.reasons[:4]
    ]


def _reading(r: FactorReading) -> str:
    if r.seen is Seen.NO_READING:
        return f"  {r.factor:5} no reading  {r.missing}: {r.why_missing}"
    figures = "; ".join(f"{label} {value} ({source} {year})" for label, value, source, year in r.figures)
    seen = "present" if r.seen is Seen.PRESENT else "not seen"
    return f"  {r.factor:5} {seen:10}  strength {r.strength:.2f}, {r.origins} origin(s) in words  {figures}"


def _signal(s: Signal) -> str:
    act = ", protective act" if s.protective else ""
    return f'  {s.indicator or "context":7} {s.time.value}{act}: "{s.quote}"  [{s.record}]'
