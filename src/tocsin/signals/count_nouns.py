"""What a number counts: people, families or households; or nothing that is a count of people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tocsin.signals.count_words import Token
from tocsin.signals.quantities import Quantity

_NEAREST = 3
"""The noun of a number stands at most this many tokens away from it."""
_MONEY = "$€£¥₦₹#№"
_YEARS = range(1800, 2101)
_TIGHT = ("", "-", "'", "’", '"', "“", "«")
_ENDS_NOUN = ("be", "and", "by", "preps", "includes", "say")


class Counted:
    """One sentence: its text as written, tokens, numbers, and the tokens that are nationalities."""

    def __init__(
        self, text: str, tokens: Sequence[Token], numbers: Sequence[Quantity], peoples: Sequence[int]
    ) -> None:
        self.text, self.tokens, self.numbers = text, tokens, numbers
        self.peoples = frozenset(peoples)
        self.at = {n: q for q in numbers for n in range(q.first, q.last + 1)}

    def gap(self, n: int) -> str:
        """What stands between token `n` and the one before it, without spaces; a headline ends in a stop."""
        if not 0 < n < len(self.tokens):
            return ""
        between = self.text[self.tokens[n - 1].end : self.tokens[n].start].strip()
        # An article in capitals inside a sentence begins the next headline of a list.
        opens = self.has(n, "articles") and self.text[self.tokens[n].start].isupper()
        return ";" if opens else between

    def has(self, n: int, *roles: str) -> bool:
        """Whether there is a token `n` that can play one of the roles."""
        return 0 <= n < len(self.tokens) and not self.tokens[n].roles.keys().isdisjoint(roles)

    def names(self, n: int) -> bool:
        """Whether token `n` names people or families."""
        return self.has(n, "person", "unit") or n in self.peoples

    def is_part(self, q: Quantity) -> bool:
        """Whether words of inclusion stand beside a number: it is counted in a larger one."""
        if self.has(q.last + 1, "includes") and not self.gap(q.last + 1):
            return True
        return any(self.has(n, "includes") for n in range(q.first - 3, q.first))


@dataclass(frozen=True, slots=True)
class Noun:
    """What a number counts, with the number from token `first` to token `last`.

    `person` when people or families are named; `cue` is a harm inside the noun.
    """

    unit: str
    victims: str
    first: int
    last: int
    person: bool
    cue: int = -1


def noun(said: Counted, q: Quantity, after_noun: bool) -> Noun | None:
    """What a number counts; None when that is not people. A number alone counts people."""
    if said.has(q.last + 1, "ages") or not _countable(said, q):
        return None
    found = (_before(said, q) if after_noun else None) or _after(said, q)
    return None if found and not found.person and _is_name(said, q) else found


def _is_name(said: Counted, q: Quantity) -> bool:
    """Whether a number that stands without people names a thing, or goes with a noun before it."""
    one = q.best == 1 and said.has(q.first - 1, "not_people") and not said.gap(q.first)
    return one or _is_label(said, q) or _is_age(said, q)


def _countable(said: Counted, q: Quantity) -> bool:
    """Whether a number can count people: no money, share, date, year, clock, score, ordinal or id."""
    first, last = said.tokens[q.first], said.tokens[q.last]
    digit = next((t for t in said.tokens[q.first : q.last + 1] if t.digits), first)
    before, after = said.text[: digit.start], said.text[last.end :]
    if before.rstrip(" ").endswith(tuple(_MONEY)):
        return False
    if digit.digits and re.search(r"[\w/_.:]$|\w[-–]$", before[-2:]):
        return False
    if re.match(r"\s?%|[/:_°]\d|/|[-–]\w|\s?[€$£]", after):
        return False
    if digit.digits and not before and re.match(r"\s?[-–.)]", after):
        return False  # The number of a paragraph.
    return not (_is_date(said, q) or _is_year(said, q))


def _is_label(said: Counted, q: Quantity) -> bool:
    """Whether a number names one of a kind, as in "camp 4" or "article 7"."""
    return said.has(q.first - 1, "labels") and said.gap(q.first) in ("", ".")


def _is_age(said: Counted, q: Quantity) -> bool:
    """Whether a number stands in brackets after a name, as in "Ada Example (35)"."""
    name = said.tokens[q.first - 1] if q.first and said.gap(q.first) == "(" else None
    return name is not None and q.best <= 120 and not name.roles and said.text[name.start].isupper()


def _is_date(said: Counted, q: Quantity) -> bool:
    if q.best > 31 or not said.tokens[q.last].digits:
        return False
    if said.has(q.first - 1, "month"):
        return True
    after = q.last + 1
    if said.has(after, "and", "to") and after + 1 < len(said.tokens) and said.tokens[after + 1].digits:
        after += 2  # "On 12 and 31 August."
    return said.has(after + said.has(after, "of"), "month")


def _is_year(said: Counted, q: Quantity) -> bool:
    token, after = said.tokens[q.last], q.last + 1
    if q.best not in _YEARS or not token.digits.isdigit() or len(token.digits) != 4:
        return False
    beside = said.has(after, "person", "unit") and said.text[token.end : said.tokens[after].start] == " "
    return not (beside and said.text[said.tokens[after].start].islower())


def _after(said: Counted, q: Quantity) -> Noun | None:
    last, cue, unknown = q.last, -1, False
    for n in range(q.last + 1, min(len(said.tokens), q.last + 2 + _NEAREST)):
        if said.gap(n) not in _TIGHT or n in said.at:
            break
        if said.names(n) and _is_compound_of_others(said, n):
            return None
        if said.names(n):
            return replace(_compound(said, n, cue), first=q.first)
        if said.has(n, "not_people"):
            return None
        if said.has(n, "cue"):
            cue = n if cue < 0 else cue
            if unknown:
                break
            last = n
        elif said.has(n, "of", "more"):
            last = last if unknown else n
        elif said.has(n, *_ENDS_NOUN):
            break
        else:
            unknown = True
    return Noun("people", "", q.first, last, False, cue)


def _before(said: Counted, q: Quantity) -> Noun | None:
    for n in range(q.first - 1, max(-1, q.first - 1 - _NEAREST), -1):
        if said.gap(n + 1) or n in said.at or said.has(n, "not_people"):
            return None
        if said.has(n, "person", "unit"):
            return replace(_named(said, n, q.last, -1), first=n)
    return None


def _is_compound_of_others(said: Counted, n: int) -> bool:
    """Whether the noun at `n` only describes a thing, as in "police stations"."""
    return said.has(n + 1, "not_people") and not said.has(n + 1, "person", "of") and not said.gap(n + 1)


def _compound(said: Counted, n: int, cue: int) -> Noun:
    """The noun at `n`, or the last of a compound ("police officers")."""
    after = n + 1
    if said.has(after, "person", "unit") and not said.has(after, "cue") and not said.gap(after):
        better = _named(said, after, after, cue)
        return better if better.victims else replace(_named(said, n, after, cue), unit=better.unit)
    return _named(said, n, n, cue)


def _named(said: Counted, n: int, last: int, cue: int) -> Noun:
    roles = said.tokens[n].roles
    held = cue if cue >= 0 or "cue" not in roles else n
    return Noun(roles.get("unit", "people"), roles.get("person", ""), n, last, True, held)
