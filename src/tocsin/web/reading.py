"""What the pages need from a store, and the acts they may ask for. `store` and `flow` satisfy these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from tocsin.alarms.alarm import Alarm, Decision, Signature
from tocsin.assessment.belief import Assessment
from tocsin.assessment.coverage import Covered
from tocsin.evaluation.alarm_record import AlarmRecord
from tocsin.evaluation.record import Record as ForecastRecord
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.monthly import MonthlyForecast
from tocsin.forecasting.parts import PartsForecast
from tocsin.response.engagement import Engagement, Inaction
from tocsin.response.told import Line
from tocsin.signals.coded import CodedRecord
from tocsin.signals.held import Standing
from tocsin.signals.review import Judgement, Review
from tocsin.signals.signal import Signal
from tocsin.signals.withdrawn import Taken
from tocsin.signals.worth import Worth
from tocsin.sources.condition import Condition
from tocsin.sources.groups import GroupStatus
from tocsin.sources.outlook import Outlook
from tocsin.sources.record import Event, Record

LIVE = "live"


class Readings(Protocol):
    """What machines read in a record, by every coder version, and what people said of it."""

    def readings(self, record: str, /) -> list[CodedRecord]:
        """Every reading of one record, oldest first."""
        ...

    def claims(self, record: str, /) -> list[Signal]:
        """The machine's claims of one record, by every coder version."""
        ...

    def reviews(self, record: str, /) -> list[Review]:
        """The reviews of one record and its claims, oldest first."""
        ...

    def worth(self, since: datetime, /) -> list[Worth]:
        """What is worth a person's time, most first; claims known before `since` are of no consequence."""
        ...

    def records(self, ids: Iterable[str], /) -> dict[str, Record]:
        """Those of the records that are here, by their ids."""
        ...


class Reviewer(Protocol):
    """A person's word on a record or a claim. Each raises a UserError that says why it is refused."""

    def confirm(self, target: str, by: str, reason: str = "") -> object:
        """It is as the machine read it."""
        ...

    def correct(self, target: str, by: str, says: Judgement, reason: str) -> object:
        """Some fields are otherwise."""
        ...

    def wrong(self, target: str, by: str, reason: str) -> object:
        """The claim is not in the words."""
        ...


class Raiser(Protocol):
    """An expert's judgement. It raises a UserError that says why it is refused."""

    def propose(self, iso3: str, level: str, expert: str, reason: str, evidence: Sequence[str]) -> object:
        """Opens or raises the alarm of a place as a proposal."""
        ...


class Figured(Protocol):
    """Casualty figures with what people did to them."""

    def standings(self, iso3: str, /) -> list[Standing]:
        """Every figure claimed of one country, with its state."""
        ...


class Ahead(Protocol):
    """The months ahead that stand in one turn, with what stands beside them, and what was forecast before."""

    def monthly(self, iso3: str, /) -> list[MonthlyForecast]:
        """Monthly forecasts of one place: months, then windows."""
        ...

    def monthly_before(self, iso3: str, /) -> list[MonthlyForecast]:
        """Monthly forecasts of one place that stood in an earlier month; empty without any."""
        ...

    def parts(self, iso3: str, /) -> list[PartsForecast]:
        """The same shared out over areas, cells and situations; the nearest month first."""
        ...

    def before(self, iso3: str, /) -> list[Forecast]:
        """Yearly forecasts of one place by the newest live turn of an earlier month; empty without one."""
        ...

    def groups(self, iso3: str, /) -> list[GroupStatus]:
        """Standings of ethnic groups of one place that the turn could see, of every release."""
        ...


class Elsewhere(Protocol):
    """What others say of a place, never mixed into what the turn made."""

    def conditions(self, iso3: str, /) -> list[Condition]:
        """Values of slow series that the turn could see."""
        ...

    def outlooks(self, iso3: str, /) -> list[Outlook]:
        """Other publishers' forecasts that the turn could see."""
        ...


class Withdrawn(Protocol):
    """What was taken back, and what rests on it."""

    @property
    def taken(self) -> Mapping[str, Taken]:
        """The records taken back, by their ids."""
        ...

    def flags(self, alarms: Iterable[Alarm], /) -> Mapping[str, tuple[Taken, ...]]:
        """Of each alarm that rests on records taken back, these records, by the alarm's id."""
        ...


class Recorded(Protocol):
    """Sealed forecasts and what then happened."""

    def made(self) -> ForecastRecord:
        """The public record, misses first."""
        ...


class AlarmsRecorded(Protocol):
    """Issued alarms and what then happened."""

    def made(self) -> AlarmRecord:
        """The public record of alarms, misses first."""
        ...


class Told(Protocol):
    """What was told of alarms."""

    def of(self, alarm: str, /) -> list[Line]:
        """What was told of one to which role, without addresses."""
        ...


class Raised(Protocol):
    """The alarms of one run, and what was asked for their sake."""

    @property
    def withdrawing(self) -> Withdrawn:
        """Records that were taken back, and the alarms that rest on them."""
        ...

    def alarms(self) -> list[Alarm]:
        """The latest revision of every alarm of the run."""
        ...

    def in_force(self) -> list[Alarm]:
        """The revisions that are issued and stand today; a newer one may wait for signatures."""
        ...

    def alarm_history(self, id: str, /) -> list[Alarm]:
        """Every revision of one alarm, oldest first; empty when there is none."""
        ...

    def signatures(self, id: str, /) -> list[Signature]:
        """Every yes and no to one alarm, oldest first."""
        ...

    def engagements(self, alarm: str | None = None) -> list[Engagement]:
        """The latest revision of every engagement, of one alarm or of all."""
        ...

    @property
    def telling(self) -> Told | None:
        """What was told to whom; None for a replay, which tells nobody."""
        ...


class Watching(Protocol):
    """What is seen of every place, and what is not."""

    def coverage(self) -> list[Covered]:
        """Every UN member, what is missed most first, then the other states."""
        ...


class Sourced(Protocol):
    """The sources: how their runs went, and what they see."""

    @property
    def watching(self) -> Watching:
        """Which places are seen, by what and until when."""
        ...

    def source_runs(self) -> list[dict[str, Any]]:
        """Runs of sources, newest first: `source`, `started`, `stopped` (why) and the report's fields."""
        ...


class Desk(Raised, Sourced, Protocol):
    """The latest turn of one run, as written: `run` is "live" or the id of a replay, `as_of` its date."""

    run: str

    @property
    def as_of(self) -> datetime | None:
        """The instant the turn looked from; None before the first turn."""
        ...

    @property
    def reviewing(self) -> Readings:
        """Readings of records and the reviews of them."""
        ...

    @property
    def figuring(self) -> Figured:
        """Casualty figures and their states."""
        ...

    @property
    def ahead(self) -> Ahead:
        """The months ahead and what stands beside them."""
        ...

    @property
    def elsewhere(self) -> Elsewhere:
        """Conditions, and other publishers' forecasts."""
        ...

    @property
    def forecast_record(self) -> Recorded | None:
        """The public record of sealed forecasts; None for a replay, which never enters it."""
        ...

    @property
    def alarm_record(self) -> AlarmsRecorded | None:
        """The public record of issued alarms; None for a replay."""
        ...

    def turn(self) -> dict[str, Any] | None:
        """The report of the latest turn (as_of, started, ended, sources, counts); None before the first."""
        ...

    def decisions(self) -> list[Decision]:
        """The level of every place in the latest turn."""
        ...

    def assessments(self, iso3: str | None = None) -> list[Assessment]:
        """The belief about every place in the latest turn, or about one; empty when it was not assessed."""
        ...

    def forecasts(self, iso3: str | None = None) -> list[Forecast]:
        """Forecasts of the latest turn, of one place or of all."""
        ...

    def signals(self, iso3: str | None = None, record: str | None = None) -> list[Signal]:
        """Claims that the turn could see, of one place, of one record, or all."""
        ...

    def record(self, id: str, /) -> Record | None:
        """One record, None when the store does not hold it."""
        ...

    def events(self, iso3: str) -> list[Event]:
        """Gathered event rows about one place that the turn could see, every release of each."""
        ...

    def runs(self) -> list[dict[str, Any]]:
        """The replays that the home holds (`id`, `as_of`), newest last."""
        ...


class Acts(Protocol):
    """What people may do from a page. Each raises a UserError that says why it is refused."""

    @property
    def reviewing(self) -> Reviewer:
        """Confirming and correcting readings."""
        ...

    @property
    def raising(self) -> Raiser:
        """Putting a place before people where no rule fires."""
        ...

    def users(self) -> list[str]:
        """The names that may sign."""
        ...

    def sign(
        self, alarm: str, signer: str, consents: bool, reason: str, revision: int | None = None
    ) -> object:
        """One person's yes or no to a proposed alarm; a `revision` that is not the newest is refused."""
        ...

    def answer(self, engagement: str, by: str, text: str) -> object:
        """What the body replied."""
        ...

    def act(self, engagement: str, by: str, outcome: str) -> object:
        """What the body did; closes the engagement."""
        ...

    def decline(self, engagement: str, by: str, reason: Inaction, note: str) -> object:
        """Closes the engagement without an action, with a reason from the fixed list."""
        ...

    def reopen(self, engagement: str, by: str, ask: str, due: date) -> object:
        """Asks once more after the review of a reason for inaction."""
        ...

    def uphold(self, engagement: str, by: str, note: str) -> object:
        """The review finds that the reason still holds."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was refused: what it was about (`of`), its verb, what was typed, and why, in one line."""

    of: str
    verb: str
    typed: Mapping[str, str]
    line: str


OpenDesk = Callable[[str | None], Desk]
