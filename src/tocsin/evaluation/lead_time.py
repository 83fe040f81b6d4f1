"""How long before an onset the entity had stood in the top of every origin, and the onsets one by one.

An *onset* is the first period of a run of events: the period before it is among the rows, without one. The
*last origin* is the one whose row that is. Where the outcome of a row lies ahead by itself (horizon 0), a run
of events is one onset, which comes after the last row of the run. Of new mass killings within two years the
onset years follow from where a run begins and ends, and the last origin is the year before.

The *lead* of a top k is the time from the first of the unbroken run of origins, up to the last one, at which
the entity stood among the k highest, to the onset; 0 for one that was not there at the last origin. Where the
run begins with the first origin of the file, and for horizon 0, it is at least that long. Units are those of
the periods, days for dates. A file with one origin has no before: every event is listed, and none has a lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from tocsin.evaluation.columns import Floats
from tocsin.evaluation.compared import Compared, Ints, Slice, slices
from tocsin.evaluation.grouping import standing
from tocsin.evaluation.outcomes_of import ONSET_YEARS
from tocsin.evaluation.scoring import TOPS, Score

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Onset:
    """One onset as one file saw it: `rank` of `of` rows at the last origin, ties sharing the middle.

    `leads` holds the lead for each of TOPS, nothing for a file with one origin.
    """

    forecasts: str
    horizon: str
    threshold: float
    entity: str
    onset: str
    last_origin: str
    probability: float
    rank: float
    of: int
    leads: tuple[int, ...]


def onsets(rows: Compared) -> Iterator[Onset]:
    """Every onset of every file, horizon and threshold, the worst ranks first."""
    for one in slices(rows):
        anchors = _anchors(rows, one)
        for label, p in zip(rows.labels, one.p, strict=True):
            found = _seen(rows, one, label, p, anchors)
            yield from sorted(found, key=lambda o: (-o.rank, o.onset, o.entity))


def lead_scores(found: Sequence[Onset]) -> Iterator[Score]:
    """How many onsets there were, how many had a lead, and the median lead, misses counting 0."""
    for (label, horizon, threshold), several in groupby(
        found, lambda o: (o.forecasts, o.horizon, o.threshold)
    ):
        leads = np.array([o.leads for o in several])
        if not leads.size:
            continue
        values = {"onsets": float(len(leads))}
        for k, of in zip(TOPS, leads.T, strict=True):
            values |= {f"onsets_in_top_{k}": float((of > 0).sum()), f"median_lead_{k}": float(np.median(of))}
        for name, value in values.items():
            yield Score(label, horizon, threshold, "all", "", name, value, NAN, NAN, NAN)


def _anchors(rows: Compared, one: Slice) -> dict[int, int | None]:
    """The row of each onset at its last origin, and when it came (None: some time after)."""
    if _single(one):
        return {i: int(one.period[i]) for i in np.flatnonzero(one.y == 1).tolist()}
    if rows.own and rows.binary:
        return _within(one)
    return _after(one) if one.ahead else _starts(one)


def _single(one: Slice) -> bool:
    return bool((one.origin == one.origin[0]).all())


def _starts(one: Slice) -> dict[int, int | None]:
    """Rows of the first period of a run of events, the period before it known to be without."""
    times = np.unique(one.period)
    before = dict(zip(times[1:].tolist(), times[:-1].tolist(), strict=True))
    at = _places(one.entity, one.period)
    return {i: t for (e, t), i in at.items() if one.y[i] and one.y[at.get((e, before.get(t, t)), i)] == 0}


def _after(one: Slice) -> dict[int, int | None]:
    """Rows of the last origin of a run of events."""
    times = np.unique(one.origin)
    later = dict(zip(times[:-1].tolist(), times[1:].tolist(), strict=True))
    at = _places(one.entity, one.origin)
    return {
        i: None for (e, t), i in at.items() if one.y[i] and not _known(one, at.get((e, later.get(t, t + 1))))
    }


def _within(one: Slice) -> dict[int, int | None]:
    """Onsets of which a row says that one comes within ONSET_YEARS: at the end of a run of events, the year
    after its last row; at the beginning, as late as the first row allows."""
    at = _places(one.entity, one.origin)
    found: dict[int, int | None] = {}
    for (e, t), i in at.items():
        if not one.y[i]:
            continue
        before, after = (_known(one, at.get((e, t + step))) for step in (-1, 1))
        if after is None:
            found.setdefault(i, None)
        elif not after:
            found[i] = t + 1
        if before == 0:
            last = max(u for u in range(t, t + ONSET_YEARS) if _known(one, at.get((e, u))))
            found[at[e, last]] = t + ONSET_YEARS
    return found


def _known(one: Slice, row: int | None) -> float | None:
    return None if row is None else float(one.y[row])


def _places(entity: Ints, when: Ints) -> dict[tuple[int, int], int]:
    return {(e, t): i for i, (e, t) in enumerate(zip(entity.tolist(), when.tolist(), strict=True))}


def _seen(
    rows: Compared, one: Slice, label: str, p: Floats, anchors: Mapping[int, int | None]
) -> Iterator[Onset]:
    above, tied = standing(p, one.origin)
    rank = above + (tied + 1) / 2
    size = dict(zip(*(v.tolist() for v in np.unique(one.origin, return_counts=True)), strict=True))
    origins = np.unique(one.origin).tolist()
    at, shown = _places(one.entity, one.origin), rows.forecasts[0].shown
    for i, came in anchors.items():
        e, last = int(one.entity[i]), int(one.origin[i])
        begins = last + 1 if came is None else came
        back = origins[origins.index(last) :: -1]
        ranks = [rank[at[e, o]] if (e, o) in at else np.inf for o in back]
        leads = []
        for k in () if _single(one) else TOPS:
            stayed = next((n for n, r in enumerate(ranks) if r > k), len(ranks))
            leads.append(begins - back[stayed - 1] if stayed else 0)
        onset = f"after {shown(last)}" if came is None else shown(came)
        yield Onset(
            label, one.horizon, one.threshold, rows.names[e], onset, shown(last),
            float(p[i]), float(rank[i]), size[last], tuple(leads),
        )  # fmt: skip
