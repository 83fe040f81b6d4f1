"""The Assessment: what we believe about a place as of a date, and why; never without its coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Seen(StrEnum):
    """What a reading of a factor says. `not_seen`: looked at and not found; `no_reading`: not looked at."""

    PRESENT = "present"
    NOT_SEEN = "not_seen"
    NO_READING = "no_reading"


class Missing(StrEnum):
    """Why a factor has no reading."""

    NOT_COVERED = "not covered"
    NOT_APPLICABLE = "not applicable"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"
    SOURCE_DOWN = "source down"


class Uncertainty(StrEnum):
    """How little can be seen of a place; it stands beside a level and never lowers one."""

    USUAL = "usual"
    RAISED = "raised"
    HIGH = "high"

    @property
    def step(self) -> int:
        """Its place in the order: usual is 0."""
        return list(Uncertainty).index(self)


@dataclass(frozen=True, slots=True)
class FactorReading:
    """One risk factor for one place: seen or not, how strongly (0 to 1), from what, and how old that is.

    `missing` is set exactly when `seen` is `no_reading`. `newest` is the newest year or day (ISO text) of
    what was read, empty when nothing was. `figures` are (label, value text, source, year). `absences`
    are (id, sentence, address): stated changes of presence, and signals that say why reports dropped.
    `set_aside` says what a flood brought, whose signals (`aside`) count nothing. `trend` is the change of the
    strength of the words alone against the 90 days before, -1 to 1, None where the two are not comparable.
    `risen` is the sentence on a rise of reported violations that makes the factor present, or "".
    """

    factor: str
    seen: Seen
    strength: float
    missing: Missing | None
    why_missing: str
    signals: tuple[str, ...]
    origins: int
    figures: tuple[tuple[str, str, str, str], ...]
    newest: str
    absences: tuple[tuple[str, str, str], ...] = ()
    set_aside: str = ""
    aside: tuple[str, ...] = ()
    trend: float | None = None
    risen: str = ""

    def __post_init__(self) -> None:
        if (self.seen is Seen.NO_READING) != (self.missing is not None):
            raise ValueError(f"{self.factor}: a reading is missing exactly when a reason is given")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at for a place: records and origins read, the newest of each, and what is not seen.

    `blind` lists plain sentences on what we cannot see. `factors_read` counts the factors with a reading.
    `in_home` counts every report in the home, about any place: by it a turn notices that some are gone.
    """

    records: int
    origins: int
    newest_record: str
    newest_figure: str
    factors_read: int
    figures_read: int
    blind: tuple[str, ...]
    in_home: int = 0

    def __post_init__(self) -> None:
        if not self.blind and self.factors_read < 14:
            raise ValueError("coverage with unread factors must say what is not seen")


@dataclass(frozen=True, slots=True)
class RightsTrend:
    """Whether reports of present rights violations rose above what the place's own past lets expect.

    `counts` are distinct stories a week, oldest first, those of the weeks looked at last. `ratio` is observed
    to `expected` stories in the newest weeks that stand out most, which began on `since`; `alert` says that
    chance alone would hardly make so many. `periods` is the number of past weeks the expectation rests on,
    `signals` are the claims counted since then, `why` is one sentence for a reader.
    """

    alert: bool
    ratio: float
    expected: float
    counts: tuple[int, ...]
    since: date | None
    periods: int
    why: str
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """Our belief about one place as of a date. `no_data`: neither words nor figures on violence were read.

    `protective` holds signals of protective acts (shelter, aid, mediation), shown beside, not netted off.
    `uncertainty` is None in a row older than the field; `uncertain_because` gives its reasons as sentences.
    `trend` is None where it cannot be told: too short a past, or fewer reports than usual.
    """

    id: str
    run: str
    iso3: str
    as_of: datetime
    readings: tuple[FactorReading, ...]
    coverage: Coverage
    forecasts: tuple[str, ...]
    reasons: tuple[str, ...]
    no_data: bool
    recorded: datetime
    protective: tuple[str, ...] = ()
    uncertainty: Uncertainty | None = None
    uncertain_because: tuple[str, ...] = ()
    trend: RightsTrend | None = None
