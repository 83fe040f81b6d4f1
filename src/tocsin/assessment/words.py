"""Words as readings: which signals count as present, how many independent origins, how strong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tocsin.assessment.figures import Weights, weights
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.signals.stories import independent_origins

WITHDRAWN = frozenset({"withdrawn", "rejected"})


def standing(signals: Sequence[Signal]) -> tuple[Signal, ...]:
    """Signals that no correction replaced and no reviewer withdrew."""
    replaced = {s.replaces for s in signals if s.replaces}
    return tuple(s for s in signals if s.id not in replaced and s.review not in WITHDRAWN)


def recent(signals: Sequence[Signal], as_of: datetime) -> tuple[Signal, ...]:
    """Signals about the present, known within the window before `as_of`; past, denied or supposed ones never.

    A signal without a known date is not counted, because no date can be guessed for it.
    """
    since = as_of - timedelta(days=weights().window_days)
    return tuple(
        s
        for s in standing(signals)
        if s.time is TimeStatus.PRESENT and s.known is not None and since <= s.known.end <= as_of
    )


def present(signals: Sequence[Signal], as_of: datetime) -> tuple[Signal, ...]:
    """Recent signals of present risk or atrocity; mere context is left out."""
    return tuple(s for s in recent(signals, as_of) if s.relevance in (Relevance.SIGNAL, Relevance.ATROCITY))


def risks(signals: Sequence[Signal], as_of: datetime, factors: Iterable[str]) -> tuple[Signal, ...]:
    """Present-time signals of any of the factors.

    A sentence can tell of a protective act and of what people need protection from (who fled, from whom);
    such a signal counts. A protective act alone bears no factor and so never counts as risk.
    """
    wanted = set(factors)
    return tuple(s for s in present(signals, as_of) if s.factor and s.factor in wanted)


def strength(signals: Sequence[Signal], table: Weights | None = None) -> float:
    """How strongly words speak, 0 to 1: 1 - prod(1 - trust x confidence) over independent origins.

    Each origin counts with its surest signal; only as many origins as are independent, surest first.
    """
    trust = (table or weights()).trust_in_one_origin
    surest: dict[str, float] = {}
    for signal in signals:
        surest[signal.origin] = max(surest.get(signal.origin, 0.0), signal.confidence)
    doubt = 1.0
    for confidence in sorted(surest.values(), reverse=True)[: independent_origins(signals)]:
        doubt *= 1.0 - trust * confidence
    return round(1.0 - doubt, 6)
