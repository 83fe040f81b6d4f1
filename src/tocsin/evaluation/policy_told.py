"""The comparison of the policy with simple ones as lines for people and as plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from tocsin.evaluation.beginnings import MONTHS_MONTHS, QUIET_BELOW, QUIET_MONTHS, YEARS_MONTHS
from tocsin.evaluation.policy_judged import CHOSEN_UP_TO, POLICY, Judged
from tocsin.evaluation.policy_scores import Counted, Difference, Score

HEADS = (
    "begun", "met", "recall", "lead", "if met", "places", "true", "false", "per true", "going on", "strict",
    "open", "raised", "per true",
)  # fmt: skip
NONE = "-"
MEANING = (
    "begun: beginnings; met: stood at warning or above on the first day of the year or month of it",
    "recall: share met; lead: median months from the first day of the unbroken standing, 0 for one not met",
    "if met: the same without those not met; places: the mean number that stood",
    "true, false, going on, open: places that stood on 1 January (months: on the first of each month), by",
    f"  what came within {YEARS_MONTHS} months (months: {MONTHS_MONTHS}); per true: false ones per true one",
    "going on: violence of that kind was under way, so nothing could begin; strict: counts it as false",
    f"  (months: {QUIET_BELOW} or more killed in the {QUIET_MONTHS} months before)",
    "open: what came is not known, which is never false; raised: unbroken standings, each once",
)


def rows(found: Judged) -> Iterator[dict[str, Any]]:
    """Every score, difference and beginning as one plain row; what has no meaning is null."""
    for score in found.scores:
        told = asdict(score) | {"what": found.beginnings[score.beginning]}
        for name in ("stood", "raised"):
            counted: Counted = getattr(score, name)
            told[name] |= {"false_per_true": counted.per_true, "strict_per_true": counted.strict}
        yield {"kind": "score", **told}
    for gap in found.differences:
        yield {"kind": "difference", **asdict(gap)}
    for onset in found.onsets:
        yield {"kind": "beginning", **asdict(onset), "began": onset.began.isoformat()}


def lines(found: Judged) -> Iterator[str]:
    """One table for each part and definition: all years, then each stretch; then the differences."""
    yield from _meaning(found)
    for (part, key), several in groupby(found.scores, lambda s: (s.part, s.beginning)):
        told = list(several)
        yield from ("", f"{part.upper()}: {found.beginnings[key]}")
        width = max(len(s.who) for s in told)
        *parts, whole = dict.fromkeys(s.years for s in told)
        for years in (whole, *parts):
            yield f"{years:{width}}" + "".join(f"{head:>9}" for head in HEADS)
            yield from (_line(s, width) for s in told if s.years == years)
        gaps = [d for d in found.differences if (d.part, d.beginning) == (part, key)]
        yield f"{POLICY} less the other, with the 95 % interval of resampled countries"
        yield from (_gap(d, width) for d in gaps)


def _meaning(found: Judged) -> Iterator[str]:
    yield f"The shipped policy and simple ones, {found.first} to {found.last}, all as known then"
    yield from MEANING
    yield f"{found.least} killed: chosen by the rival of last year's killings, on data up to {CHOSEN_UP_TO}"


def _line(s: Score, width: int) -> str:
    cells = (
        str(s.beginnings), str(s.met), _share(s.recall), _one(s.lead), _one(s.lead_met), _one(s.places),
        str(s.stood.true), str(s.stood.false), _one(s.stood.per_true), str(s.stood.going_on),
        _one(s.stood.strict), str(s.stood.open), str(_all(s.raised)), _one(s.raised.per_true),
    )  # fmt: skip
    return f"{s.who:{width}}" + "".join(f"{cell:>9}" for cell in cells)


def _gap(d: Difference, width: int) -> str:
    told = f"{_signed(d.value)} [{_signed(d.low)}, {_signed(d.high)}]"
    return f"{d.who:{width}}  {d.years:10} {d.measure:15} {told}"


def _all(c: Counted) -> int:
    return c.true + c.false + c.going_on + c.open


def _share(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def _one(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


def _signed(value: float | None) -> str:
    return NONE if value is None else f"{value:+.2f}"
