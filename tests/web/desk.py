"""A desk held in memory, built from the real nouns: it satisfies the same Protocol as the store's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.signals.counted import figures
from tocsin.alarms.alarm import Alarm, AlarmState, Decision, Level, Signature, alarm_id
from tocsin.assessment.belief import Assessment, Coverage, FactorReading, Missing, Seen
from tocsin.assessment.coverage import Covered, Looked, coverage
from tocsin.clock import Horizon, day_moment
from tocsin.errors import NotAllowed, UnknownId
from tocsin.evaluation.alarm_record import AlarmRecord
from tocsin.evaluation.record import Record as ForecastRecord
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.monthly import MonthlyForecast
from tocsin.forecasting.parts import PartsForecast
from tocsin.response import follow
from tocsin.response.engagement import Engagement, EngagementState, Inaction
from tocsin.response.told import Line
from tocsin.signals import review as rules
from tocsin.signals.coded import CodedRecord
from tocsin.signals.figures import Figure
from tocsin.signals.held import FigureAct, Standing, standings, taken_back
from tocsin.signals.review import Judgement, Review, Subject
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.signals.withdrawn import Taken, resting
from tocsin.signals.worth import Worth, worth_reviewing
from tocsin.sources.condition import Condition
from tocsin.sources.groups import GroupStatus
from tocsin.sources.outlook import Outlook
from tocsin.sources.record import Event, Record
from tocsin.sources.reportflow import Counts

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = (
    "People fled the town at night. <script>alert('x')</script> Armed men burned the market & the clinic.\n"
    "Elders opened the school to the displaced. Thirty years ago the same town was shelled."
)


@dataclass
class MemoryWatching:
    """Coverage told from the desk's readings and, where given, from made-up counts."""

    desk: MemoryDesk

    def coverage(self) -> list[Covered]:
        return coverage(Looked(self.desk.flows, self.desk.read), self.desk.as_of or AT)


@dataclass
class MemoryDesk:
    """Everything a desk holds, as lists."""

    run: str = "live"
    as_of: datetime | None = AT
    report: dict[str, Any] | None = field(
        default_factory=lambda: {"as_of": AT.isoformat(), "ended": AT.isoformat()}
    )
    decided: list[Decision] = field(default_factory=list)
    believed: list[Assessment] = field(default_factory=list)
    forecast: list[Forecast] = field(default_factory=list)
    claims: list[Signal] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    raised: list[Alarm] = field(default_factory=list)
    signed: list[Signature] = field(default_factory=list)
    asked: list[Engagement] = field(default_factory=list)
    gathered: list[dict[str, Any]] = field(default_factory=list)
    happened: list[Event] = field(default_factory=list)

    read: list[CodedRecord] = field(default_factory=list)
    told: list[Review] = field(default_factory=list)
    counted: list[Figure] = field(default_factory=list)
    kept: list[FigureAct] = field(default_factory=list)
    back: dict[str, Taken] = field(default_factory=dict)
    flows: dict[str, dict[str, Counts]] = field(default_factory=dict)
    forecast_record: MemoryRecord | None = None
    alarm_record: MemoryAlarms | None = None
    telling: MemoryTelling | None = None
    months: list[MonthlyForecast] = field(default_factory=list)
    months_before: list[MonthlyForecast] = field(default_factory=list)
    shared: list[PartsForecast] = field(default_factory=list)
    standing: list[GroupStatus] = field(default_factory=list)
    earlier: list[Forecast] = field(default_factory=list)
    stated: list[Condition] = field(default_factory=list)
    others: list[Outlook] = field(default_factory=list)

    @property
    def ahead(self) -> MemoryAhead:
        return MemoryAhead(self)

    @property
    def elsewhere(self) -> MemoryElsewhere:
        return MemoryElsewhere(self)

    @property
    def reviewing(self) -> MemoryReviewing:
        return MemoryReviewing(self)

    @property
    def withdrawing(self) -> MemoryWithdrawing:
        return MemoryWithdrawing(self)

    @property
    def figuring(self) -> MemoryFiguring:
        return MemoryFiguring(self)

    @property
    def watching(self) -> MemoryWatching:
        return MemoryWatching(self)

    def turn(self) -> dict[str, Any] | None:
        return self.report

    def decisions(self) -> list[Decision]:
        return self.decided

    def assessments(self, iso3: str | None = None) -> list[Assessment]:
        return [a for a in self.believed if iso3 in (None, a.iso3)]

    def forecasts(self, iso3: str | None = None) -> list[Forecast]:
        return [f for f in self.forecast if iso3 in (None, f.iso3)]

    def signals(self, iso3: str | None = None, record: str | None = None) -> list[Signal]:
        return [s for s in self.claims if iso3 in (None, s.iso3) and record in (None, s.record)]

    def record(self, id: str, /) -> Record | None:
        return next((r for r in self.records if r.id == id), None)

    def events(self, iso3: str) -> list[Event]:
        return [e for e in self.happened if e.iso3 == iso3]

    def alarms(self) -> list[Alarm]:
        return list({a.id: a for a in self.raised}.values())

    def in_force(self) -> list[Alarm]:
        if self.run != "live":
            return []
        newest = [a for a in self.alarms() if a.in_force_until and a.in_force_until >= AT.date()]
        return [next(r for r in self.alarm_history(a.id) if r.revision == a.in_force) for a in newest]

    def alarm_history(self, id: str, /) -> list[Alarm]:
        return [a for a in self.raised if a.id == id]

    def signatures(self, id: str, /) -> list[Signature]:
        return [s for s in self.signed if s.alarm == id]

    def engagements(self, alarm: str | None = None) -> list[Engagement]:
        return [e for e in {e.id: e for e in self.asked}.values() if alarm in (None, e.alarm)]

    def source_runs(self) -> list[dict[str, Any]]:
        return self.gathered

    def runs(self) -> list[dict[str, Any]]:
        return [{"id": "replay-1", "as_of": "2014-04-03"}]


@dataclass
class MemoryAhead:
    """The months ahead of a desk in memory."""

    desk: MemoryDesk

    def monthly(self, iso3: str, /) -> list[MonthlyForecast]:
        return sorted((f for f in self.desk.months if f.iso3 == iso3), key=lambda f: (f.total, f.ahead))

    def monthly_before(self, iso3: str, /) -> list[MonthlyForecast]:
        return [f for f in self.desk.months_before if f.iso3 == iso3]

    def parts(self, iso3: str, /) -> list[PartsForecast]:
        return [p for p in self.desk.shared if p.iso3 == iso3]

    def before(self, iso3: str, /) -> list[Forecast]:
        return [f for f in self.desk.earlier if f.iso3 == iso3]

    def groups(self, iso3: str, /) -> list[GroupStatus]:
        return [g for g in self.desk.standing if g.iso3 == iso3]


@dataclass
class MemoryElsewhere:
    """What others say, on a desk in memory."""

    desk: MemoryDesk

    def conditions(self, iso3: str, /) -> list[Condition]:
        return [c for c in self.desk.stated if c.iso3 == iso3]

    def outlooks(self, iso3: str, /) -> list[Outlook]:
        return [o for o in self.desk.others if o.iso3 == iso3]


@dataclass
class MemoryWithdrawing:
    """What was taken back on a desk in memory, by the rules of the room itself."""

    desk: MemoryDesk

    @property
    def taken(self) -> dict[str, Taken]:
        return self.desk.back

    def flags(self, alarms: Iterable[Alarm], /) -> dict[str, tuple[Taken, ...]]:
        record_of = {s.id: s.record for s in self.desk.claims}
        return {a.id: resting(a.reasons, record_of, self.desk.back) for a in alarms}


@dataclass
class MemoryTelling:
    """What was told, as lines."""

    told: list[Line]

    def of(self, alarm: str, /) -> list[Line]:
        return self.told


@dataclass
class MemoryAlarms:
    """A record of issued alarms that was made elsewhere."""

    record: AlarmRecord

    def made(self) -> AlarmRecord:
        return self.record


@dataclass
class MemoryRecord:
    """A record of sealed forecasts that was made elsewhere."""

    record: ForecastRecord

    def made(self) -> ForecastRecord:
        return self.record


@dataclass
class MemoryFiguring:
    """The casualty figures of a desk in memory, by the rules of the room itself."""

    desk: MemoryDesk

    def standings(self, iso3: str, /) -> list[Standing]:
        stands = standings([f for f in self.desk.counted if f.iso3 == iso3], self.desk.kept)
        return taken_back(stands, self.desk.back)


@dataclass
class MemoryReviewing:
    """Readings and reviews of a desk in memory, by the rules of the room itself."""

    desk: MemoryDesk

    def readings(self, record: str, /) -> list[CodedRecord]:
        return [c for c in self.desk.read if c.record == record]

    def claims(self, record: str, /) -> list[Signal]:
        return self.desk.signals(record=record)

    def reviews(self, record: str, /) -> list[Review]:
        return [r for r in self.desk.told if r.record == record]

    def worth(self, since: datetime, /) -> list[Worth]:
        return worth_reviewing(self.desk.read, self.desk.claims, [], self.desk.told, since)

    def records(self, ids: Iterable[str], /) -> dict[str, Record]:
        wanted = set(ids)
        return {r.id: r for r in self.desk.records if r.id in wanted}

    def confirm(self, target: str, by: str, reason: str = "") -> object:
        return self._keep(rules.confirm(self._subject(target), by, AT, reason))

    def correct(self, target: str, by: str, says: Judgement, reason: str) -> object:
        return self._keep(rules.correct(self._subject(target), says, by, AT, reason))

    def wrong(self, target: str, by: str, reason: str) -> object:
        return self._keep(rules.wrong(self._subject(target), by, AT, reason))

    def _subject(self, target: str) -> Subject:
        claim = next((c for c in self.desk.claims if c.id == target), None)
        record = self.desk.record(claim.record if claim else target)
        if record is None:
            raise UnknownId("record", target, ())
        return Subject(record, self.readings(record.id)[-1], claim)

    def _keep(self, review: Review) -> Review:
        self.desk.told.append(review)
        return review


@dataclass
class MemoryRaising:
    """Judgements on the desk in memory; its evidence is its claims."""

    desk: MemoryDesk

    def propose(self, iso3: str, level: str, expert: str, reason: str, evidence: Sequence[str]) -> object:
        from tocsin.alarms import watch
        from tocsin.alarms.expert import Judgement
        from tocsin.alarms.policy import policy

        known = [s.id for s in self.desk.signals(iso3)]
        for id in evidence:
            if id not in known:
                raise UnknownId("evidence", id, known)
        said = Judgement(iso3, Level(level), expert, reason, tuple(evidence), 0, False, (), "live")
        history = [a for a in self.desk.raised if a.iso3 == iso3]
        self.desk.raised.append(watch.by_expert(said, history, policy(), AT))
        return None


@dataclass
class MemoryActs:
    """The acts of people on a desk in memory, by the rules of the rooms themselves."""

    desk: MemoryDesk

    @property
    def reviewing(self) -> MemoryReviewing:
        return self.desk.reviewing

    @property
    def raising(self) -> MemoryRaising:
        return MemoryRaising(self.desk)

    def users(self) -> list[str]:
        return ["Ada", "Ben"]

    def sign(
        self, alarm: str, signer: str, consents: bool, reason: str, revision: int | None = None
    ) -> object:
        from tocsin.alarms import watch

        standing = self.desk.alarm_history(alarm)[-1]
        if signer not in self.users():
            raise UnknownId("user (tocsin users add NAME)", signer, self.users())
        if revision not in (None, standing.revision):
            raise NotAllowed(f"{alarm} is now revision {standing.revision}, not {revision}: read it again")
        signature = Signature(alarm, signer, consents, reason, AT)
        moved = watch.sign(standing, self.desk.signatures(alarm), signature, AT)
        self.desk.signed.append(signature)
        self.desk.raised.extend(moved)
        return moved

    def answer(self, engagement: str, by: str, text: str) -> object:
        return self._step(follow.answer(self._newest(engagement), text, by, AT))

    def act(self, engagement: str, by: str, outcome: str) -> object:
        return self._step(follow.act(self._newest(engagement), outcome, by, AT))

    def decline(self, engagement: str, by: str, reason: Inaction, note: str) -> object:
        return self._step(follow.decline(self._newest(engagement), reason, note, by, AT))

    def reopen(self, engagement: str, by: str, ask: str, due: date) -> object:
        return self._step(follow.reopen(self._newest(engagement), ask, due, by, AT))

    def uphold(self, engagement: str, by: str, note: str) -> object:
        return self._step(follow.uphold(self._newest(engagement), note, by, AT))

    def _newest(self, id: str) -> Engagement:
        revisions = [e for e in self.desk.asked if e.id == id]
        if not revisions:
            raise UnknownId("engagement", id, [e.id for e in self.desk.asked])
        return revisions[-1]

    def _step(self, moved: Engagement) -> Engagement:
        self.desk.asked.append(moved)
        return moved


def signal(id: str, quote: str, time: TimeStatus = TimeStatus.PRESENT, **changes: Any) -> Signal:
    """A claim that quotes the record of this desk."""
    start = TEXT.index(quote)
    made = Signal(
        id=id,
        record="rec-1",
        story="sto-1",
        origin="wire",
        indicator="7.4",
        factor="RF7",
        iso3="SSD",
        place="Bor",
        happened=None,
        time=time,
        relevance=Relevance.SIGNAL,
        actors=(),
        perpetrator="nonstate",
        target="residents",
        protective=False,
        confidence=0.8,
        quote=quote,
        start=start,
        end=start + len(quote),
        coder="rules",
        coder_version="1",
        review="machine",
        published=day_moment(date(2026, 2, 27)),
        known=None,
        recorded=AT,
        run="live-1",
    )
    return replace(made, **changes)


def forecast(iso3: str, outcome: str, months: int, p: float, rank: int) -> Forecast:
    """A forecast with reasons both ways."""
    return Forecast(
        id=f"fct-{iso3}-{outcome}",
        run="live-1",
        outcome=outcome,
        iso3=iso3,
        as_of=AT,
        horizon_months=months,
        window=Horizon(months).window(AT),
        probability=p,
        low=p / 2,
        high=min(1, p * 2),
        base_rate=0.013,
        rank=rank,
        of=3,
        baselines={"history": 0.02},
        reasons=(("armed conflict", "in 2024", 0.9), ("population", "small", -0.3)),
        features_known={"conflict": 2024},
        missing={"coups": "ends in 2022"},
        vintage="later revision",
        manifest="m",
        recorded=AT,
    )


def belief(iso3: str, read: int, signals: tuple[str, ...] = ()) -> Assessment:
    """A belief with the first `read` factors read and the others not."""
    readings = [
        FactorReading(
            f"RF{n}",
            Seen.PRESENT if n == 7 else Seen.NOT_SEEN,
            0.7 if n == 7 else 0.1,
            None,
            "",
            signals if n == 7 else (),
            1 if n == 7 else 0,
            (("deaths", "1,204", "UCDP GED", "2024"),),
            "2024",
        )
        if n <= read
        else FactorReading(
            f"RF{n}", Seen.NO_READING, 0, Missing.NOT_COVERED, "no table covers it", (), 0, (), ""
        )
        for n in range(1, 15)
    ]
    blind = ("No document of this place was read.",) if not signals else ("Only one origin was read.",)
    words = "2026-02-27" if signals else ""
    seen = Coverage(int(bool(signals)), int(bool(signals)), words, "2024" if read else "", read, read, blind)
    return Assessment(f"ass-{iso3}", "live-1", iso3, AT, tuple(readings), seen, (), signals, not read, AT)


def decision(iso3: str, level: Level, reasons: tuple[str, ...] = ()) -> Decision:
    """The level of one place."""
    rule = {Level.NONE: ""}.get(level, "alarm-two-origins")
    return Decision(f"dec-{iso3}", "live-1", iso3, AT, level, rule, reasons, ("Grave signs.",), 2, "", AT)


def engagement(id: str, alarm: str, due: date) -> Engagement:
    """An open ask."""
    return Engagement(
        id,
        1,
        alarm,
        "SSD",
        "African Union",
        "Peace and Security Council",
        "Say what you will do.",
        "",
        due,
        EngagementState.OPEN,
        "",
        "",
        None,
        "",
        None,
        "desk",
        AT,
        "live-1",
    )


def alarm(state: AlarmState, iso3: str = "SSD", run: str = "live") -> Alarm:
    """An alarm with reasons and unknowns."""
    first = AT.date()
    return Alarm(
        alarm_id(iso3, "mass violence against civilians", first, run),
        1,
        iso3,
        "mass violence against civilians",
        first,
        Level.ALARM,
        "alarm-two-origins",
        state,
        ("sig-1", f"fct-{iso3}-new_mass_killing"),
        ("Grave signs.",),
        ("Nobody was read from the north.",),
        2,
        AT,
        first + timedelta(days=30),
        "rule",
        "crossed",
        "live-1",
        AT,
        in_force=int(state.public),
        in_force_until=first + timedelta(days=30) if state.public else None,
    )


def raised(issued: Alarm, level: Level) -> Alarm:
    """The next revision of an alarm in force, which waits for signatures."""
    return replace(
        issued,
        revision=issued.revision + 1,
        level=level,
        state=AlarmState.PROPOSED,
        sentences=("1,204 civilians were killed in 2024, the newest year known.",),
        replaces=issued.row,
    )


def reading(record: Record, claims: list[Signal], version: str = "1") -> CodedRecord:
    """How a coder read the record of this desk."""
    return CodedRecord(
        id=f"cod-{version}",
        record=record.id,
        story="sto-1",
        source=record.source,
        origin=record.origin,
        coder="rules",
        coder_version=version,
        relevance=Relevance.SIGNAL,
        score=0.8,
        countries=("SSD",),
        claims=len(claims),
        published=record.published,
        known=record.known,
        recorded=AT,
        run="live-1",
        factors=("RF7",),
        time=TimeStatus.PRESENT,
        perpetrator="nonstate",
        target="residents",
        mitigation=True,
    )


def small_desk(run: str = "live") -> MemoryDesk:
    """Three places: one with words and an alarm, one with figures alone, one with nothing at all."""
    record = Record(
        "rec-1",
        "wire",
        "javascript:alert(1)",
        "Fire in <b>Bor</b>",
        TEXT,
        "en",
        "0" * 64,
        "CC BY 4.0",
        "public",
        "wire",
        day_moment(date(2026, 2, 27)),
        day_moment(date(2026, 2, 27)),
        AT,
    )
    claims = [
        signal("sig-1", "Armed men burned the market & the clinic."),
        signal("sig-2", "Elders opened the school to the displaced.", protective=True),
        signal("sig-3", "Thirty years ago the same town was shelled.", TimeStatus.PAST),
    ]
    places = (("SSD", 0.08, 1), ("FRA", 0.0004, 3), ("SDN", 0.2, 2))
    forecasts = [forecast(i, "new_mass_killing", 24, p, r) for i, p, r in places[:2]]
    forecasts += [forecast(i, "one_sided_100", 12, p, r) for i, p, r in places[:2]]
    proposed, issued = alarm(AlarmState.PROPOSED), alarm(AlarmState.ISSUED, "SDN")
    return MemoryDesk(
        run=run,
        decided=[
            decision("SSD", Level.ALARM, ("sig-1",)),
            decision("FRA", Level.NONE),
            decision("TUV", Level.NONE),
        ],
        believed=[belief("SSD", 9, ("sig-1",)), belief("FRA", 7), belief("TUV", 0)],
        forecast=forecasts,
        claims=claims,
        records=[record],
        read=[reading(record, claims)],
        counted=[replace(figure, record=record.id) for figure in figures()],
        raised=[proposed, issued],
        asked=[
            engagement("eng-1", issued.id, date(2026, 2, 1)),
            engagement("eng-2", issued.id, date(2999, 1, 1)),
        ],
        gathered=[
            {
                "source": "ucdp",
                "started": AT,
                "stopped": "3 columns are missing",
                "rows_read": 4,
                "used": 0,
                "ignored": {},
                "refused": [["row 1", "no country"]],
                "refused_rows": 4,
            },
            {"source": "feeds", "started": AT, "stopped": "", "rows_read": 0, "used": 0, "ignored": {}},
        ],
    )
