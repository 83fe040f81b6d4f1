"""Sentences that earlier steps made in English, told in another language: known by their form, slot by slot.

What is not known and why a level is kept is said in English where it is found out (assessment/blind, doubt;
alarms/judge). The forms below are theirs; a test makes every sentence of theirs and looks for one without a
form. The words of a source, and reasons that a machine gave, stay in English inside the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from tocsin.alarms.phrases import Phrases
from tocsin.alarms.typed import plain
from tocsin.assessment.figures import weights
from tocsin.errors import InputError

DAY = r"(?P<day>\d{4}-\d\d-\d\d)"
_FORMS = {
    "gaps.no_document": rf"No document about .+ was read in the (?P<days>\d+) days before {DAY}\.",
    "gaps.newest_document": rf"The newest document about .+ is of {DAY}.*\.",
    "gaps.few_documents": (
        rf"Only (?P<n>\d+) document\(s\) about .+ were read in the (?P<days>\d+) days before {DAY}\."
    ),
    "gaps.undated": r"(?P<n>\d+) claim\(s\) without a date were not counted\.",
    "gaps.figures_too_old": r"(?P<publisher>.+) figures end in (?P<year>\d+), too old to count\.",
    "gaps.figures_end": r"(?P<publisher>.+) figures end in (?P<year>\d+)\.",
    "gaps.no_figures": r"No (?P<publisher>.+) figures on .+ \(not covered\)\.",
    "gaps.no_figures_because": r"No (?P<publisher>.+) figures on [^(]+ \((?P<text>.+)\)\.",
    "gaps.source_down": r"The source (?P<source>\S+) is down: (?P<text>.+)",
    "gaps.no_reading": r"No reading of (?P<factors>RF.+): nothing is known there, for better or worse\.",
    "gaps.fewer_reports": r"There are fewer reports in the home than at an earlier turn; that lowers .+\.",
    "gaps.dropped_gone": r"Reports dropped, and those who could see are gone\.",
    "gaps.dropped_shut": r"Reports dropped, and words say that witnesses or channels are shut out\.",
    "gaps.flow_dropped": r"(?P<of>.+): reports dropped, (?P<text>.+)",
    "gaps.flow_fewer": r"(?P<of>.+): fewer reports, (?P<text>.+)",
    "gaps.flow_unknown": r"(?P<of>.+): what to expect is not known yet, (?P<text>.+)",
    "gaps.fewer_see": r"Fewer can see: (?P<text>.+)",
    "gaps.thin": r"Words are thin: (?P<n>\d+) document\(s\) from (?P<voices>\d+) voice\(s\)\.",
    "gaps.flood": r"(?P<text>.+); a flood of new voices counts nothing\.",
    "gaps.together": r"(?P<n>\d+) origins that are not established here count together as one voice\.",
    "gaps.unproven": r"(?P<n>\d+) origin\(s\) count by themselves and have no past here: .+",
    "gaps.unknown": r"Neither words nor figures on violence were read: the risk is unknown, .+",
    "gaps.nothing_fires": r"No rule fires on what was read; what was not read is listed beside\.",
    "gaps.kept": rf"The level (?P<level>\w+) of {DAY} or before is kept: (?P<why>.+)\.",
}
_HELD = {
    "held.ruleless": r"its rule (?P<rule>\S+) is no longer in the policy; it stays until it expires",
    "held.above": r"the measures of (?P<rule>\S+) are still above (?P<ratio>[\d.]+) of their thresholds",
    "held.unread": rf"not measured [^:]+: (?P<text>.+), since {DAY}; silence does not lower a level",
}
FORMS = {key: re.compile(form) for key, form in _FORMS.items()}
HELD = {key: re.compile(form) for key, form in _HELD.items()}
LONGEST = 1000
"""Characters of a sentence that is looked at; a longer one has no form."""
WHOLE = {"n", "days", "voices"}


def gap(sentence: str, voice: Phrases, place: str) -> tuple[str, str] | None:
    """The sentence in the language and the English words in it, or None when its form is not known."""
    line = plain(sentence, LONGEST)
    for key, form in FORMS.items():
        found = form.fullmatch(line)
        if found:
            return _told(key, found.groupdict(), voice, place)
    return None


def _told(key: str, found: Mapping[str, str], voice: Phrases, place: str) -> tuple[str, str] | None:
    values: dict[str, object] = {"place": place}
    verbatim = ": ".join(found[name] for name in ("of", "text") if name in found).rstrip(".")
    for name, text in found.items():
        values[name] = int(text) if name in WHOLE else text
    try:
        values |= _named(found, voice)
    except (KeyError, ValueError, InputError):
        return None
    if "text" in found:
        values["text"] = verbatim
    if "why" in found:
        why = _why(found["why"], voice)
        if why is None:
            return None
        values["why"], verbatim = why
    return voice.fill(key, values), verbatim


def _named(found: Mapping[str, str], voice: Phrases) -> dict[str, object]:
    """Days, publishers, factors and levels by their names in the language. Raises for one that has none."""
    values: dict[str, object] = {}
    if "day" in found:
        values["day"] = date.fromisoformat(found["day"])
    if "publisher" in found:
        ids = {label.casefold(): id for id, label in weights().publishers.items()}
        values["publisher"] = voice.say(f"publishers.{ids[found['publisher'].casefold()]}")
    if "factors" in found:
        codes = [code.strip() for code in found["factors"].split(",")]
        values |= {
            "factors": voice.table["separator"].join(voice.say(f"factors.{c}") for c in codes),
            "n": len(codes),
        }
    if "level" in found:
        values["level"] = voice.say(f"levels.{found['level']}")
    return values


def _why(text: str, voice: Phrases) -> tuple[str, str] | None:
    """Why a level is kept, and the English words in it."""
    for key, form in HELD.items():
        found = form.fullmatch(text)
        if found:
            values: dict[str, object] = dict(found.groupdict())
            if "ratio" in values:
                values["ratio"] = voice.number(float(found["ratio"]), 2)
            return voice.fill(key, {**values, **_named(found.groupdict(), voice)}), str(
                values.get("text", "")
            )
    return None
