"""Which harm a number of people is about, by the words between them; other numbers are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tocsin.signals.count_nouns import Counted, Noun, noun
from tocsin.signals.quantities import Quantity

_FAR_PASSIVE, _FAR_AFTER, _FAR_BARE, _FAR_BEFORE, _SURE, _BESIDE = 6.0, 4.0, 2.0, 4.5, 1.5, 0.5
"""How dear the words between a number and its harm may be (see `_price`): after it with a passive between,
without one, and when no people are named; and before it. Below `_SURE` nothing competes;
"a" and "an" count only with a harm as near as that, or as `_BESIDE` when it stands before."""
_NEVER = 99.0
_STOPS = re.compile(r"[;!?]")
_JOINED = ("of", "more", "floor", "ceiling", "under", "about", "between")
_LIGHT = ("be", *_JOINED)


@dataclass(frozen=True, slots=True)
class Link:
    """A number bound to the harm it counts: with its noun it runs from token `first` to token `last`."""

    quantity: Quantity
    kind: str
    unit: str
    victims: str
    first: int
    last: int
    cue: int
    part: bool = False
    bound: bool = True


@dataclass(frozen=True, slots=True)
class _Reach:
    """The harm at token `cue` and the price of the words between; `mark` is a passive or a preposition."""

    cue: int
    cost: float
    mark: bool


def links(said: Counted, after_noun: bool) -> list[Link]:
    """Every number of a sentence that counts people harmed, in order."""
    counted = ((q, noun(said, q, after_noun)) for q in said.numbers)
    found = [_link(said, q, what) for q, what in counted if what and not _is_article(said, q, what)]
    return [link for link in _shared(said, found) if link.bound]


def _is_article(said: Counted, q: Quantity, what: Noun) -> bool:
    """Whether "one" is no count: "un mort et trois blessés" is one, "un massacre", "one of the" are not."""
    if what.person or not q.article:
        return False
    if not said.has(q.first, "articles"):
        return said.has(q.last + 1, "of")
    return what.cue < 0 or not _in_list(said, q, what)


def _in_list(said: Counted, q: Quantity, what: Noun) -> bool:
    """Whether another number stands beside a number and its harm, joined by "and" or a comma."""
    after = what.cue + 1 + said.has(what.cue + 1, "and")
    before = said.has(q.first - 1, "and") and any(n in said.at for n in range(q.first - 4, q.first - 1))
    return before or after in said.at


def _link(said: Counted, q: Quantity, what: Noun) -> Link:
    after, before = _weighed(said, q, what, _after(said, what.last), _before(said, q.first))
    far = _FAR_BARE if not what.person else _FAR_PASSIVE if after.mark else _FAR_AFTER
    near = [r for r, most in ((after, far), (before, _FAR_BEFORE)) if r.cue >= 0 and r.cost <= most]
    cue = min(near, key=lambda r: r.cost).cue if near else -1
    kind = said.tokens[cue].roles["cue"] if cue >= 0 else ""
    return Link(q, kind, what.unit, what.victims, what.first, what.last, cue, said.is_part(q), bool(kind))


def _weighed(said: Counted, q: Quantity, what: Noun, after: _Reach, before: _Reach) -> tuple[_Reach, _Reach]:
    """The harms on both sides of a number with what its noun and the grammar say of each."""
    passive = after.mark
    article = q.article and said.has(q.first, "articles")
    idle = article and what.cue == what.last and not _in_list(said, q, what)
    if idle or (q.article and said.has(q.last + 1, "of")):
        what = replace(what, cue=-1)  # "One of the detainees said", "a hostage was freed".
    if what.cue >= 0 and not (passive and after.cost <= _SURE and _differs(said, what.cue, after.cue)):
        after = replace(after, cue=what.cue, cost=0.0)
    # A number of nobody named that a comma parts from the harm is an age or a figure of something else.
    toll = said.has(before.cue, "tolls")
    if not what.person and ((before.mark and not toll) or said.gap(q.first).startswith(",")):
        before = replace(before, cost=_NEVER)
    if not what.person and what.cue < 0 and said.gap(q.last + 1) == ",":
        after = replace(after, cost=_NEVER)
    if q.article and after.cost > (_SURE if article else _FAR_PASSIVE) * passive:
        after = replace(after, cost=_NEVER)
    if article and before.cost > _BESIDE:
        before = replace(before, cost=_NEVER)
    if after.cue >= 0 and not passive and what.cue < 0 and _acts(said, after.cue):
        after = replace(after, cost=_NEVER)
        before = before if before.cost <= _SURE else replace(before, cost=_NEVER)
    return after, before


def _differs(said: Counted, one: int, other: int) -> bool:
    return other >= 0 and said.tokens[one].roles["cue"] != said.tokens[other].roles["cue"]


def _acts(said: Counted, cue: int) -> bool:
    """Whether a number follows the harm as its object: then the number before it is who did it."""
    for n in range(cue + 1, min(cue + 3, len(said.tokens))):
        if said.gap(n) or said.has(n, "and"):
            return False
        if n in said.at:
            return True
    return False


def _after(said: Counted, last: int) -> _Reach:
    """The first harm after a noun; its mark says whether the words between make it a passive."""
    cost, passive = 0.0, False
    for n in range(last + 1, len(said.tokens)):
        gap = said.gap(n)
        if _STOPS.search(gap) or said.has(n, "by"):
            break
        cost += _gap_price(gap)
        if said.has(n, "includes") and said.has(n + 1, "cue"):
            break
        if said.has(n, "cue") and not _owned(said, n, last):
            return _Reach(n, cost, passive)
        cost += _price(said, n)
        passive = passive or said.has(n, "be")
        if cost > _FAR_PASSIVE:
            break
    return _Reach(-1, _NEVER, False)


def _owned(said: Counted, cue: int, last: int) -> bool:
    """Whether another number counts this harm, as in "two attacks that left 10 people dead"."""
    n = cue - 1
    while n > last and not said.gap(n + 1) and (said.names(n) or said.has(n, "of", "more", "be")):
        n -= 1
    if n <= last or n not in said.at or said.gap(n + 1):
        return False
    return not said.has(said.at[n].first - 1, "ages", "labels", "preps")


def _before(said: Counted, first: int) -> _Reach:
    """The last harm before a number; its mark says whether "and" or a preposition stands between."""
    cost, prep = 0.0, False
    for n in range(first - 1, -1, -1):
        gap = said.gap(n + 1)
        if _STOPS.search(gap):
            break
        cost += _gap_price(gap)
        if said.has(n, "cue"):
            return _Reach(n, cost + said.has(n + 1, "and") * 2.0, prep)
        if said.has(n, "by"):
            break
        prep = prep or said.has(n, "and") or (said.has(n, "preps") and not said.has(n, "of"))
        cost += _price(said, n) + (said.has(n, "person") and not prep) * 0.2
        if cost > _FAR_BEFORE:
            break
    return _Reach(-1, _NEVER, False)


def _price(said: Counted, n: int) -> float:
    """What a token between a number and its harm costs: little for helpers, much for a new clause."""
    if n in said.at:
        return 0.5 if said.is_part(said.at[n]) else 3.0
    if said.has(n, *_LIGHT):
        return 0.2
    if said.has(n, "includes"):
        return 0.5
    if said.names(n):
        return 0.3
    return 3.0 if said.has(n, "and") else 2.5 if said.has(n, "say") else 1.0


def _gap_price(gap: str) -> float:
    if not gap:
        return 0.0
    return 4.0 if "\n" in gap or "•" in gap or "." in gap else 1.0 if set(gap) <= set("()'’\"“”«»-") else 1.5


def _shared(said: Counted, found: list[Link]) -> list[Link]:
    """Numbers in a list share a harm: "five men, three women and a child were killed"."""
    for n in range(1, len(found)):
        before, link = found[n - 1], found[n]
        if before.bound and _listed(said, before, link) and _gives_way(said, before, link):
            found[n] = replace(
                link, kind=before.kind, cue=before.cue, bound=True, part=before.part or link.part
            )
    for n in range(len(found) - 2, -1, -1):
        link, after = found[n], found[n + 1]
        if not link.bound and after.bound and _listed(said, link, after):
            found[n] = replace(link, kind=after.kind, cue=after.cue, bound=True)
    return found


def _gives_way(said: Counted, before: Link, link: Link) -> bool:
    """Whether a number has no harm of its own that is as near as that of the number before it."""
    if not link.bound:
        return True
    own = link.cue > max(before.last, link.last) and link.cue != before.cue
    return own and _after(said, link.last).cost > _SURE and before.cue < before.quantity.first


def _listed(said: Counted, one: Link, other: Link) -> bool:
    """Whether only "and", commas and words of inclusion stand between two numbers and their nouns."""
    if not (other.victims or other.unit != "people" or other.part or _person(said, other)):
        return False
    between = range(one.last + 1, other.quantity.first)
    loose = sum(not said.has(n, "and", "includes", *_JOINED) for n in between)
    stops = any(_STOPS.search(said.gap(n)) for n in range(one.last + 1, other.quantity.first + 1))
    return loose <= (1 if other.part else 0) and not stops


def _person(said: Counted, link: Link) -> bool:
    return link.last > link.quantity.last or (link.quantity.first > 0 and said.has(link.last, "person"))
