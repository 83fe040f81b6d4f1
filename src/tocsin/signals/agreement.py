"""How far two reviewers agree on the records that both judged: Cohen's kappa (Cohen 1960)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from tocsin.framework import framework
from tocsin.signals.review import RISK, Judgement, Review


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers on one field: shared records, the share alike, and kappa.

    `kappa` is None when it has no value: both gave one and the same answer everywhere, so that chance alone
    would make them agree. `factors` is judged factor by factor, 14 answers a record.
    """

    field: str
    first: str
    second: str
    records: int
    alike: float
    kappa: float | None


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """kappa = (p_o - p_e) / (1 - p_e), p_e from both raters' own shares; None when it has no value."""
    n = len(pairs)
    if not n:
        return None
    p_o = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    p_e = sum(first[answer] * second[answer] for answer in first) / n**2
    return (p_o - p_e) / (1 - p_e) if p_e < 1 else None


def agreement(reviews: Iterable[Review]) -> list[Agreement]:
    """Every two reviewers on every field that both judged in the same records, by their newest words."""
    told = _newest(reviews)
    out = []
    for first, second in combinations(sorted(told), 2):
        for field in ("signal", "relevance", "factors", "time", "countries", "perpetrator", "mitigation"):
            shared = [
                (a, b)
                for record in sorted(told[first].keys() & told[second].keys())
                if (a := _answers(told[first][record], field))
                and (b := _answers(told[second][record], field))
            ]
            pairs = [pair for a, b in shared for pair in zip(a, b, strict=True)]
            if pairs:
                alike = sum(a == b for a, b in pairs) / len(pairs)
                out.append(Agreement(field, first, second, len(shared), alike, kappa(pairs)))
    return out


def _newest(reviews: Iterable[Review]) -> dict[str, dict[str, dict[str, object]]]:
    """Reviewer to record to field to the newest value, of whole records (claims differ between coders)."""
    told: dict[str, dict[str, dict[str, object]]] = defaultdict(lambda: defaultdict(dict))
    for review in sorted(reviews, key=lambda r: (r.made, r.id)):
        if not review.signal:
            told[review.reviewer][review.record] |= review.says.said()
    return told


def _answers(said: dict[str, object], field: str) -> tuple[Hashable, ...]:
    """The answers on one record: one a field, 14 for the factors, none when nothing was said."""
    told = Judgement(**said)  # type: ignore[arg-type]
    if field == "signal":
        return (told.relevance in RISK,) if told.relevance is not None else ()
    if field == "factors":
        given = told.factors
        return tuple(f.code in given for f in framework().factors) if given is not None else ()
    value = said.get(field)
    return (value,) if isinstance(value, Hashable) and value is not None else ()
