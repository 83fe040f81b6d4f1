"""Which harm a number of people is about, by the words between them; what is no count of people is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tocsin.signals.count_words import Token
from tocsin.signals.quantities import Quantity

_NEAREST = 3
"""The noun of a number stands at most this many tokens away from it."""
_FAR_AFTER, _FAR_BEFORE, _SURE = 6.0, 4.5, 1.5
"""How dear the words between a number and its harm may be (see `_price`); below `_SURE` nothing competes."""
_MONEY = "$€£¥₦₹#№"
_YEARS = range(1800, 2101)
_STOPS = re.compile(r"[;!?]")
_LIGHT = ("be", "of", "more", "floor", "ceiling", "under", "about", "between")


@dataclass(frozen=True, slots=True)
class Link:
    """A number bound to the harm it counts: `last` is the token where its noun ends."""

    quantity: Quantity
    kind: str
    unit: str
    victims: str
    last: int
    cue: int
    part: bool = False
    bound: bool = True


@dataclass(frozen=True, slots=True)
class _Noun:
    unit: str
    victims: str
    last: int
    person: bool
    cue: int = -1


class Linker:
    """One sentence: its folded text, tokens and numbers, and where nationalities stand (folded offsets)."""

    def __init__(
        self, folded: str, tokens: Sequence[Token], numbers: Sequence[Quantity], peoples: Sequence[int]
    ) -> None:
        self.folded, self.tokens, self.numbers = folded, tokens, numbers
        self.peoples = frozenset(peoples)
        self.at = {n: q for q in numbers for n in range(q.first, q.last + 1)}

    def links(self, after_noun: bool) -> list[Link]:
        """Every number that counts people harmed, in order."""
        found: list[Link] = []
        for quantity in self.numbers:
            noun = self._noun(quantity, after_noun) if self._countable(quantity) else None
            if noun is not None:
                found.append(self._link(quantity, noun))
        found = self._shared(found)
        return [link for link in found if link.bound]

    def _countable(self, q: Quantity) -> bool:
        """Whether a number can count people: no money, share, age, date, year, clock, ordinal or id."""
        first, last = self.tokens[q.first], self.tokens[q.last]
        digit = next((t for t in self.tokens[q.first : q.last + 1] if t.digits), first)
        before, after = self.folded[: digit.start], self.folded[last.end :]
        if before.rstrip(" ")[-1:] in _MONEY and before.strip() and before.rstrip(" ")[-1:]:
            return False
        if digit.digits and re.search(r"[\w/_.:]$|[a-z]-$", before):
            return False
        if re.match(r"\s?%|[/:_°]\d|/|-[^\W\d]|\s?[€$£]", after):
            return False
        return not (self._is_date(q) or self._is_year(q))

    def _is_date(self, q: Quantity) -> bool:
        if q.best > 31 or not self.tokens[q.last].digits:
            return False
        near = [n for n in (q.first - 1, q.last + 1, q.last + 2) if 0 <= n < len(self.tokens)]
        if q.last + 2 in near and "of" not in self.tokens[q.last + 1]:
            near.remove(q.last + 2)
        return any("month" in self.tokens[n] for n in near)

    def _is_year(self, q: Quantity) -> bool:
        token = self.tokens[q.last]
        if q.best not in _YEARS or not token.digits.isdigit() or len(token.digits) != 4:
            return False
        after = self.tokens[q.last + 1] if q.last + 1 < len(self.tokens) else None
        return not (after and ("person" in after or "unit" in after) and not self._broken(q.last + 1))

    def _broken(self, n: int) -> str:
        """What stands between token `n` and the one before it, without spaces."""
        return self.folded[self.tokens[n - 1].end : self.tokens[n].start].strip()

    def _noun(self, q: Quantity, after_noun: bool) -> _Noun | None:
        """What a number counts; None when that is not people. A number alone counts people."""
        if after_noun and (before := self._noun_before(q)):
            return before
        last, cue, unknown = q.last, -1, 0
        for n in range(q.last + 1, min(len(self.tokens), q.last + 2 + _NEAREST)):
            token = self.tokens[n]
            if n == q.last + 1 and "ages" in token:
                return None
            if self._broken(n) not in ("", "-", "'", "’", '"', "“", "«") or n in self.at:
                break
            if "person" in token or "unit" in token or n in self.peoples:
                return self._compound(n, cue)
            if "not_people" in token:
                return None
            if "cue" in token:
                cue = n if cue < 0 else cue
                if unknown:
                    break
                last = n
                continue
            if "of" in token or "more" in token:
                last = n if not unknown else last
                continue
            if any(role in token for role in ("be", "and", "by", "preps", "includes", "say")):
                break
            unknown += 1
        return _Noun("people", "", last, False, cue)

    def _noun_before(self, q: Quantity) -> _Noun | None:
        for n in range(q.first - 1, max(-1, q.first - 1 - _NEAREST), -1):
            token = self.tokens[n]
            if self._broken(n + 1) or n in self.at:
                return None
            if "person" in token or "unit" in token:
                return self._named(n, q.last, -1)
            if "not_people" in token:
                return None
        return None

    def _compound(self, n: int, cue: int) -> _Noun | None:
        """The noun at `n`, or the last of a compound ("police officers", but not "police stations")."""
        follows = n + 1
        if follows < len(self.tokens) and not self._broken(follows):
            token = self.tokens[follows]
            if "not_people" in token and "person" not in token and "of" not in token:
                return None
            if ("person" in token or "unit" in token) and "cue" not in token:
                better = self._named(follows, follows, cue)
                return better if better.victims else replace(self._named(n, follows, cue), unit=better.unit)
        return self._named(n, n, cue)

    def _named(self, n: int, last: int, cue: int) -> _Noun:
        roles = self.tokens[n].roles
        held = cue if cue >= 0 or "cue" not in roles else n
        return _Noun(roles.get("unit", "people"), roles.get("person", ""), last, True, held)

    def _link(self, q: Quantity, noun: _Noun) -> Link:
        part = self._is_part(q)
        after, cost_after, passive = self._after(noun.last)
        before, cost_before, prep = self._before(q.first)
        if noun.cue >= 0 and not (passive and cost_after <= _SURE and self._differs(noun.cue, after)):
            after, cost_after = noun.cue, 0.0
        if prep and not noun.person:
            cost_before = _FAR_BEFORE + 1
        if q.article and not noun.person:
            cost_after = cost_before = _FAR_AFTER + 1
        if q.article and cost_after > 0 and not passive:
            cost_after = _FAR_AFTER + 1
        if after >= 0 and not passive and noun.cue < 0 and self._acts(after):
            cost_after = _FAR_AFTER + 1
            cost_before = cost_before if cost_before <= _SURE else _FAR_BEFORE + 1
        best = after if (cost_after, 0) <= (cost_before, 0) else before
        sure = min(cost_after if cost_after <= _FAR_AFTER else 99, cost_before if cost_before <= _FAR_BEFORE else 99)
        kind = self.tokens[best].roles["cue"] if best >= 0 and sure < 99 else ""
        return Link(q, kind, noun.unit, noun.victims, noun.last, best, part, bool(kind))

    def _differs(self, one: int, other: int) -> bool:
        return other >= 0 and self.tokens[one].roles["cue"] != self.tokens[other].roles["cue"]

    def _acts(self, cue: int) -> bool:
        """Whether a number follows the harm as its object: then the number before it is who did it."""
        return any(
            n in self.at and not any(self._broken(k) for k in range(cue + 1, n + 1))
            for n in range(cue + 1, min(cue + 3, len(self.tokens)))
        )

    def _is_part(self, q: Quantity) -> bool:
        near = range(q.first - 1, max(-1, q.first - 4), -1)
        if any("includes" in self.tokens[n] for n in near):
            return True
        return q.last + 1 < len(self.tokens) and "includes" in self.tokens[q.last + 1]

    def _after(self, last: int) -> tuple[int, float, bool]:
        """The first harm after a noun, the price of the words between, whether they make it a passive."""
        cost, passive = 0.0, False
        for n in range(last + 1, len(self.tokens)):
            token = self.tokens[n]
            gap = self._broken(n)
            if _STOPS.search(gap) or "by" in token:
                break
            cost += _gap_price(gap)
            if "cue" in token:
                return n, cost, passive
            cost += self._price(n)
            passive = passive or "be" in token
            if cost > _FAR_AFTER:
                break
        return -1, 99.0, False

    def _before(self, first: int) -> tuple[int, float, bool]:
        """The last harm before a number, the price of the words between, whether a preposition is there."""
        cost, prep = 0.0, False
        for n in range(first - 1, -1, -1):
            token = self.tokens[n]
            gap = self._broken(n + 1)
            if _STOPS.search(gap):
                break
            cost += _gap_price(gap)
            if "cue" in token:
                return n, cost, prep
            if "by" in token:
                break
            prep = prep or ("preps" in token and "of" not in token)
            cost += self._price(n) + ("person" in token and not prep) * 0.2
            if cost > _FAR_BEFORE:
                break
        return -1, 99.0, False

    def _price(self, n: int) -> float:
        """What a token between a number and its harm costs: little for helpers, much for a new clause."""
        token = self.tokens[n]
        if n in self.at:
            return 0.5 if self._is_part(self.at[n]) else 3.0
        if any(role in token for role in _LIGHT):
            return 0.2
        if "includes" in token:
            return 0.5
        if "person" in token or "unit" in token or n in self.peoples:
            return 0.3
        return 3.0 if "and" in token else 2.5 if "say" in token else 1.0

    def _shared(self, links: list[Link]) -> list[Link]:
        """Numbers in a list share a harm: "five men, three women and a child were killed"."""
        for n, link in enumerate(links):
            if n and links[n - 1].bound and self._listed(links[n - 1], link) and self._gives_way(links[n - 1], link):
                before = links[n - 1]
                links[n] = replace(link, kind=before.kind, cue=before.cue, bound=True)
        for n in range(len(links) - 2, -1, -1):
            if not links[n].bound and links[n + 1].bound and self._listed(links[n], links[n + 1]):
                links[n] = replace(links[n], kind=links[n + 1].kind, cue=links[n + 1].cue, bound=True)
        return links

    def _gives_way(self, before: Link, link: Link) -> bool:
        """Whether a number has no harm of its own that is as near as that of the number before it."""
        if not link.bound:
            return True
        _, cost, _ = self._after(link.last)
        own = link.cue > before.last and link.cue != before.cue
        return own and cost > _SURE and link.cue > link.last and before.cue < before.quantity.first

    def _listed(self, one: Link, other: Link) -> bool:
        """Whether only "and", commas and words of inclusion stand between two numbers and their nouns."""
        if not (other.victims or other.unit != "people" or other.part or self._person(other)):
            return False
        between = range(one.last + 1, other.quantity.first)
        loose = [n for n in between if not any(r in self.tokens[n] for r in ("and", "of", "includes", *_LIGHT))]
        return len(loose) <= (1 if other.part else 0) and not any(
            _STOPS.search(self._broken(n)) for n in range(one.last + 1, other.quantity.first + 1)
        )

    def _person(self, link: Link) -> bool:
        return link.last > link.quantity.last or link.quantity.first > 0 and "person" in self.tokens[link.last]


def _gap_price(gap: str) -> float:
    if not gap:
        return 0.0
    return 3.0 if "\n" in gap or "•" in gap or "." in gap else 1.0 if set(gap) <= set("()'’\"“”«»-") else 1.5
