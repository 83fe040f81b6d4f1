"""A home with an issued alarm, addresses of roles, and real servers that are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tocsin.alarms.alarm import Alarm, AlarmState, Level, alarm_id
from tocsin.net.mail import Envelope
from tocsin.response.addresses import Addressed, Reached
from tocsin.response.dispatch import Channel, Dispatch
from tocsin.store.home import Home, open_home
from tocsin.store.outbox import Outbox
from tocsin.store.sending import Sender

AT = datetime.now(UTC).replace(microsecond=0)
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def issued(iso3: str = "BDI", level: Level = Level.ALARM, since: date | None = None) -> Alarm:
    """A first revision that stands; its own id for each day it was first crossed."""
    first = since or AT.date() - timedelta(days=3)
    return Alarm(
        id=alarm_id(iso3, "mass violence against civilians", first, "live-1"),
        revision=2,
        iso3=iso3,
        crime_family="mass violence against civilians",
        first_crossing=first,
        level=level,
        rule="warning-onset",
        state=AlarmState.ISSUED,
        reasons=("fc-1",),
        sentences=("The chance of a new mass killing is high.",),
        unknowns=("What is not seen.",),
        origins=2,
        as_of=AT - timedelta(days=3),
        expires=AT.date() + timedelta(days=90),
        moved_by="Ada",
        why="signed by Ada and Ben",
        run="live-1",
        recorded=AT - timedelta(days=1),
        in_force=2,
        in_force_until=AT.date() + timedelta(days=90),
    )


def moved(alarm: Alarm, state: AlarmState, **changes: object) -> Alarm:
    """The next revision; an end is no longer in force."""
    ends = state in (AlarmState.CANCELLED, AlarmState.EXPIRED, AlarmState.CLOSED)
    force = {"in_force": 0, "in_force_until": None} if ends else {}
    if state.public:
        force = {"in_force": alarm.revision + 1}
    made = {"revision": alarm.revision + 1, "state": state, "replaces": alarm.row, **force, **changes}
    return replace(alarm, **made)  # type: ignore[arg-type]


def mail(*addresses: str) -> Addressed:
    return Addressed(tuple(Reached(Channel.MAIL, a) for a in addresses))


def hook(url: str) -> Addressed:
    return Addressed((Reached(Channel.WEBHOOK, url, "WEBHOOK_TEST"),))


class Words:
    """Short content of our own: what is sent is not the matter of these tests."""

    def envelope(self, dispatch: Dispatch, at: datetime) -> Envelope:
        said = f"{dispatch.row}{' end' if dispatch.end else ''}"
        return Envelope(dispatch.id, dispatch.address, said, said, f"<p>{said}</p>", "en", at)

    def hook(self, dispatch: Dispatch) -> bytes:
        return json.dumps({"row": dispatch.row}).encode()


def home_with(folder: Path, *alarms: Alarm) -> Home:
    home = open_home(folder / "home")
    home.ledger.add(*alarms)
    return home


class Clock:
    """A clock that is set by hand."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def sender(home: Home, addresses: dict[str, Addressed], clock: Clock | None = None) -> tuple[Sender, Outbox]:
    outbox = Outbox(home.ledger.engine, addresses)
    return Sender(home, outbox, Words(), at=clock or Clock(), jitter=lambda: 1.0), outbox
