"""What the reviewed rules saw in a passage, as named values of about 0 to 1 that a person can look up.

`c:` concepts, `p:` patterns, `now:` patterns in a sentence about the present, `t:` time statuses, `by:` the
actor a pattern points to, `f:` frame, `side:` who acts in how many sentences, `act:` acts found, `x:` two
concepts in one sentence; and the shape of the text.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, combinations
from math import log, log2

from tocsin.signals.acts import by_sentence, side_counts
from tocsin.signals.model.masking import PLACE, places_of, without_names, without_places
from tocsin.signals.rules.claims import Match, perpetrator
from tocsin.signals.rules.passage import Part, Passage
from tocsin.signals.rules.patterns import violence_concepts
from tocsin.signals.rules.timing import time_of
from tocsin.signals.signal import TimeStatus

Evidence = dict[str, float]
_PAIR, _AGAIN, _PAIRED = 0.42, 0.14, 0.7
"""The value of a pair of concepts met in one sentence, what each further sentence adds, and the most."""


def founded(doc: Passage, found: list[list[Match]]) -> bool:
    """Whether a passage holds anything to rest a judgement on: a pattern, or a word of violence or need."""
    return any(found) or not violence_concepts().isdisjoint(doc.counts)


def evidence(doc: Passage, found: list[list[Match]]) -> Evidence:
    """The evidence of a passage; `found` are the matches of each sentence. Counts are log2(1 + n) / 3."""
    counts: Counter[str] = Counter({f"c:{name}": n for name, n in doc.counts.items()})
    for part, held in zip(doc.parts, found, strict=True):
        if held:
            counts[f"by:{perpetrator(part)}"] += 1
        counts.update(_of_matches(doc, part, held))
    told = by_sentence(doc)
    counts.update({f"side:{name}": n for name, n in side_counts(doc, told).items()})
    for act in chain.from_iterable(told):
        counts.update((f"act:{act.type}", f"act:{act.type}:{act.by}"))
    values = {name: log2(1 + n) / 3 for name, n in counts.items() if n}
    return values | _shape(doc, found)


def pairs(doc: Passage) -> Evidence:
    """The pairs of concepts that stand in one sentence, a place and a year among them: "x:kill+medical"."""
    met = (combinations(_concepts(part, doc.writing_year), 2) for part in doc.parts)
    counts = Counter(map("+".join, chain.from_iterable(met)))
    return {f"x:{pair}": min(_PAIRED, _PAIR + _AGAIN * (n - 1)) for pair, n in counts.items()}


def _of_matches(doc: Passage, part: Part, held: list[Match]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for pattern, start, end in held:
        when = time_of(doc, part, start, end, frozenset())
        counts.update((f"p:{pattern.id}", f"t:{when}"))
        counts[f"now:{pattern.id}"] += when is TimeStatus.PRESENT
    return counts


def _shape(doc: Passage, found: list[list[Match]]) -> Evidence:
    """Counted without names, whose length says nothing."""
    text = without_names(without_places(doc.text, places_of(doc.text), PLACE), ())
    length = len(text)
    values = {f"f:{doc.frame.id}": 1.0} if doc.frame else {}
    return values | {
        "length": log(1 + length) / 8,
        "short": float(length < 250),
        "sentences": log2(1 + len(doc.parts)) / 4,
        "nothing": float(not any(found)),
        "digits": min(1.0, 10 * sum(map(str.isdigit, text)) / (length + 1)),
    }


def _concepts(part: Part, writing_year: int) -> list[str]:
    names = sorted(part.hits)
    names += ["~place"] if part.places else []
    if part.years:
        names.append("~year" if max(part.years) >= writing_year - 1 else "~old")
    return names
