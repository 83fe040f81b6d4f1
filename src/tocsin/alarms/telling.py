"""An alarm in words: finding first, what is known and how, how sure, what is not known, what would change it.

One template set in four languages (tellings/); every sentence names what it rests on and passes `lint`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.alarms.alarm import AlarmState, Level
from tocsin.alarms.bulletin import Bulletin, Dossier, Part, Scope, Statement
from tocsin.alarms.gaps import gap
from tocsin.alarms.grounds import how_known, how_sure
from tocsin.alarms.lint import must_pass
from tocsin.alarms.message import slots
from tocsin.alarms.phrases import capital, isolated, phrases
from tocsin.alarms.policy import Policy, policy
from tocsin.alarms.tale import Tale
from tocsin.alarms.tipping import change_of_mind, measured
from tocsin.alarms.typed import plain

TOLD_ELSEWHERE = ("In fixed words: ", "Rests on ")
"""Beginnings of stored sentences whose matter has a part of its own: how sure, what was withdrawn."""
LONGEST_HEADLINE = 160


def tell(dossier: Dossier, language: str, scope: Scope, rules: Policy | None = None) -> Bulletin:
    """The bulletin of an alarm in one of `LANGUAGES` for one kind of reader.

    A proposal can be told too, and says so first: people read what they sign. `rules` is the policy, the
    shipped one when None. Raises UnknownId for another language, InputError for a rule without a sentence in
    it, and NotAllowed when the text states a crime as a fact or is weaker than the level.
    """
    tale = Tale(dossier, phrases(language), scope, rules or policy())
    bulletin = Bulletin(
        alarm=dossier.alarm,
        language=language,
        scope=scope,
        place=tale.place,
        headline=_headline(tale),
        statements=(
            *_finding(tale),
            *_known(tale),
            *how_known(tale),
            *how_sure(tale),
            *_not_known(tale),
            *change_of_mind(tale),
            *_standing(tale),
        ),
        note=tale.voice.say("note"),
        direction=tale.voice.direction,
        titles={part.value: tale.voice.say(f"titles.{part.value}") for part in Part},
        forecasts=tuple(dossier.forecasts),
    )
    must_pass(bulletin, dossier)
    return bulletin


def _headline(tale: Tale) -> str:
    line = tale.voice.say(
        "headline",
        prefix=tale.prefix,
        level=capital(tale.level_word()),
        place=tale.place,
        family=tale.family,
    )
    return line if len(line) <= LONGEST_HEADLINE else line[: LONGEST_HEADLINE - 1].rsplit(" ", 1)[0] + "…"


def _finding(tale: Tale) -> Iterator[Statement]:
    alarm, voice = tale.alarm, tale.voice
    verbatim = ""
    if _translated(tale):
        sentence = voice.fill(f"rules.{alarm.rule}", alarm.measured)
    else:
        sentence = verbatim = plain(alarm.sentences[0]) if alarm.sentences else ""
    text = voice.say(
        "finding", prefix=tale.prefix, place=tale.place, level=tale.level_word(), sentence=sentence
    ).strip()
    yield tale.state(Part.FINDING, text, tale.grounds, verbatim=verbatim)


def _known(tale: Tale) -> Iterator[Statement]:
    alarm, voice = tale.alarm, tale.voice
    if tale.dossier.withdrawn:
        yield tale.quoting(Part.KNOWN, "known.withdrawn", tale.dossier.withdrawn, tale.grounds, "en")
    if tale.by_expert and not alarm.origins:
        yield tale.state(Part.KNOWN, voice.say("expert.no_origin"), tale.grounds)
    elif alarm.origins or not tale.dossier.quotes:
        yield tale.state(Part.KNOWN, voice.say("known.origins", n=alarm.origins), tale.grounds)
    yield from measured(tale)
    if alarm.forecast_rule:
        yield tale.state(Part.KNOWN, voice.say("known.forecast_too"), tale.grounds)
    stored = [s for s in alarm.sentences[1:] if not s.startswith(TOLD_ELSEWHERE)]
    untold = [s for s in stored if gap(s, voice, tale.place) is None]
    if voice.language != "en" and (untold or not _translated(tale)):
        yield tale.state(Part.KNOWN, voice.say("known.stored"), (alarm.row,))
    for sentence in stored:
        yield _in_any_language(tale, Part.KNOWN, sentence)


def _translated(tale: Tale) -> bool:
    """Whether the sentence of its rule can be said with what was measured; older alarms hold no numbers."""
    key = f"rules.{tale.alarm.rule}"
    return tale.voice.has(key) and set(slots(tale.voice.table[key])) <= set(tale.alarm.measured)


def _in_any_language(tale: Tale, part: Part, sentence: str) -> Statement:
    """A stored English sentence in the bulletin's language when its form is known, else as it stands."""
    told = gap(sentence, tale.voice, tale.place)
    text, english = told or (plain(sentence), plain(sentence))
    return tale.state(part, text, (tale.alarm.row,), verbatim=english)


def _not_known(tale: Tale) -> Iterator[Statement]:
    for sentence in tale.alarm.unknowns:
        yield _in_any_language(tale, Part.NOT_KNOWN, sentence)
    if not tale.alarm.unknowns:
        yield tale.state(Part.NOT_KNOWN, tale.voice.say("not_known.none"), (tale.alarm.row,))


def _standing(tale: Tale) -> Iterator[Statement]:
    alarm, voice, rested = tale.alarm, tale.voice, (tale.alarm.row,)
    raised = tale.by_expert and alarm.state is AlarmState.PROPOSED
    key = "expert.proposed" if raised else f"standing.{alarm.state.value}"
    told = voice.say(key, day=alarm.recorded.date(), rule=alarm.rule)
    yield tale.state(Part.STANDING, told, rested)
    yield from _signed(tale)
    if alarm.state.open:
        yield tale.state(Part.STANDING, voice.say("standing.until", day=alarm.expires), rested)
    if alarm.in_force and alarm.in_force_until and alarm.in_force != alarm.revision:
        force = {"revision": alarm.in_force, "day": alarm.in_force_until}
        yield tale.state(Part.STANDING, voice.fill("standing.in_force", force), rested)
    since = {"day": alarm.first_crossing, "as_of": alarm.as_of.date(), "revision": alarm.revision}
    yield tale.state(
        Part.STANDING, voice.fill("expert.since" if tale.by_expert else "standing.since", since), rested
    )
    for key, url in (("page", tale.dossier.self_url), ("record", tale.dossier.record_url)):
        if url:
            yield tale.state(Part.STANDING, voice.say(f"standing.{key}", url=url), rested, url=url)


def _signed(tale: Tale) -> Iterator[Statement]:
    """Who moved it: how many for everyone, by name in private only; every dissent as it was typed."""
    alarm, voice, rested = tale.alarm, tale.voice, (tale.alarm.row,)
    if tale.dossier.judgement:
        yield tale.typed("expert.reason", tale.dossier.judgement)
    if tale.scope is Scope.PRIVATE and tale.dossier.expert:
        name = isolated(plain(tale.dossier.expert), voice.direction)
        yield tale.state(Part.STANDING, voice.say("expert.name", names=name), rested)
    if tale.dossier.override:
        yield tale.typed("standing.overridden", tale.dossier.override)
    elif alarm.state.public:
        yield tale.state(Part.STANDING, voice.say("standing.signed"), rested)
    if alarm.state in (AlarmState.REFUSED, AlarmState.CANCELLED, AlarmState.CLOSED):
        yield tale.typed("standing.reason", alarm.why)
    if tale.scope is Scope.PRIVATE and tale.dossier.signers:
        names = voice.joined(isolated(plain(n), voice.direction) for n in tale.dossier.signers)
        yield tale.state(Part.STANDING, voice.say("standing.signers", names=names), rested)
    for dissent in tale.dossier.dissents:
        yield tale.typed("standing.dissent", dissent)


def level_word(level: Level, language: str) -> str:
    """The word of a level in one of the languages."""
    return phrases(language).say(f"levels.{level.value}")
