"""Acts: who was killed, arrested, driven out or left without help in a text, by whom, and in which words.

A `kill` is an act of the police, the army and their like; one by others, or by nobody named, is
`kill_by_others`, because a desk must not read a mob's victims as those of the state, nor the reverse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import InputError
from tocsin.signals.rules.lexicon import Hit, fold
from tocsin.signals.rules.passage import Part, Passage
from tocsin.signals.rules.timing import time_of
from tocsin.signals.signal import TimeStatus

DATA = Path(__file__).parent / "rules" / "acts.yml"
SIDES = ("state", "nonstate", "both", "unclear", "none", "nobody", "named")
_OLD = 2
_BACK = 60
"""Words that take an act back stand at most this many characters before it."""
_SUBJECT = 20
"""What stands at most this many characters before a verb is taken for its subject."""
_AGENT_LASTS = 2
_LONG_AGO = 99
"""An agent is still meant by "they", "nobody" or no word at all this many sentences after its name."""
_CLAUSE = re.compile(r"[;:]| but | however| although | though | while ")
_STATE = ("state_force", "act_state")
_NONSTATE = ("nonstate_force", "militia", "terror", "act_nonstate")
_SUFFERS = re.compile(r"\b(?:was|were|been|being|is|are|be)\b")
_LINK = re.compile(r",| when | as | after | who | where ")
_DENIES = re.compile(
    r"\b(?:den(?:y|ied|ies|ying|ial)|rul(?:ed|ing) out|rumou?rs?|no truth|reject|refut|dismiss|baseless)"
)


@dataclass(frozen=True, slots=True)
class Act:
    """One act: its type, text[start:end] that tells of it, and who did it (state, nonstate, unclear)."""

    type: str
    start: int
    end: int
    by: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    type: str
    by: str
    gate: frozenset[str]
    find: re.Pattern[str]
    near: bool
    after: str
    alone: bool
    active: bool
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    patterns: dict[str, tuple[_Pattern, ...]]
    concepts: dict[str, dict[str, Any]]
    words: dict[str, re.Pattern[str]]
    sides: dict[str, frozenset[str]]


@dataclass(slots=True)
class _Said:
    """What the sentences before have named: how long ago the state was, and whether it was firing."""

    state: int = _LONG_AGO
    fire: int = _LONG_AGO


def acts(doc: Passage) -> tuple[dict[str, Any], ...]:
    """The acts of a text in order, as `{type, start, end, by}`; at most one of a type in each sentence.

    Denied, supposed and long past acts, sport and deaths that nobody gave are left out.
    """
    return tuple(asdict(act) for found in by_sentence(doc) for act in found)


def side(doc: Passage, part: Part) -> str:
    """Who acts in one sentence: state, nonstate, both, unclear (harm done by nobody named) or none."""
    n = next(n for n, other in enumerate(doc.parts) if other is part)
    return _side(part, by_sentence(doc)[n])


def side_counts(doc: Passage, told: Sequence[Sequence[Act]]) -> dict[str, int]:
    """How many sentences tell of acts by state, nonstate, both, unclear; `none` tell of no act.

    `nobody` counts the sentences of hunger, sickness and floods, `named` those that name an armed or public
    body at all, whether it acts or not. `told` are the acts of each sentence.
    """
    found = zip(doc.parts, told, strict=True)
    counts = Counter(_side(part, made) for part, made in found)
    counts["nobody"] = sum(part.has(*_rules().sides["nobody"]) for part in doc.parts)
    counts["named"] = sum(bool(_agent(part)) for part in doc.parts)
    return {name: counts[name] for name in SIDES}


def _side(part: Part, made: Sequence[Act]) -> str:
    """The side of the acts of a sentence; else of those whose deeds its other words tell of.

    Hunger, sickness, floods and flight from them are nobody's act.
    """
    sides = _rules().sides
    natural = part.has(*sides["nobody"])
    by = {act.by for act in made if not (natural and act.by == "unclear" and act.type in sides["soft"])}
    by |= {name for name in ("state", "nonstate") if part.has(*sides[name])}
    if not by - {"unclear"} and part.has(*sides["harm"]):
        by.add(_agent(part) or ("none" if natural else "unclear"))
    named = by - {"unclear", "none"}
    if "both" in named or len(named) > 1:
        return "both"
    return named.pop() if named else "unclear" if "unclear" in by else "none"


@lru_cache(maxsize=4)
def by_sentence(doc: Passage) -> tuple[tuple[Act, ...], ...]:
    """The acts of each sentence, in order (see `acts`)."""
    said, found = _Said(), []
    for part in doc.parts:
        said.state, said.fire = said.state + 1, said.fire + 1
        old = bool(part.years) and max(part.years) <= doc.writing_year - _OLD
        made = {} if old else {act.type: act for act in _told(doc, part)}
        if not old and "act_" in "".join(part.hits):
            made |= {act.type: act for act in _patterned(doc, part, said)}
        found.append(tuple(sorted(made.values(), key=lambda act: (act.start, act.end, act.type))))
    return tuple(found)


def _told(doc: Passage, part: Part) -> Iterator[Act]:
    """The acts that a concept's words tell of by themselves, in any language."""
    known = _rules().concepts
    for name in sorted(part.hits.keys() & known.keys()):
        row, hit = known[name], part.hits[name][0]
        if row.get("patterns") and doc.language in ("en", ""):
            continue
        if time_of(doc, part, hit.start, hit.end, frozenset()) is TimeStatus.DENIED:
            continue
        by = _doer(doc, part, hit) or row.get("by", "unclear")
        kind = "kill_by_others" if row["type"] == "kill" and by != "state" else row["type"]
        yield Act(kind, hit.start, hit.end, by)


def _agent(part: Part) -> str:
    state, nonstate = part.has(*_STATE), part.has(*_NONSTATE)
    return ("both" if nonstate else "state") if state else "nonstate" if nonstate else ""


def _doer(doc: Passage, part: Part, hit: Hit) -> str:
    """Who does what the words of a hit tell: in English the one after "by", else the subject before them."""
    if doc.language not in ("en", ""):
        return _agent(part)
    agents = sorted((h, name) for name in (*_STATE, *_NONSTATE) for h in part.hits.get(name, ()))
    text, doer = doc.text, ""
    for agent, name in agents:
        who = "state" if name in _STATE else "nonstate"
        if agent.end <= hit.start and not _SUFFERS.search(text, agent.end, hit.start):
            doer = who
        if 0 <= agent.start - hit.end <= _BACK and " by " in text[hit.end - 1 : agent.start]:
            return who
    return doer


def _patterned(doc: Passage, part: Part, said: _Said) -> Iterator[Act]:
    text = fold(doc.text[part.span.start : part.span.end])
    rules = _rules()
    if part.has("act_state"):
        said.state = 0
    if rules.words["never"].search(text):
        return
    if "act_fire" in part.hits and _firing(text, said):
        said.fire = 0
    elif "act_dead" in part.hits and _by_others(text):
        said.fire = _LONG_AGO
    other = rules.words["nonstate"].search(text) is not None
    taken: list[tuple[int, int]] = []
    for kind, patterns in rules.patterns.items():
        match = next(_matches(patterns, part, text, said), None)
        if match is None:
            continue
        pattern, start, end = match
        if kind == "kill_by_others" and _taken(text, taken, rules):
            continue
        taken += [(start, end)] if kind == "kill" else []
        by = pattern.by or ("nonstate" if other else "unclear")
        yield Act(kind, part.span.start + start, part.span.start + end, by)


def _firing(text: str, said: _Said) -> bool:
    """Whether the state is said to shoot in a sentence, by name or as the "they" of the one before."""
    words = _rules().words
    shot = words["shots"].search(text)
    if shot is None or _by_others(text) or _taken_back(text, 0, shot.end()):
        return False
    return said.state == 1 or words["acting"].search(text) is not None


def _taken_back(text: str, start: int, end: int) -> bool:
    words = _rules().words
    return bool(words["not"].search(text, start, end) or words["unless"].search(text, start, end))


def _taken(text: str, taken: list[tuple[int, int]], rules: _Rules) -> bool:
    """Whether all the deaths of a sentence are told as those by the state."""
    return bool(taken) and not any(
        not any(start <= found.start() < end for start, end in taken)
        for found in rules.words["murder"].finditer(text)
    )


def _matches(
    patterns: tuple[_Pattern, ...], part: Part, text: str, said: _Said
) -> Iterator[tuple[_Pattern, int, int]]:
    for pattern in patterns:
        if not pattern.gate <= part.hits.keys():
            continue
        if (pattern.near and said.state > _AGENT_LASTS) or (pattern.after and said.fire > _AGENT_LASTS):
            continue
        if pattern.alone and _by_others(text):
            continue
        if not all(_rules().words[name].search(text) for name in pattern.needs):
            continue
        for found in pattern.find.finditer(text):
            if _holds(pattern, text, found.start(), found.end()):
                yield pattern, found.start(), found.end()


def _by_others(text: str) -> bool:
    words = _rules().words
    return bool(words["by_others"].search(text) or words["method"].search(text))


def _holds(pattern: _Pattern, text: str, start: int, end: int) -> bool:
    """Whether the words are not taken back, and the state is not what somebody else attacks."""
    opened = max((m.end() for m in _CLAUSE.finditer(text, 0, start)), default=0)
    before = max(opened, start - _BACK)
    words = _rules().words
    if pattern.type == "fail_to_act":
        tail = max(opened, start - _SUBJECT)
        of_others = pattern.near and words["nonstate"].search(text, tail, start)
        supposed = words["fears"].search(text, opened, start)
        return not (of_others or supposed or _DENIES.search(text, opened, start))
    if _taken_back(text, before, end):
        return False
    if not pattern.active:
        return True
    first = words["nonstate"].search(text, opened, start)
    return first is None or _LINK.search(text, first.end(), start) is not None


@cache
def _rules() -> _Rules:
    """The reviewed patterns. Raises InputError when one of them is not a regular expression."""
    raw = yaml.load(DATA.read_text(encoding="utf-8"), yaml.CSafeLoader)
    words: dict[str, str] = {}
    for name, text in raw["words"].items():
        words[name] = _filled(text, words)
    found: dict[str, list[_Pattern]] = {}
    for row in raw["acts"]:
        found.setdefault(row["type"], []).append(_pattern(row, words))
    said = words | {name: _filled(raw[name], words) for name in ("not", "unless", "fears", "never")}
    order = ("force", "kill", "kill_by_others", *found)
    return _Rules(
        {kind: tuple(found[kind]) for kind in order},
        raw["concepts"],
        {name: _compiled(text, name) for name, text in said.items()},
        {name: frozenset(listed) for name, listed in raw["sides"].items()},
    )


def _pattern(row: dict[str, Any], words: dict[str, str]) -> _Pattern:
    return _Pattern(
        type=row["type"],
        by=row["by"],
        gate=frozenset(row["gate"]),
        find=_compiled(_filled(row["find"], words), row["find"]),
        near=row.get("near", False),
        after=row.get("after", ""),
        alone=row.get("alone", False),
        active=row.get("active", False),
        needs=tuple(row.get("needs", ())),
    )


def _filled(text: str, words: dict[str, str]) -> str:
    """A pattern with its named pieces and gaps written out; a line end after a bar means nothing."""
    text = re.sub(r"\|\s+", "|", text.strip())
    for name, piece in words.items():
        text = text.replace("{" + name + "}", piece)
    return text.replace("~", r"(?:(?!said|told)[^.;:]){0,60}? ").replace("_", r"(?:[\w'-]+,? ){0,4}?")


def _compiled(text: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(rf"\b(?:{text})(?!\w)")
    except re.error as error:
        raise InputError(f"pattern {where!r}: {error}", str(DATA), "write a regular expression") from None
