"""Whether two texts report the same event: a probability from words, names, numbers, openings and places.

Words are weighed by how rare they are (word_shares.tsv: the share of passages with a word, the highest of six
languages); the weights of the evidence are a logistic scale (same_event.json). Both are made by
scripts/fit_same_event.py, the scale from ECB+ training documents (Cybulska and Vossen, 2014, CC BY 3.0).
Texts in two languages are compared by what needs no translation: numbers, places, names, concepts.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nlargest
from importlib.resources import files
from itertools import combinations
from sys import intern

from tocsin.geography import mentions
from tocsin.signals.language import language
from tocsin.signals.rules.lexicon import fold, lexicon

READ = 1500
"""Characters of a text that are compared: what happened stands at the top of a report."""
_LEAD = 25
"""Words of a text that are its opening."""
_STEM = 5
"""Words are also compared by their first letters, which ties most forms of one word in most languages."""
_NEIGHBOURS = 10
_NAMED = 0.35
"""A place of less confidence is not counted."""
_WORD = re.compile(r"\w+")
EVIDENCE = (
    "words",
    "stems",
    "names",
    "other words",
    "shared numbers",
    "no number shared",
    "better opening",
    "worse opening",
    "overlap",
    "places apart",
)
ACROSS = (
    "names",
    "shared numbers",
    "no number shared",
    "shared places",
    "places apart",
    "concepts",
    "length",
)
Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Account:
    """What is compared of one text. Vectors are of unit length.

    `rarity` is the sum of log(1/share) over the words, `places` are GeoNames ids of places below the country,
    `countries` ISO3 codes.
    """

    opening: str
    language: str
    words: Vector
    stems: Vector
    names: Vector
    rest: Vector
    lead: Vector
    rarity: float
    numbers: frozenset[str]
    places: frozenset[int]
    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scale:
    """Logistic scales by name (`pair`, `company`, `across`): evidence to weight, with an intercept."""

    weights: Mapping[str, tuple[float, ...]]
    intercept: Mapping[str, float]
    cut: float

    def odds(self, name: str, evidence: Sequence[float]) -> float:
        """The log odds of some evidence on one of the scales."""
        pairs = zip(self.weights[name], evidence, strict=True)
        return self.intercept[name] + sum(w * x for w, x in pairs)


def same_event(one: str, other: str) -> float:
    """The probability that two texts report the same event, 0 to 1.

    Calibrated on pairs of one topic, half of which tell of its two different events. Time is not looked at:
    a text has none; the grouping of records (`stories.group`) adds the window of days.
    """
    return likely(account(one), account(other))


def account(text: str, lang: str = "") -> Account:
    """What is compared of a text. `lang` is its ISO 639-1 code when known."""
    opening = text[:READ]
    low = [intern(word) for word in _WORD.findall(fold(opening))]
    counts = Counter(low)
    lower = {word for raw, word in zip(_WORD.findall(opening), low, strict=False) if not raw[0].isupper()}
    rarity = {word: _rarity(word) for word in counts}
    names = {w: _weight(n, rarity[w]) for w, n in counts.items() if _is_name(w, lower)}
    rest = _by_stem(counts, rarity, lower)
    places = [m for m in mentions(opening) if m.iso3 and m.confidence >= _NAMED]
    return Account(
        opening,
        lang[:2].lower() or language(opening),
        _unit({w: _weight(n, rarity[w]) for w, n in counts.items()}),
        _unit(_by_stem(counts, rarity, counts)),
        _unit(names),
        _unit(rest),
        _unit({w: _weight(n, rarity[w]) for w, n in Counter(low[:_LEAD]).items()}),
        sum(rarity.values()),
        frozenset(w for w in counts if w.isdigit()),
        frozenset(m.geonames for m in places if m.kind == "place" and m.geonames),
        frozenset(m.iso3 for m in places),
    )


def likely(one: Account, other: Account, by: Scale | None = None) -> float:
    """The probability that two accounts are of the same event (see `same_event`), by a scale of one's own."""
    return 1 / (1 + math.exp(-_odds(one, other, by or scale())))


def compatible(one: Account, other: Account) -> bool:
    """Whether two accounts can be of one event: not where both name places (countries) and share none."""
    return not (_apart(one.countries, other.countries) or _apart(one.places, other.places))


def in_company(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Every pair of some texts as (n, m, probability), each judged in the company of the others.

    Two texts that are no closer to each other than to many others share a topic and not an event: the mean
    closeness of each to its ten nearest is taken off (cross-domain similarity local scaling, Conneau et al.,
    2018). Meant for ranking the pairs of a set; the time grows with the square of their number.
    """
    accounts = [account(text) for text in texts]
    pairs = [(n, m, _odds(accounts[n], accounts[m], scale())) for n, m in combinations(range(len(texts)), 2)]
    yield from (
        (n, m, 1 / (1 + math.exp(-scale().odds("company", seen))))
        for (n, m, _), seen in zip(pairs, company(accounts, pairs), strict=True)
    )


def company(
    accounts: Sequence[Account], pairs: Sequence[tuple[int, int, float]]
) -> Iterator[tuple[float, float, float]]:
    """The evidence of each pair in company: its own log odds, its cosine, and how near others are to both."""
    near: list[list[float]] = [[] for _ in accounts]
    cosines = [_cosine(accounts[n].words, accounts[m].words) for n, m, _ in pairs]
    for (n, m, _), value in zip(pairs, cosines, strict=True):
        near[n].append(value)
        near[m].append(value)
    dense = [sum(nlargest(_NEIGHBOURS, values)) / _NEIGHBOURS for values in near]
    for (n, m, odds), value in zip(pairs, cosines, strict=True):
        yield odds, value, (dense[n] + dense[m]) / 2


def evidence(one: Account, other: Account) -> tuple[float, ...]:
    """What speaks for one event in two texts of one language, in the order of `EVIDENCE`."""
    shared = sum(_rarity(word) for word in one.words if word in other.words)
    either = one.rarity + other.rarity - shared
    leads = _cosine(one.lead, other.words), _cosine(other.lead, one.words)
    return (
        _cosine(one.words, other.words),
        _cosine(one.stems, other.stems),
        _cosine(one.names, other.names),
        _cosine(one.rest, other.rest),
        math.log1p(len(one.numbers & other.numbers)),
        float(_apart(one.numbers, other.numbers)),
        max(leads),
        min(leads),
        shared / (either or 1),
        float(not compatible(one, other)),
    )


def across(one: Account, other: Account) -> tuple[float, ...]:
    """What speaks for one event in texts of two languages, in the order of `ACROSS`."""
    lengths = sorted((len(one.opening), len(other.opening)))
    places = one.places | one.countries, other.places | other.countries
    return (
        _cosine(one.names, other.names),
        math.log1p(len(one.numbers & other.numbers)),
        float(_apart(one.numbers, other.numbers)),
        math.log1p(len(places[0] & places[1])),
        float(_apart(*places)),
        _cosine(_concepts(one.opening, one.language), _concepts(other.opening, other.language)),
        math.log(max(1, lengths[1]) / max(1, lengths[0])),
    )


@cache
def scale() -> Scale:
    """The fitted scales of same_event.json."""
    raw = json.loads(files("tocsin.signals").joinpath("data/same_event.json").read_text(encoding="utf-8"))
    weights = {name: tuple(raw[name]["weights"].values()) for name in ("pair", "company", "across")}
    return Scale(weights, {name: raw[name]["intercept"] for name in weights}, raw["cut"])


def _odds(one: Account, other: Account, by: Scale) -> float:
    foreign = one.language and other.language and one.language != other.language
    seen = across(one, other) if foreign else evidence(one, other)
    return by.odds("across" if foreign else "pair", seen)


@cache
def _shares() -> tuple[dict[str, float], float]:
    """The share of passages that hold a word, and the share that stands for all rarer words."""
    lines = files("tocsin.signals").joinpath("data/word_shares.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    shares = {word: float(share) for word, share in rows}
    return shares, min(shares.values())


def common(word: str) -> bool:
    """Whether a folded word is in the table of common words."""
    return word in _shares()[0]


def _rarity(word: str) -> float:
    shares, rare = _shares()
    return math.log(1 / shares.get(word, rare))


def _is_name(word: str, lower: set[str]) -> bool:
    return word not in lower and len(word) > 1 and not word.isdigit()


def _by_stem(
    counts: Mapping[str, int], rarity: Vector, among: Mapping[str, int] | set[str]
) -> dict[str, float]:
    told: Counter[str] = Counter()
    rare: dict[str, float] = {}
    for word, n in counts.items():
        if word in among:
            stem = intern(word[:_STEM])
            told[stem] += n
            rare[stem] = max(rare.get(stem, 0.0), rarity[word])
    return {stem: _weight(n, rare[stem]) for stem, n in told.items()}


def _weight(times: int, rarity: float) -> float:
    return (1 + math.log(times)) * rarity


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(x * x for x in vector.values())) or 1.0
    return {key: x / length for key, x in vector.items() if x}


def _cosine(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return sum(x * large[key] for key, x in small.items() if key in large)


def _apart(one: Set[object], other: Set[object]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


@lru_cache(maxsize=4096)
def _concepts(opening: str, lang: str) -> Vector:
    words = lexicon(lang)
    found = Counter(hit.concept for hit in words.find(fold(opening))) if words else Counter[str]()
    return _unit({concept: 1 + math.log(n) for concept, n in found.items()})
