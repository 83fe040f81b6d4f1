"""Lead time, recall and false alarms per true one of whoever points at places month by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tocsin.evaluation.beginnings import Bools, Fate, Ground, Ints
from tocsin.evaluation.bootstrap import Draws, interval
from tocsin.evaluation.columns import Floats

SHARE = 0.95
Scope = tuple[str, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Stands:
    """Who points where: arrays (places, days) by name, over the first days of months."""

    places: tuple[str, ...]
    days: tuple[date, ...]
    by: Mapping[str, Bools]

    def since(self, who: str) -> Ints:
        """The column in which the unbroken standing began (places, days), -1 where there is none."""
        stand = self.by[who]
        out = np.full(stand.shape, -1)
        for t in range(stand.shape[1]):
            before = out[:, t - 1] if t else np.full(len(stand), -1)
            out[:, t] = np.where(stand[:, t], np.where(before >= 0, before, t), -1)
        return out


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something was true, false, going on or open, and false ones per true one (None without any).

    `strict` counts what was going on as false too.
    """

    true: int
    false: int
    going_on: int
    open: int

    @property
    def per_true(self) -> float | None:
        """False ones per true one."""
        return self.false / self.true if self.true else None

    @property
    def strict(self) -> float | None:
        """False ones and those where violence was going on, per true one."""
        return (self.false + self.going_on) / self.true if self.true else None


@dataclass(frozen=True, slots=True)
class Score:
    """One of the rivals in one stretch of years. Leads are medians in months, None without a beginning.

    `lead` counts a beginning that was not met as 0; `lead_met` leaves those out. `places` is the mean number
    pointed at on a judged day; `stood` counts places and judged days, `raised` unbroken standings, once each.
    """

    part: str
    beginning: str
    who: str
    years: str
    beginnings: int
    met: int
    recall: float | None
    lead: float | None
    lead_met: float | None
    places: float
    stood: Counted
    raised: Counted


@dataclass(frozen=True, slots=True)
class Difference:
    """The first of the rivals less another, with the interval of resampled countries; None where too few."""

    part: str
    beginning: str
    who: str
    years: str
    measure: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """The beginnings on the days of the stands: place, day and lead in months, -1 for one not met."""

    place: Ints
    day: Ints
    lead: Ints


@dataclass(frozen=True, slots=True)
class Onset:
    """One beginning, and the lead in months of each rival; None where it was not met."""

    part: str
    beginning: str
    iso3: str
    began: date
    leads: dict[str, int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A part of the comparison: who stood where, what began, and on which days alarms are counted."""

    part: str
    stands: Stands
    ground: Ground
    judged: Bools
    scopes: tuple[Scope, ...]

    def scores(self) -> Iterator[Score]:
        """Every rival in every stretch of years."""
        fates = self.ground.fates(self.stands.days)
        for who in self.stands.by:
            met = self.met(who)
            for scope in self.scopes:
                yield self._score(who, scope, met, fates)

    def onsets(self) -> Iterator[Onset]:
        """Every beginning with the leads of all."""
        met = {who: self.met(who) for who in self.stands.by}
        one = next(iter(met.values()))
        for n, (p, t) in enumerate(zip(one.place.tolist(), one.day.tolist(), strict=True)):
            leads = {who: int(m.lead[n]) if m.lead[n] >= 0 else None for who, m in met.items()}
            yield Onset(self.part, self.ground.key, self.ground.places[p], self.stands.days[t], leads)

    def met(self, who: str) -> Met:
        """How long a rival had stood at each beginning in the stretch of the last scope."""
        since = self.stands.since(who)
        column = {day: t for t, day in enumerate(self.stands.days)}
        place, period = np.nonzero(self.ground.begins)
        day = np.array([column.get(self.ground.starts[n], -1) for n in period], dtype=np.int64)
        place, day = place[day >= 0], day[day >= 0]
        inside = self._within(self.scopes[-1])[day]
        place, day = place[inside], day[inside]
        began = since[place, day]
        return Met(place, day, np.where(began >= 0, day - began, -1))

    def differences(self, scopes: Sequence[Scope]) -> Iterator[Difference]:
        """The first rival less each other in recall and in false alarms per true one."""
        draws, fates = Draws.of(len(self.stands.places)), self.ground.fates(self.stands.days)
        first, *others = self.stands.by
        for scope in scopes:
            mine = self._drawn(first, scope, fates, draws)
            for who in others:
                theirs = self._drawn(who, scope, fates, draws)
                for measure, values in mine.items():
                    with np.errstate(invalid="ignore"):
                        gap = values - theirs[measure]
                    told = (_number(v) for v in (float(gap[0]), *interval(gap, SHARE)))
                    yield Difference(self.part, self.ground.key, who, scope[0], measure, *told)

    def _drawn(self, who: str, scope: Scope, fates: Ints, draws: Draws) -> dict[str, Floats]:
        met, days = self.met(who), self._within(scope)
        use = days[met.day]
        entity = np.arange(len(self.stands.places))
        began = draws.total(np.ones(int(use.sum())), met.place[use])
        caught = draws.total((met.lead[use] >= 0).astype(np.float64), met.place[use])
        stood = self.stands.by[who] & (days & self.judged)
        true = draws.total((stood & (fates == Fate.TRUE)).sum(axis=1).astype(np.float64), entity)
        false = draws.total((stood & (fates == Fate.FALSE)).sum(axis=1).astype(np.float64), entity)
        with np.errstate(divide="ignore", invalid="ignore"):
            return {"recall": caught / began, "false per true": false / true}

    def _score(self, who: str, scope: Scope, met: Met, fates: Ints) -> Score:
        days = self._within(scope)
        lead = met.lead[days[met.day]]
        stood = self.stands.by[who] & (days & self.judged)
        n, caught = len(lead), int((lead >= 0).sum())
        return Score(
            self.part,
            self.ground.key,
            who,
            scope[0],
            n,
            caught,
            caught / n if n else None,
            float(np.median(np.maximum(lead, 0))) if n else None,
            float(np.median(lead[lead >= 0])) if caught else None,
            float(stood.sum() / max(1, int((days & self.judged).sum()))),
            _counted(fates[stood]),
            _counted(self._raised(who, days, fates)),
        )

    def _raised(self, who: str, days: Bools, fates: Ints) -> Ints:
        """The fate of every unbroken standing that began in these days, or stood at the first of all.

        True where a day of it is; else open where its last day is; else as on its first day.
        """
        inside = self._within(self.scopes[-1])
        stand = self.stands.by[who] & inside
        out = []
        for p in range(len(stand)):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], stand[p].astype(np.int64), [0]])))
            for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
                if days[a]:
                    seen = fates[p, a:b]
                    end = Fate.OPEN if seen[-1] == Fate.OPEN else seen[0]
                    out.append(Fate.TRUE if (seen == Fate.TRUE).any() else end)
        return np.array(out, dtype=np.int64)

    def _within(self, scope: Scope) -> Bools:
        _, first, last = scope
        return np.array([first <= day.year <= last for day in self.stands.days], dtype=np.bool_)


def decades(first: int, last: int, new: int) -> tuple[Scope, ...]:
    """The decades between two years, those from `new` on, and all, which is the last."""
    found: list[Scope] = []
    year = first
    while year <= last:
        end = min(last, year // 10 * 10 + 9)
        found.append((f"{year}-{end}", year, end))
        year = end + 1
    if first < new <= last:
        found.append((f"{new}-{last}", new, last))
    return (*found, ("all", first, last))


def _counted(fates: Ints) -> Counted:
    n = {fate: int((fates == fate).sum()) for fate in Fate}
    return Counted(n[Fate.TRUE], n[Fate.FALSE], n[Fate.GOING_ON], n[Fate.OPEN])


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
