"""How an alarm is known, and how surely: quotations with date and link, forecasts with range and average."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tocsin.alarms.bulletin import Part, Quoted, Scope, Statement
from tocsin.alarms.phrases import capital, isolated
from tocsin.alarms.tale import Tale
from tocsin.alarms.typed import plain
from tocsin.alarms.words import probability_word
from tocsin.assessment.figures import weights
from tocsin.forecasting.forecast import Forecast

CLAIM = "sig-"
SHOWN = 12
"""Claims that are quoted; the others are counted."""


def how_known(tale: Tale) -> Iterator[Statement]:
    """How many claims by how many origins from when to when; but for the public the words of each, linked."""
    voice, quotes = tale.voice, tale.dossier.quotes
    at_hand = {q.signal for q in quotes}
    gone = tuple(r for r in tale.alarm.reasons if r.startswith(CLAIM) and r not in at_hand)
    if quotes:
        yield tale.state(Part.HOW_KNOWN, _counted(tale, quotes), tuple(q.signal for q in quotes))
    elif not gone and not tale.by_expert:
        yield tale.state(Part.HOW_KNOWN, voice.say("how_known.figures"), tale.grounds)
    if tale.by_expert:
        named = tale.alarm.reasons
        yield tale.state(Part.HOW_KNOWN, voice.say("expert.evidence", n=len(named)), named)
    yield from _publishers(tale)
    if tale.scope is not Scope.PUBLIC:
        yield from _quotations(tale, quotes)
    if gone:
        yield tale.state(Part.HOW_KNOWN, voice.say("how_known.gone", n=len(gone)), gone)


def _publishers(tale: Tale) -> Iterator[Statement]:
    """Whose figures the rule compares."""
    fields = tale.rule.fields if tale.rule else ()
    columns = {field.split(".")[1] for field in fields if field.startswith("figure.")}
    feeds = sorted({rule.feed for rule in weights().figures if rule.column in columns})
    if feeds:
        names = tale.voice.table["separator"].join(tale.voice.say(f"datasets.{feed}") for feed in feeds)
        yield tale.state(Part.HOW_KNOWN, tale.voice.say("how_known.publishers", names=names), tale.grounds)


def _quotations(tale: Tale, quotes: Sequence[Quoted]) -> Iterator[Statement]:
    chosen = shown(quotes)
    for quote in chosen:
        yield _quoted(tale, quote)
    rest = [q for q in quotes if q not in chosen]
    if rest:
        told = tale.voice.say("how_known.more", n=len(rest))
        yield tale.state(Part.HOW_KNOWN, told, tuple(q.signal for q in rest))


def shown(quotes: Sequence[Quoted]) -> list[Quoted]:
    """The claims to quote: newest first and each origin in turn, so that no loud origin fills the page."""
    by_origin: dict[str, list[Quoted]] = {}
    public = (q for q in quotes if q.sensitivity == "public")
    for quote in sorted(public, key=lambda q: (str(q.published or ""), q.signal), reverse=True):
        by_origin.setdefault(quote.origin, []).append(quote)
    turns = zip_longest(*by_origin.values())
    return [q for turn in turns for q in turn if q is not None][:SHOWN]


def _counted(tale: Tale, quotes: Sequence[Quoted]) -> str:
    counts = {"claims": len(quotes), "origins": len({q.origin for q in quotes})}
    days = sorted(q.published for q in quotes if q.published is not None)
    if not days:
        return tale.voice.fill("how_known.undated", counts)
    key = "how_known.claims" if days[0] != days[-1] else "how_known.claims_of_a_day"
    return tale.voice.fill(key, {**counts, "first": days[0], "last": days[-1]})


def _quoted(tale: Tale, quote: Quoted) -> Statement:
    voice, words = tale.voice, plain(quote.words)
    marks = voice.table["quotation"]
    text = voice.say(
        "how_known.quoted" if quote.title else "how_known.untitled",
        source=plain(quote.source),
        day=voice.day(quote.published) if quote.published else voice.say("how_known.no_day"),
        tongue=voice.tongue(quote.language),
        title=marks.format(words=isolated(plain(quote.title, 120), voice.direction)),
        words=marks.format(words=isolated(words, voice.direction)),
    )
    return Statement(Part.HOW_KNOWN, text, (quote.signal,), quote.url, words, quote.language)


def how_sure(tale: Tale) -> Iterator[Statement]:
    """Each forecast with its fixed word, number, range, average and rank; else that there is none."""
    if tale.dossier.forecasts:
        for forecast in tale.dossier.forecasts:
            yield tale.state(Part.HOW_SURE, _chance(tale, forecast), (forecast.id,))
        return
    compared = tale.rule is not None and any(f.startswith("forecast.") for f in tale.rule.fields)
    key = "how_sure.gone" if compared else "expert.not_sure" if tale.by_expert else "how_sure.none"
    yield tale.state(Part.HOW_SURE, tale.voice.say(key), tale.grounds)


def _chance(tale: Tale, forecast: Forecast) -> str:
    voice = tale.voice
    outcome = voice.say(f"outcomes.{forecast.outcome}", months=forecast.horizon_months)
    return voice.say(
        "how_sure.forecast",
        outcome=capital(outcome),
        word=probability_word(forecast.probability, voice.language),
        p=voice.percent(forecast.probability),
        low=voice.percent(forecast.low),
        high=voice.percent(forecast.high),
        base=voice.percent(forecast.base_rate),
        rank=forecast.rank,
        of=forecast.of,
    )
