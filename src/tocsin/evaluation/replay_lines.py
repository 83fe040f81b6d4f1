"""One walk in words: each day on which something became known or the level moved, and what was withheld."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.alarms.alarm import Level
from tocsin.evaluation.replay import Given, Step, Walk
from tocsin.evaluation.replay_cases import Sign
from tocsin.evaluation.replay_told import HEADS, LIMITS, Replayed
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.outcomes import outcome
from tocsin.framework.load import indicator

SHOWN = "new_mass_killing"


def lines_of_case(found: tuple[Replayed, ...]) -> Iterator[str]:
    """The walks of one case, then what was withheld and what was done."""
    case = found[0].case
    when = f"window {case.window.start} to {case.window.end}" if case.window else f"onset {case.last}"
    yield f"{case.id}  {case.name}  {when}"
    yield from (f"  {told}" for told in about(found[0]))
    for each in found:
        yield from ("", HEADS[each.walk.given.value], "", *lines_of_walk(each.walk), "", verdict(each))
    yield from ("", *withheld(found))
    if case.response:
        yield from ("", "What was done (shown, not used)")
        yield from (f"  {act.dated!s:10}  {act.fact}" for act in case.response)
    yield from ("", *LIMITS)


def about(found: Replayed) -> Iterator[str]:
    """What the file says of the case, in words."""
    case = found.case
    if case.control:
        yield f"why people were warned: {case.told['why_warned']}; what came: {case.told['outcome']}"
        return
    yield f"toll: {case.told['toll']}; as alleged or found: {', '.join(case.told['crime_types'])}"
    note = f" ({case.told['onset_note']})" if case.told["onset_note"] else ""
    yield f"onset sure to {case.tolerance} days either way{note}"


def verdict(found: Replayed) -> str:
    """How one walk ended."""
    if found.case.control:
        told = (
            "a warning or alarm stood in the window: a false alarm" if found.false_alarm else "no false alarm"
        )
        return told if found.tested else "not testable: too few signs"
    if found.lead is None:
        return "No warning and no alarm came by the onset."
    if not found.lead:
        return "The first warning came on the day of the onset: too late to act on."
    told = f"First warning or alarm {found.lead} days before the onset"
    if found.whole:
        told += ", when the walk began"
    if found.doubtful:
        told += f", within the tolerance of {found.case.tolerance} days"
    fallen = found.within.step < Level.WARNING.step
    return told + (f"; at the onset the level had fallen to {found.within}." if fallen else ".")


def lines_of_walk(walk: Walk) -> Iterator[str]:
    """The days of one walk."""
    for step, before in walk.moves():
        told = _what(step)
        again = before is not None and before.level is step.level and _what(before) == told
        if step.news or not again:
            yield f"{step.day}  {step.level:8}  {'as before' if again else told}"
            yield from (f"{'':22}{new}" for new in news(step))
    what = "figures" if walk.given is Given.FORECAST else "signs"
    yield f"{walk.used} {what} used, {walk.withheld} withheld"


def news(step: Step) -> Iterator[str]:
    """What became known on a day."""
    for sign in step.signs:
        yield f"sign: {told_sign(sign)}"
    for year, many in step.figures.items():
        yield f"figures: {many} of {year} are out"
    for forecast in step.forecasts:
        if forecast.outcome == SHOWN and forecast.horizon_months == max(outcome(SHOWN).horizons):
            yield f"forecast: {_chance(forecast)}"


def told_sign(sign: Sign) -> str:
    """A sign with its indicators, visibility and confidence."""
    named = "; ".join(f"{i} {indicator(i).label}" for i in sign.indicators)
    return f"{sign.fact} [{named}] ({sign.visibility.replace('_', ' ')}, confidence {sign.confidence})"


def withheld(found: tuple[Replayed, ...]) -> Iterator[str]:
    """What the walks did not see, and why."""
    yield "Withheld"
    case = found[0].case
    for sign in case.signs:
        if why := sign.why_withheld(case.last):
            yield f"  {sign.dated!s:10}  {why}: {told_sign(sign)}"
    for each in found:
        if each.walk.given is Given.FORECAST:
            yield f"  {each.walk.withheld} figures for years up to {case.last.year}: not out by {case.last}"


def _what(step: Step) -> str:
    """The sentence of the rule, or why the level is kept."""
    if step.held:
        return f"kept: {step.held} (rule {step.rule})"
    return f"{step.sentences[0]} (rule {step.rule})" if step.rule else step.sentences[0]


def _chance(forecast: Forecast) -> str:
    ratio = (
        f", {forecast.probability / forecast.base_rate:.1f} times the average" if forecast.base_rate else ""
    )
    return (
        f"{outcome(forecast.outcome).label.lower()} within {forecast.horizon_months} months: "
        f"{100 * forecast.probability:.1f} %{ratio}, rank {forecast.rank} of {forecast.of}"
    )
