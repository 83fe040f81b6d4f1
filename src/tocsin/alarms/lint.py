"""What no text of an alarm may do: state a crime as fact, rest on nothing, say less than its level.

A sentence that names a crime must speak of risk or allegation, close before the crime, or name the body that
found it. It is refused in doubt: texts are made from reviewed templates, so a fair sentence that is refused
costs a rewording, and a claim that passes costs trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz.distance import OSA

from tocsin.alarms.alarm import Level
from tocsin.alarms.bulletin import LANGUAGES, Bulletin, Dossier, Part, Scope, Statement
from tocsin.alarms.folding import fold
from tocsin.alarms.phrases import phrases
from tocsin.alarms.typed import COORDINATES
from tocsin.errors import NotAllowed

REACH = 8
"""Words between a hedge and the crime that it governs, at most."""
CRIME = "⟨crime⟩"
SENTENCE = re.compile(r"(?<=[.!?؟])\s+|\n+")
TOKEN = re.compile(r"[\w*]+")
CLAUSE = re.compile(r"[,;:،؛()\[\]\u2013\u2014]")


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of one language (lint.yml), folded."""

    crimes: re.Pattern[str]
    spelt: tuple[re.Pattern[str], ...]
    titles: re.Pattern[str]
    hedges: re.Pattern[str]
    after: re.Pattern[str]
    denied: re.Pattern[str]
    certain: re.Pattern[str]
    asserts: re.Pattern[str]
    joined: re.Pattern[str]
    found: tuple[re.Pattern[str], ...]
    softeners: re.Pattern[str]
    terms: re.Pattern[str]
    words: tuple[str, ...]


def claims(text: str) -> tuple[str, ...]:
    """The sentences that state a crime as a fact and name no body that found it, in any of the languages."""
    sentences = [s.strip() for s in SENTENCE.split(text) if s.strip()]
    found = [s for s in sentences if _claims(fold(s))]
    if not found and _hidden(fold(text)):
        return (text.strip(),)
    return tuple(found)


def checked(sentences: Sequence[str]) -> tuple[str, ...]:
    """The sentences as they are. Raises NotAllowed that quotes the first one that `claims` refuses."""
    for sentence in sentences:
        _refuse(sentence, "an alarm")
    return tuple(sentences)


def lint_reason(text: str) -> None:
    """Raises NotAllowed when a typed reason states a crime as a fact and names no body that found it."""
    _refuse(text, "a reason")


def weaker(text: str, level: Level, language: str) -> tuple[str, ...]:
    """In what way a finding says less than a level: its word missing, a lower one named, or softeners."""
    rules, words = _rules()[language], phrases(language)
    folded = fold(text)
    found = []
    own = fold(words.say(f"levels.{level.value}"))
    if not re.search(_whole(re.escape(own)), folded):
        found.append(f"it does not say {own!r}")
    rest = rules.terms.sub(" ", re.sub(_whole(re.escape(own)), " ", folded))
    for lower in (one for one in Level if 0 < one.step < level.step):
        word = fold(words.say(f"levels.{lower.value}"))
        if re.search(_whole(re.escape(word)), rest):
            found.append(f"it says {word!r}, a lower level")
    found += [f"{m[0]!r} makes it smaller" for m in rules.softeners.finditer(rest)]
    return tuple(found)


def faults(bulletin: Bulletin, dossier: Dossier) -> Iterator[str]:
    """All that is wrong with a bulletin, in words."""
    known = _evidence(dossier)
    for statement in bulletin.statements:
        unknown = [e for e in statement.evidence if e not in known and not e.startswith("rule:")]
        if unknown or not statement.evidence:
            yield f"{statement.text!r} rests on {unknown or 'nothing'}, which the alarm does not"
        for claim in claims(_own(statement)):
            yield f"it states a crime as a fact: {claim!r}; speak of risk, or name who found it"
        if bulletin.scope is Scope.PUBLIC:
            yield from _too_much(statement)
    yield from (f"its headline states a crime as a fact: {c!r}" for c in claims(bulletin.headline))
    finding = next((_own(s) for s in bulletin.part(Part.FINDING)), "")
    for where, text in (("headline", bulletin.headline), ("finding", finding)):
        for fault in weaker(text, bulletin.alarm.level, bulletin.language):
            yield f"its {where} is weaker than the level {bulletin.alarm.level}: {fault}"


def must_pass(bulletin: Bulletin, dossier: Dossier) -> None:
    """Raises NotAllowed that says the first fault of a bulletin."""
    for fault in faults(bulletin, dossier):
        where = f"{bulletin.alarm.row} in {bulletin.language}, {bulletin.scope.lower()}"
        raise NotAllowed(f"the text of {where} may not be told: {fault}")


def _own(statement: Statement) -> str:
    """The words that are ours: those of a quotation, its title too, are those of the source that it names."""
    return "" if statement.part is Part.HOW_KNOWN and statement.verbatim else statement.text


def _too_much(statement: Statement) -> Iterator[str]:
    if statement.part is Part.HOW_KNOWN and statement.verbatim:
        yield "words of a source stand in a public text"
    if COORDINATES.search(statement.text):
        yield "coordinates stand in a public text"


def _evidence(dossier: Dossier) -> set[str]:
    quoted = {q.signal for q in dossier.quotes} | {f.id for f in dossier.forecasts}
    return {*dossier.alarm.reasons, dossier.alarm.row, *quoted}


def _refuse(text: str, where: str) -> None:
    for claim in claims(text):
        raise NotAllowed(
            f"{where} may not state a crime as a fact: {claim!r}; speak of risk, or name who found it"
        )


def _claims(sentence: str) -> bool:
    """Whether a folded sentence states a crime, read as each language whose words for crimes it holds."""
    for rules in _rules().values():
        sentence = rules.titles.sub(" ", sentence)
    named = [rules for rules in _rules().values() if rules.crimes.search(sentence)]
    return bool(named) and not any(_fair(sentence, rules) for rules in named)


def _fair(sentence: str, rules: Rules) -> bool:
    sentence = rules.crimes.sub(f" {CRIME} ", sentence)
    if any(pattern.search(sentence) for pattern in rules.found):
        return True
    if rules.certain.search(sentence):
        return False
    return all(_governed(sentence, m.start(), m.end(), rules) for m in re.finditer(CRIME, sentence))


def _governed(sentence: str, start: int, end: int, rules: Rules) -> bool:
    """Whether a crime stands under a hedge: before it in its clause and close, or right after it."""
    if rules.after.match(sentence[end:].lstrip()):
        return True
    clause = CLAUSE.split(sentence[:start])[-1]
    hedges = list(rules.hedges.finditer(clause))
    if not hedges or len(clause[hedges[-1].end() :].split()) > REACH:
        return False
    between = clause[hedges[-1].end() :]
    if rules.joined.search(clause) and rules.asserts.match(sentence[end:].lstrip()):
        return False
    return not rules.denied.search(clause[: hedges[-1].end()]) and not rules.asserts.search(between)


def _hidden(folded: str) -> bool:
    """Whether the letters of a crime stand in the text with something put between or in place of one."""
    for rules in _rules().values():
        for pattern, word in zip(rules.spelt, rules.words, strict=True):
            for match in pattern.finditer(folded):
                if not all(part in match[0] for part in word.split()):
                    return True
            if " " not in word and any(_misspelt(token, word) for token in TOKEN.findall(folded)):
                return True
    return False


def _misspelt(token: str, word: str) -> bool:
    """Whether a token is one slip away from the word and is not a word for a crime itself."""
    if OSA.distance(token, word, score_cutoff=1) != 1:
        return False
    return not any(rules.crimes.search(token) for rules in _rules().values())


@cache
def _rules() -> Mapping[str, Rules]:
    data = yaml.load(files(__package__).joinpath("lint.yml").read_text("utf-8"), yaml.CSafeLoader)
    return {language: _compiled(data[language]) for language in LANGUAGES}


def _compiled(row: Mapping[str, Any]) -> Rules:
    joins = _any(row["joins"])
    crime = _any(row["crimes"])
    listed = rf"{crime}(?:(?:\s*[,،]\s*|\s+{joins}\s+|\s*[,،]\s*{joins}\s+)(?:\w{{1,4}}\s+)?{crime})*"
    bodies, finds, by = _any(map(re.escape, row["bodies"])), _any(row["finds"]), _any(row["by"])
    words = tuple(fold(word) for word in row["spelt"])
    return Rules(
        crimes=re.compile(_whole(listed)),
        spelt=tuple(re.compile(r"[\W_]*".join(map(_spread, word.split()))) for word in words),
        titles=re.compile(_any(map(re.escape, row["titles"]))),
        hedges=re.compile(_whole(_any(row["hedges"]))),
        after=re.compile(_any(row["after"])),
        denied=re.compile(
            rf"{_whole(_any(row['denials']))}(?:\W+\w+){{0,2}}\W+{_whole(_any(row['hedges']))}$"
        ),
        certain=re.compile(_whole(_any(row["certain"]))),
        asserts=re.compile(_whole(_any(row["asserts"]))),
        joined=re.compile(rf"(?<!\w){joins}\s*$"),
        found=(
            re.compile(rf"^[^⟨]*{bodies}[^⟨]*{_whole(finds)}.*{CRIME}"),
            re.compile(rf"^[^⟨]*{_whole(finds)}\W+{bodies}.*{CRIME}"),
            re.compile(rf"^[^⟨]*{_whole(finds)}[^⟨]*{_whole(by)}[^⟨]*{bodies}[^⟨]*{CRIME}"),
            re.compile(rf"{_whole(finds)}.*{CRIME}.*{_whole(by)}.*{bodies}"),
        ),
        softeners=re.compile(_whole(_any(row["softeners"]))),
        terms=re.compile(_whole(_any(row["terms"]))),
        words=words,
    )


def _spread(word: str) -> str:
    return r"[\W_]{0,2}".join(map(re.escape, word))


def _any(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(map(fold, patterns)) + ")"


def _whole(pattern: str) -> str:
    return rf"(?<!\w)(?:{pattern})(?!\w)"
