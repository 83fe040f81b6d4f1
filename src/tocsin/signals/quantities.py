"""Numbers as people write them, read as intervals: digits, words, vague words, floors, ceilings, ranges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tocsin.signals.count_words import CountWords, Token, count_words
from tocsin.signals.rules.lexicon import fold

_LARGEST = 1_000_000_000
_BEFORE = 3
_THOUSANDS = re.compile(r"\d{1,3}(?:[., '٬]\d{3})+")
_BEGINS = frozenset(("vague", "articles", "round", "times", "num"))
"""What a word can be that begins a number."""
_DASHES = ("-", "–", "—")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as said: `best` is the figure named, `high` None when no upper bound is said.

    `first` and `last` are the tokens it covers. `article` marks "a child" or "one": one, if at all.
    """

    low: int
    best: int
    high: int | None
    first: int
    last: int
    article: bool = False


def read_number(text: str, language: str) -> Quantity | None:
    """The first number of a text as an interval; None when it holds none or the language has no words."""
    words = count_words(language)
    if words is None:
        return None
    folded = fold(text)
    found = quantities(folded, words.tokens(folded), words)
    return found[0] if found else None


def quantities(folded: str, tokens: Sequence[Token], words: CountWords) -> list[Quantity]:
    """Every number of a sentence, in order, with its qualifiers and ranges joined."""
    reader = _Reader(folded, tokens, words.after_noun)
    out: list[Quantity] = []
    n = 0
    while n < len(tokens):
        found = reader.number(n)
        if found is None or found.best > _LARGEST:
            n += 1
            continue
        found = reader.ranged(found)
        out.append(_qualified(tokens, found, reader))
        n = found.last + 1
    return out


class _Reader:
    """The grammar of numbers over the tokens of one sentence."""

    def __init__(self, folded: str, tokens: Sequence[Token], after_noun: bool) -> None:
        self.folded, self.tokens, self.after_noun = folded, tokens, after_noun

    def number(self, n: int) -> Quantity | None:
        """The number that begins at token `n`, without its qualifiers."""
        token = self.tokens[n]
        if token.digits:
            return self._digits(n)
        if _BEGINS.isdisjoint(token.roles):
            return None
        if "vague" in token:
            return self._vague(n)
        rounded = n + ("articles" in token)
        if rounded < len(self.tokens) and "round" in self.tokens[rounded]:
            best = self.tokens[rounded].roles["round"]
            return _about(Quantity(best, best, best, n, rounded))
        return self._scale_first(n) if self.after_noun else self._spelled(n)

    def _vague(self, n: int) -> Quantity:
        """ "Several", "dozens", "several dozen", "tens of millions"."""
        low, best, high = self.tokens[n].roles["vague"]
        last = n
        scale = n + 1 + (n + 1 < len(self.tokens) and "of" in self.tokens[n + 1])
        if scale < len(self.tokens) and not self._gap(n + 1).strip() and self._joined(scale):
            roles, few = self.tokens[scale].roles, best < 10
            if "vague" in roles:
                bounds = roles["vague"]
                low, best, high = bounds if few else (k * bounds[2] // 10 for k in (low, best, high))
                last = scale
            elif "times" in roles:
                low, best, high = (k * roles["times"] for k in (low, best, high))
                last = scale
        return Quantity(low, best, high, n, last)

    def ranged(self, found: Quantity) -> Quantity:
        """The number joined with the one after it where both are the ends of a range."""
        after = found.last + 1
        if after >= len(self.tokens):
            return found
        gap = self._gap(after).strip()
        if gap in _DASHES and self.tokens[after].digits:
            top = self._digits(after)
        elif self._is_to(found, after) and after + 1 < len(self.tokens):
            top = self.number(after + 1)
        else:
            return found
        if top is None:
            return found
        scale = self.tokens[top.last].roles.get("times", 1)
        if found.last == found.first and self.tokens[found.last].digits and found.best * scale < top.best:
            found = replace(found, low=found.low * scale, best=found.best * scale)
        if not found.best < top.best:
            return found
        return Quantity(found.low, (found.low + top.best) // 2, top.best, found.first, top.last)

    def _is_to(self, found: Quantity, after: int) -> bool:
        token = self.tokens[after]
        between = any("between" in t for t in self.tokens[max(0, found.first - 2) : found.first])
        return "to" in token and not self._gap(after).strip() and (between or "and" not in token)

    def _gap(self, n: int) -> str:
        return self.folded[self.tokens[n - 1].end : self.tokens[n].start]

    def _joined(self, n: int) -> bool:
        return n < len(self.tokens) and self._gap(n) in ("", " ", "-", "  ")

    def _digits(self, n: int) -> Quantity | None:
        value = _decimal(self.tokens[n].digits, scaled=self._scaled(n + 1))
        last = n
        while self._scaled(last + 1):
            last += 1
            value *= self.tokens[last].roles["times"]
        if value != int(value) and abs(value - round(value)) > 1e-6:
            return None
        return Quantity(round(value), round(value), round(value), n, last)

    def _scaled(self, n: int) -> bool:
        if not self._joined(n) or "times" not in self.tokens[n]:
            return False
        token = self.tokens[n]
        return token.end - token.start > 1 or not self._gap(n)

    def _spelled(self, n: int) -> Quantity | None:
        """Units before scales: "two hundred thousand", "quatre cent mille", "خمسة آلاف"."""
        total, current, last, at = 0, 0, -1, n
        while at < len(self.tokens) and (at == n or self._joined(at)):
            token = self.tokens[at]
            scale = token.roles.get("times", 0) if token.end - token.start > 1 else 0
            if scale and (current or total or (scale >= 100 and at == n)):
                if scale >= 1000:
                    total, current = total + max(current, 1) * scale, 0
                elif total and not current:
                    current = scale
                else:
                    current *= scale
                    current = current or scale
            elif "num" in token and _fits(current, token.roles["num"]):
                current += token.roles["num"]
            elif not (last == at - 1 and last >= 0 and self._joins(at, current, total)):
                if not ("articles" in token and at == n and self._scaled(at + 1)):
                    break
                current = 1
            else:
                at += 1
                continue
            last = at
            at += 1
        if last < 0:
            return None
        whole = total + current
        single = last == n and whole == 1
        return Quantity(whole, whole, whole, n, last, article=single)

    def _joins(self, at: int, current: int, total: int) -> bool:
        """Whether "and" at a token leads on to a smaller part of the same number."""
        if "joins" not in self.tokens[at] or not self._joined(at + 1):
            return False
        value = self.tokens[at + 1].roles.get("num")
        if value is None:
            scale = self.tokens[at + 1].roles.get("times", 0)
            return bool(scale) and (0 < scale < _place(total) and not current)
        return _fits(current, value) and (current > 0 or (total > 0 and value < 1000))

    def _scale_first(self, n: int) -> Quantity | None:
        """Scales before units: "elfu tatu na mia tano", "milioni 1.2"."""
        total, smallest, last, at = 0.0, _LARGEST * 10, -1, n
        while at < len(self.tokens) and (at == n or self._joined(at)):
            token = self.tokens[at]
            if "times" in token and token.roles["times"] < smallest:
                smallest = token.roles["times"]
                value, last = self._factor(at + 1, smallest)
                total += smallest * value
                at = last + 1
            elif "num" in token and token.roles["num"] < smallest:
                smallest = _place(token.roles["num"])
                total, last = total + token.roles["num"], at
                at += 1
            elif "joins" in token and last == at - 1 >= 0 and self._smaller(at + 1, smallest):
                at += 1
            else:
                break
        if last < 0:
            return None
        whole = round(total)
        return Quantity(whole, whole, whole, n, last, article=whole == 1)

    def _factor(self, at: int, scale: int) -> tuple[float, int]:
        """How many of a scale: the number after it and the last token of it; one when none is there."""
        if not self._joined(at):
            return 1, at - 1
        token = self.tokens[at]
        if token.digits:
            return _decimal(token.digits, scaled=True), at
        if "num" not in token:
            return 1, at - 1
        value, last = token.roles["num"], at
        if value >= 10 and scale >= 1000 and self._joined(at + 2) and "joins" in self.tokens[at + 1]:
            unit = self.tokens[at + 2].roles.get("num", 10)
            if unit < 10:
                return value + unit, at + 2
        return value, last

    def _smaller(self, at: int, than: int) -> bool:
        if not self._joined(at):
            return False
        roles = self.tokens[at].roles
        value: int = roles.get("times", roles.get("num", 0))
        return 0 < value < than


def _decimal(digits: str, *, scaled: bool) -> float:
    """The value of digits; three digits after one point or comma are thousands, unless "million" follows."""
    if _THOUSANDS.fullmatch(digits):
        parts = re.split(r"[., '٬]", digits)
        if not (scaled and len(parts) == 2 and re.search(r"[.,]", digits)):
            return float("".join(parts))
    return float(digits.replace(",", ".").replace("٫", "."))


def _fits(current: int, value: int) -> bool:
    """Whether a number word can follow what stands: 20 then 5, 60 then 11 (French), 5 then 20 (Arabic)."""
    if current == 0:
        return True
    if value < _place(current):
        return True
    rest = current % 100
    return (rest in (60, 80) and value < 20) or (0 < rest < 10 and (value == 10 or 20 <= value <= 90))


def _place(value: int) -> int:
    """The largest power of ten that divides a number; what is added after it must be less."""
    return 10 ** (len(str(value)) - len(str(value).rstrip("0"))) if value else 1


def _qualified(tokens: Sequence[Token], found: Quantity, reader: _Reader) -> Quantity:
    first = found.first
    for n in range(first - 1, max(-1, first - 1 - _BEFORE), -1):
        token = tokens[n]
        if reader.after_noun and ("person" in token or "unit" in token):
            continue
        if "floor" in token:
            found = replace(found, high=None)
        elif found.article:
            break
        elif "ceiling" in token:
            found = replace(found, low=0)
        elif "under" in token:
            found = replace(found, low=-(-found.low * 9 // 10))
        elif "about" in token:
            found = _about(found)
        elif "between" not in token:
            break
        found = replace(found, first=n, article=False)
    return _at_least(tokens, found, reader)


def _at_least(tokens: Sequence[Token], found: Quantity, reader: _Reader) -> Quantity:
    """ "20 or more", "120 people at least": a floor said after the number or after its noun."""
    after = found.last + 1
    noun = after < len(tokens) and ("person" in tokens[after] or "unit" in tokens[after])
    at = after + noun
    ends = at + 1 >= len(tokens) or reader.number(at + 1) is None
    if at >= len(tokens) or "floor_after" not in tokens[at] or not ends:
        return found
    return replace(found, high=None, last=found.last if noun else at)


def _about(found: Quantity) -> Quantity:
    # "About 300" and "nearly 300" may be a tenth away from 300.
    low, high = found.best * 9 // 10, -(-found.best * 11 // 10)
    return replace(found, low=min(found.low, low), high=max(found.high or high, high))
