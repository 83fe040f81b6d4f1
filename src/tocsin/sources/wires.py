"""The news agency that an item states as its own: then the agency speaks, not the paper that carries it.

Only the agencies of data/agencies.yml count, so that nobody makes new voices by inventing datelines. A text
that merely tells of an agency is no copy of it: the agency must stand in the dateline, behind the last
sentence, or as author or source of the item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tocsin.sources.origins import DATA, agency_domains, host_of, registrable

HEAD, TAIL = 160, 80
"""Characters of a line in which a dateline, and of a text in which a credit at its end is looked for."""

LINES = 2
"""A dateline stands in the first line of a text or, below a title, in the second."""

SHORT = 4
"""Names up to this length are abbreviations and count only letter by letter as listed."""

DASHES = "-–—―"
_BRACKET = re.compile(r"[(\[（［【]\s*([^()\[\]（）［］【】\n]{2,60}?)\s*[)\]）］】]|/\s?([^/\n]{2,40}?)\s?/")
_PARTS = re.compile(r"\s*[/,&+|]\s*|\s(?:y|et|und|and|e)\s")
_WORDS = re.compile(r"[\s,.;:/()\[\]–—]+")
_INITIALS = re.compile(r"[\s,.;:/()\[\]’'\-–—]+")
_SENTENCE_END = r"[.!?…。！？।።\"”»’]"
_LAST_BRACKET = re.compile(rf"(?:^|{_SENTENCE_END})\s*[(\[（]\s*([^()\[\]（）]{{2,40}})\s*[)\]）][.。]?$")
_LAST_DASH = re.compile(rf"(?:^|{_SENTENCE_END})\s*[{DASHES}]{{1,2}}\s?([^{DASHES}\n]{{2,40}})$")
_LAST_LINE = re.compile(rf"\s*(?:--|[{DASHES}])\s?([^{DASHES}\n]{{2,40}})\s*")


@dataclass(frozen=True, slots=True)
class Wires:
    """The reviewed agencies: origin by name, and the words that help to tell a dateline from a sentence."""

    names: Mapping[str, str]
    folded: Mapping[str, str]
    small: frozenset[str]
    telling: frozenset[str]
    opening: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    together: re.Pattern[str]
    unbracketed: re.Pattern[str]
    chinese: re.Pattern[str]


@cache
def wires() -> Wires:
    """From the reviewed data files."""
    given: dict[str, Any] = yaml.load((DATA / "agencies.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    dates = yaml.load((DATA / "datelines.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    names = {name: agency["origin"] for agency in given["agencies"] for name in agency["names"]}
    known = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    given["small"] += [month for listed in dates["months"].values() for month in listed]
    given["opening"] = dates["sentence_words"]
    lists = ("small", "telling", "opening", "before", "after")
    words = {name: frozenset(map(str.casefold, given[name])) for name in lists}
    return Wires(
        names,
        {name.casefold(): origin for name, origin in names.items() if len(name) > SHORT},
        words["small"],
        words["telling"],
        words["opening"],
        words["before"],
        words["after"],
        re.compile(rf"\s(?:{'|'.join(given['with'])})\s+(\S.*)$", re.IGNORECASE),
        re.compile(
            rf"^(?P<place>[^()\n]{{2,60}}?)\s*(?P<sep>[{DASHES},.،])\s*(?P<a>{known})\s*(?P<end>[{DASHES}:.،]|$)"
        ),
        re.compile(rf"^[（(【\[]?\s*(?P<a>{known})[^\s。，]{{0,24}}?\d{{1,2}}日?(?:电|電|讯|訊)"),
    )


def stated_agency(text: str, credits: Iterable[str] = ()) -> str:
    """The origin of the agency that an item states as its own; empty when it states none.

    `credits` are the item's author and source, as names or as web addresses.
    """
    for credit in credits:
        if origin := _credited(credit):
            return origin
    for line in _head(text):
        if origin := _dateline(line):
            return origin
    return _signed(text)


def _head(text: str) -> list[str]:
    lines = (line.strip() for line in text[:4_000].lstrip("\ufeff").splitlines())
    return [line[:HEAD] for line in lines if line][:LINES]


def _dateline(line: str) -> str:
    """By the forms `PLACE, DATE (AGENCY) -`, `(AGENCY) - PLACE`, `PLACE - AGENCY:`, `新华社北京28日电`."""
    for found in _BRACKET.finditer(line):
        before, after = line[: found.start()].strip(), line[found.end() :].lstrip()
        inside = found[1] or found[2]
        origin = _named(inside) or (_among(inside) if not before else "")
        if origin and _opens(before, inside, after, found[0][0]):
            return origin
    loose = wires().unbracketed.match(line)
    if loose and _fits(loose["place"], loose["sep"], loose["end"]):
        return wires().names[loose["a"]]
    chinese = wires().chinese.match(line)
    return wires().names[chinese["a"]] if chinese else ""


def _opens(before: str, inside: str, after: str, bracket: str) -> bool:
    """Whether a bracket with an agency between `before` and `after` is a dateline."""
    dash = after[:1] in (*DASHES, ":", "=") or after[:2] == ".-"
    if not before:
        return dash or bracket in "［【"
    dated = _has_digit(before) and before.split(maxsplit=1)[0].casefold() not in wires().opening
    return (dash or dated) and _is_place(before) and not _is_short_for(inside, before)


def _fits(place: str, separator: str, end: str) -> bool:
    """Whether an agency without brackets stands in a dateline."""
    ends_in_dash = end in DASHES and end != ""
    if separator in ",،":
        return ends_in_dash and _is_place(place)
    if separator == ".":
        return _has_digit(place) and (ends_in_dash or end == ".") and _is_place(place)
    return _is_place(place)


def _is_place(before: str) -> bool:
    """Whether these words can be a place and a date: capitals, numbers, months, no word that tells."""
    words = [word for word in _WORDS.split(before) if word]
    cased = any(word != word.swapcase() for word in words)
    if not words or len(words) > (9 if cased else 5) or any(w.casefold() in wires().telling for w in words):
        return False
    return all(
        word[0].lower() != word[0] or _uncased(word) or word.casefold() in wires().small for word in words
    )


def _uncased(word: str) -> bool:
    return word[0].isdigit() or word[0].lower() == word[0].upper()


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _is_short_for(short: str, words: str) -> bool:
    """Whether `short` is made of the initials of the last words: then it is explained, not credited."""
    capitals = [word[0].casefold() for word in _INITIALS.split(words) if word and word[0].isupper()]
    return short.isupper() and capitals[-len(short) :] == list(short.casefold())


def _signed(text: str) -> str:
    """By a credit behind the last sentence or on one of the last lines."""
    end = text[-4_000:].rstrip()
    for form in (_LAST_BRACKET, _LAST_DASH):
        found = form.search(end[-TAIL:])
        if found and (origin := _named(found[1].strip(" ."))):
            return origin
    for line in reversed(end.splitlines()[-4:]):
        found = _LAST_LINE.fullmatch(line)
        if found and (origin := _named(found[1].strip(" ."))):
            return origin
    return ""


def _credited(credit: str) -> str:
    """By a field that names the author or the source."""
    if host := host_of(credit):
        return agency_domains().get(registrable(host), "")
    credit = " ".join(credit.split())[:200]
    if found := wires().together.search(credit):
        return _named(found[1])
    return next((origin for part in _shortened(credit) if (origin := _named(part))), "")


def _shortened(credit: str) -> Iterator[str]:
    """The name itself, without what stands around it, and its parts."""
    yield credit
    words = credit.split()
    while words and words[0].casefold() in wires().before:
        del words[0]
    while len(words) > 1 and words[-1].casefold() in wires().after:
        del words[-1]
    yield " ".join(words)
    yield from (part.strip(" )") for part in re.split(rf"[,/|(]|\s[{DASHES}]\s", credit)[1:])


def _named(name: str) -> str:
    """The origin of a name or of the first agency in a list of them (`AFP/Reuters`); empty for others."""
    for part in (name.strip(), *_PARTS.split(name)):
        if origin := wires().names.get(part) or wires().folded.get(part.casefold()):
            return origin
    return ""


def _among(inside: str) -> str:
    """The origin of an agency that stands with place and date inside the bracket (`東京 28日 ロイター`)."""
    words = inside.split()
    return next((origin for word in words[1:] if (origin := _named(word))), "") if _has_digit(inside) else ""
