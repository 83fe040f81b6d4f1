"""Nouns that the tests of the store write."""

from datetime import UTC, date, datetime

from tocsin.alarms.alarm import Alarm, AlarmState, Level, alarm_id
from tocsin.clock import Moment, Period, day_moment, parse_moment
from tocsin.sources.record import Event, Record, record_id

WRITTEN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def record(number: int, known: str | None = "2014-04-02", text: str = "Words.", replaces: str = "") -> Record:
    at: Moment | None = parse_moment(known) if known else None
    address = f"https://example.org/{number}"
    return Record(
        record_id("folder", address, text.encode()),
        "folder",
        address,
        f"Report {number}",
        text,
        "en",
        "0" * 64,
        "own words",
        "public",
        "example.org",
        at,
        at,
        WRITTEN,
        backfilled=True,
        replaces=replaces,
    )


def event(number: int) -> Event:
    return Event(
        f"evt-{number}",
        "ucdp",
        str(number),
        "25.1",
        "annual",
        "later revision",
        "Clear",
        3,
        "NAM",
        "Namibia",
        "A place",
        1.5,
        None,
        3,
        Period(date(2014, 1, 1), date(2014, 1, 31)),
        "side a",
        "Civilians",
        4,
        3,
        9,
        4,
        day_moment(date(2015, 6, 30)),
        WRITTEN,
        {"relid": "NAM-1", "adm_1": None},
    )


def alarm(revision: int = 1, state: AlarmState = AlarmState.PROPOSED, iso3: str = "XXA") -> Alarm:
    first, family = date(2026, 1, 5), "mass violence against civilians"
    return Alarm(
        alarm_id(iso3, family, first, "live"),
        revision,
        iso3,
        family,
        first,
        Level.WARNING,
        "warning-onset",
        state,
        ("fc-1",),
        ("A finding.",),
        ("What is not seen.",),
        2,
        WRITTEN,
        date(2026, 7, 4),
        "the policy",
        "a rule fired",
        "live",
        WRITTEN,
    )
