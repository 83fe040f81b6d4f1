"""The Alarm: a decision that someone must look now; raised once a situation, never closed in silence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tocsin.evidence import content_id


class Level(StrEnum):
    """The ladder of words; a level is not a legal finding."""

    NONE = "none"
    RISK = "risk"
    WARNING = "warning"
    ALARM = "alarm"
    ONGOING = "ongoing"

    @property
    def step(self) -> int:
        """Height on the ladder, 0 to 4."""
        return _STEPS[self]


_STEPS = {level: n for n, level in enumerate(Level)}


class AlarmState(StrEnum):
    """Where an alarm stands: a rule proposes, two people issue."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    ISSUED = "issued"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    CLOSED = "closed"

    @property
    def public(self) -> bool:
        """Whether feeds, mail and engagements may carry it."""
        return self in (AlarmState.ISSUED, AlarmState.UPDATED)

    @property
    def open(self) -> bool:
        """Whether it still stands for its situation."""
        return self in (AlarmState.PROPOSED, AlarmState.ISSUED, AlarmState.UPDATED)


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's yes or no to a proposal, with the reason; a dissent is kept and printed.

    `revision` is that of the proposal the person saw, 0 in a row older than the field. What counts is the
    revision and not `at`: clocks can jump back.
    """

    alarm: str
    signer: str
    consents: bool
    reason: str
    at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """One situation that someone must look at. `id` stays through every change; `revision` counts them.

    `reasons` are ids of signals and forecasts, and of what else an expert named; `sentences` say them in
    plain words. `moved_by` and `why` tell who made this revision. `expires` is never absent (no for-ever
    alarms). `in_force` is the revision that was issued and stands until `in_force_until`, 0 for none; a
    change that waits for signatures leaves it standing. `measured` holds the fields that the rule compares or
    tells of, as they were measured (names of policy.yml), so that every language can say its numbers; empty
    in a row older than the field.
    `origins` counts independent origins of present grave words and the publishers of the figures that the
    rule compares. `forecast_rule` says whether a rule made of forecasts alone fires too.
    """

    id: str
    revision: int
    iso3: str
    crime_family: str
    first_crossing: date
    level: Level
    rule: str
    state: AlarmState
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]
    unknowns: tuple[str, ...]
    origins: int
    as_of: datetime
    expires: date
    moved_by: str
    why: str
    run: str
    recorded: datetime
    replaces: str = ""
    in_force: int = 0
    in_force_until: date | None = None
    measured: dict[str, float] = field(default_factory=dict)
    forecast_rule: bool = False

    def __post_init__(self) -> None:
        if self.expires <= self.first_crossing and self.revision == 1:
            raise ValueError(f"alarm {self.id} would expire before it starts")

    @property
    def row(self) -> str:
        """The id of this revision."""
        return f"{self.id}.{self.revision}"


def alarm_id(iso3: str, crime_family: str, first_crossing: date, run: str) -> str:
    """The id of a situation: place, crime family and first-crossing date (and the replay, if it is one)."""
    return content_id("alm", iso3, crime_family, first_crossing.isoformat(), run)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that came within a tenth of its threshold and did not fire, kept for audits of misses."""

    run: str
    iso3: str
    level: Level
    rule: str
    measured: float
    threshold: float
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The level that the policy gives one place in one turn, with the rule that carried it.

    `held` says in words why a level was kept although its rule no longer fires (hysteresis, thinner
    coverage); empty when the rule fires now. `since` is the first day of the unbroken row of turns at this
    level or above; `stood` gives the same for every level up to this one. `measured`, `origins` and
    `forecast_rule` are as in `Alarm`.
    """

    id: str
    run: str
    iso3: str
    as_of: datetime
    level: Level
    rule: str
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]
    origins: int
    held: str
    recorded: datetime
    unknowns: tuple[str, ...] = ()
    expires: date | None = None
    records_read: int = 0
    origins_read: int = 0
    figures_read: int = 0
    measured: dict[str, float] = field(default_factory=dict)
    forecast_rule: bool = False
    since: date | None = None
    stood: dict[str, date] = field(default_factory=dict)
