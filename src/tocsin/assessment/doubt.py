"""How little can be seen of a place, and why: usual, raised or high. It never lowers a level or a reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tocsin.assessment.absent import dropped, rules, sentence, standing, unnamed
from tocsin.assessment.belief import Uncertainty
from tocsin.assessment.figures import weights
from tocsin.assessment.inputs import Inputs
from tocsin.assessment.words import present
from tocsin.errors import UnknownId
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.presence import Presence
from tocsin.sources.reportflow import Flow, Window

EYES = ("events", "words")
"""The groups of sources through which a place is seen day by day."""

FEWER = "There are fewer reports in the home than at an earlier turn; that lowers no uncertainty."
_SAID = {
    Flow.DROPPED: "{of}: reports dropped, {why}.",
    Flow.SOURCE: "{of}: fewer reports, {why}.",
    Flow.UNKNOWN: "{of}: what to expect is not known yet, {why}.",
}


def uncertainty(inputs: Inputs) -> tuple[Uncertainty, tuple[str, ...]]:
    """The uncertainty of one place and its reasons, gravest first, each one sentence.

    High: not one document was read, or reports dropped while witnesses are gone or words say why. Raised: any
    other reason. While the home holds fewer reports than at an earlier turn it does not fall.
    """
    high, raised = tuple(_high(inputs)), tuple(_raised(inputs, _noted))
    found = Uncertainty.HIGH if high else Uncertainty.RAISED if raised else Uncertainty.USUAL
    before = inputs.sight.before
    if before is None or before.uncertainty is None or not _fewer(inputs):
        return found, (*high, *raised)
    kept = tuple(reason for reason in before.uncertain_because if before.uncertainty.step > found.step)
    worse = max(found, before.uncertainty, key=lambda u: u.step)
    return worse, tuple(dict.fromkeys((FEWER, *high, *kept, *raised)))


def unseen(inputs: Inputs) -> tuple[str, ...]:
    """The reasons of this turn without names and addresses that somebody typed: they stand in alarms too."""
    return (*([FEWER] if _fewer(inputs) else []), *_high(inputs), *_raised(inputs, unnamed))


def _fewer(inputs: Inputs) -> bool:
    return inputs.sight.in_home < in_home(inputs)


def _noted(change: Presence) -> str:
    return f"{sentence(change)} ({change.address})"


def in_home(inputs: Inputs) -> int:
    """The reports in the home by which the next turn judges whether some are gone: the yardstick stays."""
    before = inputs.sight.before
    return max(inputs.sight.in_home, before.coverage.in_home if before else 0)


def _high(inputs: Inputs) -> Iterator[str]:
    if inputs.records_read == 0:
        days, day = weights().window_days, inputs.as_of.date()
        yield f"No document about {inputs.name} was read in the {days} days before {day}."
    if not dropped(inputs.sight.flow):
        return
    if standing(inputs.sight.presence, inputs.as_of):
        yield "Reports dropped, and those who could see are gone."
    elif any(s.indicator in rules().causes for s in present(inputs.signals, inputs.as_of)):
        yield "Reports dropped, and words say that witnesses or channels are shut out."


def _raised(inputs: Inputs, said_of: Callable[[Presence], str]) -> Iterator[str]:
    sight, table = inputs.sight, weights()
    for state, said in _SAID.items():
        told = [w for w in sight.flow if w.state is state]
        for window in _widest(told) if state is Flow.UNKNOWN else told:
            yield said.format(of=window.of.capitalize(), why=window.why)
    for change in standing(sight.presence, inputs.as_of):
        yield f"Fewer can see: {said_of(change)}."
    for source, why in sorted(inputs.source_health.items()):
        if why and _sees(source):
            yield f"The source {source} is down: {why}."
    thin = inputs.records_read < table.enough_records or inputs.origins_read < table.enough_origins
    if inputs.records_read and thin:
        yield f"Words are thin: {inputs.records_read} document(s) from {inputs.origins_read} voice(s)."
    yield from _voices(inputs)


def _widest(windows: Sequence[Window]) -> Iterable[Window]:
    """The longest window of each group: where it tells nothing, the shorter ones tell nothing more."""
    return {w.of: w for w in sorted(windows, key=lambda w: w.days)}.values()


def _voices(inputs: Inputs) -> Iterator[str]:
    heard = inputs.sight.heard
    if heard.flood:
        yield f"{str(heard.flood).capitalize()}; a flood of new voices counts nothing."
    if heard.together > 1:
        yield f"{heard.together} origins that are not established here count together as one voice."
    if heard.unproven:
        told = f"{heard.unproven} origin(s) count by themselves and have no past here"
        yield f"{told}: the words of this home do not go back far enough to tell who is new."


def _sees(source: str) -> bool:
    try:
        return fact_sheet(source).group in EYES
    except UnknownId:
        return True
