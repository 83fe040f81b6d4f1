"""From figures, words and forecasts to a belief about one place; never without what was not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tocsin.assessment.absent import absences, rules
from tocsin.assessment.belief import Assessment, Coverage, FactorReading, Missing, RightsTrend, Seen
from tocsin.assessment.blind import blind_spots
from tocsin.assessment.doubt import in_home, uncertainty, unseen
from tocsin.assessment.figures import FACTORS, Figure, FigureRule, value_text, weights
from tocsin.assessment.inputs import Inputs
from tocsin.assessment.past import law
from tocsin.assessment.trend import factor_trend, rights_trend
from tocsin.assessment.words import WITHDRAWN, recent, risks, strength
from tocsin.evidence import content_id
from tocsin.signals.signal import Signal
from tocsin.signals.stories import independent_origins


def assess(iso3: str, inputs: Inputs) -> Assessment:
    """What is believed about a place as of a date: 14 readings, coverage and reasons."""
    found = {column: inputs.figures(column) for column in weights().columns}
    trend = rights_trend(inputs)
    readings = tuple(_reading(factor, inputs, found, trend) for factor in FACTORS)
    used = tuple(i for r in readings for i in r.signals)
    doubt, because = uncertainty(inputs)
    coverage = _coverage(readings, inputs, found)
    return Assessment(
        id=content_id("asm", inputs.run, iso3, inputs.as_of.isoformat()),
        run=inputs.run,
        iso3=iso3,
        as_of=inputs.as_of,
        readings=readings,
        coverage=coverage,
        forecasts=tuple(f.id for f in inputs.forecasts),
        reasons=tuple(dict.fromkeys(used)),
        no_data=coverage.records == 0 and not used and not _core_read(inputs, found),
        recorded=inputs.recorded,
        protective=tuple(s.id for s in recent(inputs.signals, inputs.as_of) if s.protective),
        uncertainty=doubt,
        uncertain_because=because,
        trend=trend,
    )


def _core_read(inputs: Inputs, found: Mapping[str, Figure]) -> bool:
    """Whether any figure on violence itself counts: laws and liberties alone do not make a place known."""
    table = weights()
    return any(_counts(table.rule(column), found[column], inputs.as_of) for column in table.core)


def _reading(
    factor: str, inputs: Inputs, found: Mapping[str, Figure], trend: RightsTrend | None
) -> FactorReading:
    words, gone = risks(inputs.signals, inputs.as_of, (factor,)), absences(factor, inputs)
    aside = risks(inputs.sight.heard.aside, inputs.as_of, (factor,))
    shown = [
        (rule, figure)
        for rule in weights().of(factor)
        if _counts(rule, figure := found[rule.column], inputs.as_of)
    ]
    by_figures = max((rule.strength(figure.value or 0.0) for rule, figure in shown), default=0.0)
    risen = trend.why if trend and trend.alert and factor in law().shown_in else ""
    by_signs = max(rules().strength if gone else 0.0, law().strength if risen else 0.0)
    level = max(by_figures, strength(words), by_signs)
    seen = Seen.PRESENT if words or level >= weights().present_from else Seen.NOT_SEEN
    missing, why = None, ""
    if seen is Seen.NOT_SEEN and not any(rule.clears for rule, _ in shown):
        missing, why = _why_missing(factor, inputs, found)
    return FactorReading(
        factor=factor,
        seen=Seen.NO_READING if missing else seen,
        strength=0.0 if missing else round(level, 4),
        missing=missing,
        why_missing=why,
        signals=tuple(s.id for s in words),
        origins=independent_origins(words),
        figures=tuple(_shown(rule, figure) for rule, figure in shown),
        newest=_newest(words, shown, inputs),
        absences=gone,
        set_aside=str(inputs.sight.heard.flood or "") if aside else "",
        aside=tuple(s.id for s in aside),
        trend=factor_trend(factor, inputs),
        risen=risen,
    )


def _counts(rule: FigureRule, figure: Figure, as_of: datetime) -> bool:
    return figure.value is not None and figure.year is not None and as_of.year - figure.year <= rule.oldest


def _shown(rule: FigureRule, figure: Figure) -> tuple[str, str, str, str]:
    return (rule.label, value_text(figure.value or 0.0), weights().publishers[rule.feed], str(figure.year))


def _newest(words: Sequence[Signal], shown: Sequence[tuple[FigureRule, Figure]], inputs: Inputs) -> str:
    if words:
        return max(str(s.known) for s in words)
    if shown:
        return str(max(figure.year or 0 for _, figure in shown))
    return inputs.newest_record


def _why_missing(factor: str, inputs: Inputs, found: Mapping[str, Figure]) -> tuple[Missing | None, str]:
    """Why a factor has no reading, or None when enough was read to say "not seen"."""
    table = weights()
    if any(s.factor == factor and s.review in WITHDRAWN and _known(s, inputs) for s in inputs.signals):
        return Missing.WITHDRAWN, "what was read on it was withdrawn after review"
    if factor in table.conflict_factors and _no_conflict(inputs, found):
        year = found[table.conflict_column].year
        return Missing.NOT_APPLICABLE, f"no armed conflict in the figures of {year}; it needs one"
    if inputs.records_read >= table.enough_records and inputs.origins_read >= table.enough_origins:
        return None, ""
    return _words_gap(inputs) if not table.of(factor) else _figures_gap(factor, inputs, found)


def _no_conflict(inputs: Inputs, found: Mapping[str, Figure]) -> bool:
    """Whether covered figures show no armed conflict; words of unrest today make that unknown again."""
    table = weights()
    figure = found[table.conflict_column]
    if not _counts(table.rule(table.conflict_column), figure, inputs.as_of) or figure.value is None:
        return False
    return figure.value < table.conflict_at_least and not risks(inputs.signals, inputs.as_of, ("RF1",))


def _words_gap(inputs: Inputs) -> tuple[Missing, str]:
    feeds = weights().publishers
    down = [f"{source}: {why}" for source, why in inputs.source_health.items() if why and source not in feeds]
    if inputs.records_read == 0 and down:
        return Missing.SOURCE_DOWN, f"no document about {inputs.name} was read; " + "; ".join(down)
    if inputs.records_read == 0:
        return Missing.NOT_COVERED, f"no document about {inputs.name} was read"
    few = f"only {inputs.records_read} document(s) from {inputs.origins_read} origin(s) were read"
    return Missing.NOT_COVERED, f"{few}: too few to say that it is not there"


def _figures_gap(factor: str, inputs: Inputs, found: Mapping[str, Figure]) -> tuple[Missing, str]:
    gaps = {rule.label: _gap(rule, found[rule.column], inputs.as_of) for rule in weights().of(factor)}
    why = "; ".join(f"{label}: {text}" for label, text in gaps.items())
    down = [inputs.source_health.get(rule.feed, "") for rule in weights().of(factor)]
    if any(down):
        return Missing.SOURCE_DOWN, f"{'; '.join(dict.fromkeys(filter(None, down)))} ({why})"
    named = {found[rule.column].missing.partition(":")[0].strip() for rule in weights().of(factor)}
    for kind in (Missing.WITHDRAWN, Missing.WITHHELD, Missing.NOT_APPLICABLE):
        if named == {kind.value}:
            return kind, why
    return Missing.NOT_COVERED, f"{why}; {_words_gap(inputs)[1]}"


def _gap(rule: FigureRule, figure: Figure, as_of: datetime) -> str:
    if _counts(rule, figure, as_of):
        return "low, which alone does not rule it out"
    if figure.value is not None:
        return f"newest is {figure.year}, too old to count (at most {rule.oldest} years)"
    kind, _, why = figure.missing.partition(":")
    return why.strip() if why and kind in set(Missing) else figure.missing or "not covered"


def _known(signal: Signal, inputs: Inputs) -> bool:
    return signal.known is not None and signal.known.end <= inputs.as_of


def _coverage(readings: Sequence[FactorReading], inputs: Inputs, found: Mapping[str, Figure]) -> Coverage:
    years = {rule.column: found[rule.column].year for rule in weights().figures}
    counted = {rule.column for rule in weights().figures if _counts(rule, found[rule.column], inputs.as_of)}
    return Coverage(
        records=inputs.records_read,
        origins=inputs.origins_read,
        newest_record=inputs.newest_record,
        newest_figure=str(max((years[c] or 0 for c in counted), default="")),
        factors_read=sum(r.seen is not Seen.NO_READING for r in readings),
        figures_read=len(counted),
        blind=tuple(dict.fromkeys((*unseen(inputs), *blind_spots(readings, found, inputs)))),
        in_home=in_home(inputs),
    )
