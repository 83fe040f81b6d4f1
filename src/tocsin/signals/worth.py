"""What is worth a person's time first: near the cut, of high consequence, or read differently by two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.signals.coded import CodedRecord
from tocsin.signals.review import RISK, Review
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.signals.standing import standing


@dataclass(frozen=True, slots=True)
class Worth:
    """One record to look at: the sum of the weights of its reasons, and the reasons (keys of the table)."""

    reading: CodedRecord
    weight: float
    reasons: tuple[str, ...]

    @property
    def unsure(self) -> bool:
        """Whether a reason speaks of doubt."""
        return any(reason in judged()["doubts"] for reason in self.reasons)


@cache
def judged() -> dict[str, Any]:
    """The reviewed table of weights, reasons and open licences."""
    table: dict[str, Any] = yaml.load(
        files(__package__).joinpath("data/review.yml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return table


def worth_reviewing(
    readings: Sequence[CodedRecord],
    signals: Iterable[Signal],
    others: Iterable[CodedRecord],
    reviews: Iterable[Review],
    since: datetime,
) -> list[Worth]:
    """The records that nobody reviewed, or on which reviewers differ, the most worth first.

    `readings` and `signals` are those of the coder in use, `others` the readings of other coders or versions.
    Claims known before `since` no longer weigh in an assessment, so they are of no consequence.
    """
    present = [s for s in signals if _weighs(s, since)]
    claims: dict[str, list[Signal]] = defaultdict(list)
    for signal in present:
        claims[signal.record].append(signal)
    alone = _alone(present)
    signs: dict[str, set[bool]] = defaultdict(set)
    for other in others:
        signs[other.record].add(other.relevance in RISK)
    told: dict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        told[review.record].append(review)
    cut = min([0.5, *(r.score for r in readings if r.relevance in RISK)])
    found = []
    for reading in readings:
        differ = _differ(reading, told[reading.record])
        if told[reading.record] and not differ:
            continue
        holds = {
            "near_cut": abs(reading.score - cut) <= judged()["near"],
            "reviewers_differ": differ,
            "coders_differ": (reading.relevance not in RISK) in signs[reading.record],
            "atrocity": any(s.relevance is Relevance.ATROCITY for s in claims[reading.record]),
            "only_origin": reading.record in alone,
            "present": bool(claims[reading.record]),
        }
        found.append(_worth(reading, holds))
    return sorted((w for w in found if w.reasons), key=lambda w: (-w.weight, w.reading.record))


def _worth(reading: CodedRecord, holds: dict[str, bool]) -> Worth:
    reasons = tuple(reason for reason in judged()["weights"] if holds[reason])
    return Worth(reading, round(sum(judged()["weights"][r] for r in reasons), 3), reasons)


def _weighs(signal: Signal, since: datetime) -> bool:
    lately = signal.known is not None and signal.known.end >= since
    return lately and signal.time is TimeStatus.PRESENT and signal.relevance in RISK


def _alone(present: Iterable[Signal]) -> set[str]:
    """The records of the only origin that a factor of a country rests on."""
    origins: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for s in present:
        if s.factor and s.iso3:
            origins[s.iso3, s.factor][s.origin].add(s.record)
    return {r for by in origins.values() if len(by) == 1 for records in by.values() for r in records}


def _differ(reading: CodedRecord, reviews: Sequence[Review]) -> bool:
    claims = {r.signal: r.of for r in reviews if r.of is not None}.values()
    of_claims = any(standing(claim, reviews).differ for claim in claims)
    return of_claims or standing(reading, reviews).differ
