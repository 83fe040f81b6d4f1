"""Which countries a text is about: those its situation is in, not those that speak or are compared.

Every country that a text names is weighed by how it is named and what stands around the name
(country_marks.yml), with weights (countries.json) that scripts/fit_countries.py fits. No feature is a
country: if two countries changed names, the decisions would change names with them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from tocsin.geography import Mention, country
from tocsin.geography.folding import fold
from tocsin.geography.gazetteer import phrases
from tocsin.signals.rules.passage import Part, Passage
from tocsin.signals.rules.patterns import violence_concepts

_UNSURE = 0.25
"""Mentions of less confidence (refusals) name no country."""
_BEFORE, _AFTER = 28, 30
_SURE_PLACE = 0.65
_KINDS = ("country", "place", "demonym", "body")

_TEXT = (
    "law_text",
    "court",
    "speech",
    "review",
    "sport",
    "business",
    "ordinary",
    "prevention_talk",
    "commemorate",
)
_JOINED = re.compile(r"^\s*(?:,|;|/|&|and|y|e|et|и|و|na|or|ou|o|-|–)?\s*(?:and|the|y|et|la|le)?\s*$")


class Named(NamedTuple):
    """One mention, the sentence it is in and its number, and whether it only says where somebody speaks."""

    mention: Mention
    part: Part
    n: int
    seat: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic scale: log odds = intercept + sum of weight times feature; `cut` is a probability."""

    names: tuple[str, ...]
    weight: tuple[float, ...]
    intercept: float
    cut: float
    least: float


def countries(doc: Passage) -> tuple[str, ...]:
    """The ISO3 codes of the countries that a text is about, surest first; empty when it names none.

    Where no country reaches the cut, the surest is given if it reaches `least`.
    """
    model, odds = weights(), chances(doc)
    chosen = [iso3 for iso3, p in odds if p >= model.cut]
    return tuple(chosen) or tuple(iso3 for iso3, p in odds[:1] if p >= model.least)


@lru_cache(maxsize=4)
def chances(doc: Passage) -> tuple[tuple[str, float], ...]:
    """Every country that a text names with the probability that the text is about it, surest first."""
    model = weights()
    scored = []
    for iso3, row in features(doc).items():
        told = (w * row[f] for f, w in zip(model.names, model.weight, strict=True) if f in row)
        log_odds = model.intercept + sum(told)
        scored.append((iso3, 1 / (1 + math.exp(-log_odds))))
    return tuple(sorted(scored, key=lambda pair: -pair[1]))


@cache
def weights() -> Weights:
    """The fitted scale of countries.json."""
    raw = json.loads(files("tocsin.signals").joinpath("countries.json").read_text(encoding="utf-8"))
    names = tuple(raw["weights"])
    return Weights(names, tuple(raw["weights"].values()), raw["intercept"], raw["cut"], raw["least"])


def named(doc: Passage) -> list[Named]:
    """The mentions of a text that mean one country, in order."""
    out = []
    for n, part in enumerate(doc.parts):
        out += [Named(m, part, n, False) for m in part.places if m.confidence >= _UNSURE]
        out += [Named(m, part, n, True) for m in part.seats if m.confidence >= _UNSURE]
    return sorted(out, key=lambda one: one.mention.start)


def features(doc: Passage) -> dict[str, dict[str, float]]:
    """For each country named in a text, what speaks for and against its being what the text is about."""
    found = named(doc)
    by_country: dict[str, list[Named]] = {}
    for one in found:
        by_country.setdefault(one.mention.iso3, []).append(one)
    weight = {iso3: sum(_worth(one) for one in ones) for iso3, ones in by_country.items()}
    listed = _listed(doc.text, found)
    most = max(weight, key=lambda iso3: weight[iso3], default="")
    beside = _beside(by_country.get(most, []), listed)
    out = {}
    about = _of_text(doc)
    for order, (iso3, ones) in enumerate(by_country.items()):
        row = about | _of_mentions(doc, ones)
        row |= _against(iso3, weight, order)
        row["listed"] = float(any(one.mention.start in listed for one in ones))
        row["long list"] = float(
            any(listed[o.mention.start][1] >= 3 for o in ones if o.mention.start in listed)
        )
        if iso3 != most:
            mates = _beside(ones, listed) & beside
            row["beside most"] = float(bool(mates))
            row["twin of most"] = float(len(mates) == len(ones) == len(by_country[most]))
        row["gone"] = float(country(iso3).status in ("former", "continued"))
        out[iso3] = row
    _compare(out)
    return out


def _of_text(doc: Passage) -> dict[str, float]:
    """What the text itself is like: law and sport name countries that they are not about."""
    total = sum(doc.counts.values()) or 1
    out = {"text: " + name: min(1.0, 4 * doc.counts.get(name, 0) / total) for name in _TEXT}
    violence = sum(doc.counts.get(name, 0) for name in violence_concepts())
    return out | {"text: violence": min(1.0, violence / 4), "text: long": math.log1p(len(doc.text)) - 6}


def _worth(one: Named) -> float:
    kind = {"country": 1.0, "place": 1.0, "demonym": 0.7, "body": 0.6}[one.mention.kind]
    kind *= 1.0 if one.mention.confidence >= _SURE_PLACE or one.mention.kind == "body" else 0.5
    return kind * (0.3 if one.seat else 1.0) * (1.4 if _grave(one.part) else 1.0)


def _grave(part: Part) -> bool:
    return not violence_concepts().isdisjoint(part.hits)


def _of_mentions(doc: Passage, ones: Sequence[Named]) -> dict[str, float]:
    total = len(ones)
    row = {"mentions": math.log(total), "parts": len({one.n for one in ones}) / len(doc.parts)}
    for kind in _KINDS:
        of_kind = [one for one in ones if one.mention.kind == kind]
        row[kind] = float(bool(of_kind))
        row["only " + kind] = float(len(of_kind) == total)
    places = {one.mention.name for one in ones if one.mention.kind == "place"}
    row["places"] = math.log1p(len(places))
    row["seat of bodies"] = float(all(fold(one.mention.text) in phrases("seat") for one in ones))
    row["unsure"] = float(max(one.mention.confidence for one in ones) < 0.55)
    row["doubtful"] = float(max(one.mention.confidence for one in ones) < 0.45)
    row["violence"] = sum(_grave(one.part) for one in ones) / total
    row["seat"] = float(all(one.seat for one in ones))
    row["seats"] = sum(one.seat for one in ones) / total
    row["first part"] = float(ones[0].n == 0)
    row["late"] = ones[0].mention.start / max(len(doc.text), 1)
    row["opening"] = float(ones[0].mention.start < 60)
    return row | _around(doc.text, ones)


def _around(text: str, ones: Sequence[Named]) -> dict[str, float]:
    """What stands directly before and behind the mentions, as the share of mentions and as ever."""
    seen: dict[str, float] = {}
    for one in ones:
        before = text[max(0, one.mention.start - _BEFORE) : one.mention.start]
        after = text[one.mention.end : one.mention.end + _AFTER]
        found = [name for name, mark in _marks("before").items() if mark.search(before)]
        found += [name for name, mark in _marks("after").items() if mark.match(after)]
        if after[:1] in ("-", "–") and after[1:2].isalpha():
            found.append("hyphen")
        if after[:2] in ("'s", "’s"):
            found.append("possessive")
        for name in found:
            seen[name] = seen.get(name, 0.0) + 1 / len(ones)
    return seen | {"ever " + name: 1.0 for name in seen}


@cache
def _marks(side: str) -> dict[str, re.Pattern[str]]:
    """The words of country_marks.yml that stand directly before, or behind, a name."""
    text = files("tocsin.signals").joinpath("country_marks.yml").read_text(encoding="utf-8")
    out = {}
    for name, words in yaml.load(text, yaml.CSafeLoader)[side].items():
        parts = (part.strip().replace("*", r"\w*") for part in words.split("|"))
        any_of = "(?<!\\w)(?:" + "|".join(parts) + ")"
        gap = r"[^.]{0,18}$" if name == "speaker" else r" (?:the )?$"
        front = r"(?:'s|’s)? " if side == "after" else ""
        pattern = front + any_of + (r"(?!\w)" if side == "after" else r"(?!\w)" + gap)
        out[name] = re.compile(pattern, re.IGNORECASE)
    return out


def _against(iso3: str, weight: dict[str, float], order: int) -> dict[str, float]:
    """How a country stands among the others of the text."""
    total, mine, top = sum(weight.values()), weight[iso3], max(weight.values())
    many = len(weight) > 3
    flat = (total / top - 1) / (len(weight) - 1) if many else 0.0
    rest = max((w for other, w in weight.items() if other != iso3), default=0.0)
    return {
        "alone": float(len(weight) == 1),
        "others": math.log(len(weight)),
        "share": mine / total,
        "ratio": math.log((mine + 0.3) / (rest + 0.3)) if rest else 1.5,
        "most": float(mine >= rest),
        "of most": mine / top,
        "many": float(many),
        "many, of most": mine / top if many else 0.0,
        "flat": flat,
        "flat, of most": flat * mine / top,
        "two, of most": mine / top if len(weight) == 2 else 0.0,
        "half": float(mine < 0.5 * rest),
        "third": float(mine < 0.34 * rest),
        "first": float(order == 0),
        "order": math.log1p(order),
        "weight": math.log1p(mine),
    }


def _compare(out: dict[str, dict[str, float]]) -> None:
    """What the other countries of the text have that this one has not."""
    for name in ("in", "violence", "first part", "places", "country", "place"):
        ranked = sorted((row.get(name, 0.0) for row in out.values()), reverse=True)
        for row in out.values():
            mine = row.get(name, 0.0)
            best = (
                ranked[1] if len(ranked) > 1 and mine == ranked[0] else ranked[0] if len(ranked) > 1 else 0.0
            )
            row["behind in " + name] = max(0.0, best - mine)


def _beside(ones: Sequence[Named], listed: dict[int, tuple[int, int]]) -> set[int]:
    """The enumerations in which a country stands, by where they begin."""
    return {listed[one.mention.start][0] for one in ones if one.mention.start in listed}


def _listed(text: str, found: Sequence[Named]) -> dict[int, tuple[int, int]]:
    """Mentions in an enumeration of countries, by start: where it begins and how many countries it names."""
    out: dict[int, tuple[int, int]] = {}
    run: list[Mention] = []
    for one in [*(o.mention for o in found), None]:
        if run and one is not None and _JOINED.match(text[run[-1].end : one.start][:14] or " "):
            run.append(one)
            continue
        size = len({m.iso3 for m in run})
        if size > 1:
            out.update({m.start: (run[0].start, size) for m in run})
        run = [one] if one is not None else []
    return out
