"""Following an alarm until somebody has acted or has said, on the record, why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.alarms.alarm import Alarm, Level, Signature
from tocsin.errors import NotAllowed, UserError
from tocsin.evidence import content_id
from tocsin.recipients import Recipient
from tocsin.response.engagement import Engagement, EngagementState, Inaction


def open_for(alarm: Alarm, recipients: Iterable[Recipient], recorded: datetime) -> tuple[Engagement, ...]:
    """One engagement for each role, due by the level. Raises NotAllowed for an alarm that is not issued.

    The id is made from alarm, body and role: opening twice gives the same ids, and the second is no new ask.
    """
    if not alarm.state.public:
        raise NotAllowed(f"alarm {alarm.id} is {alarm.state}; only an issued alarm opens engagements")
    asked = _table()["asks"][alarm.level.value]
    due = recorded.date() + timedelta(days=asked["due_days"])
    return tuple(
        Engagement(
            id=content_id("eng", alarm.id, recipient.body, recipient.role),
            revision=1,
            alarm=alarm.id,
            iso3=alarm.iso3,
            body=recipient.body,
            role=recipient.role,
            ask=asked["ask"],
            measure="",
            due=due,
            state=EngagementState.OPEN,
            answer="",
            outcome="",
            inaction=None,
            note="",
            review_due=None,
            moved_by=f"alarm {alarm.row}",
            recorded=recorded,
            run=alarm.run,
        )
        for recipient in recipients
    )


def answer(engagement: Engagement, text: str, by: str, recorded: datetime) -> Engagement:
    """The body's answer, unedited; it stays due until it acts or declines. Raises NotAllowed when closed."""
    _must_be_open(engagement)
    said = _said(text, "an answer")
    return _move(engagement, by, recorded, state=EngagementState.ANSWERED, answer=said)


def act(engagement: Engagement, outcome: str, by: str, recorded: datetime, measure: str = "") -> Engagement:
    """What was done, and what came of it. Raises NotAllowed when closed or when nothing is said."""
    _must_be_open(engagement)
    done = _said(outcome, "an action")
    return _move(engagement, by, recorded, state=EngagementState.ACTED, outcome=done, measure=measure)


def decline(engagement: Engagement, inaction: Inaction, note: str, by: str, recorded: datetime) -> Engagement:
    """Closed without an action, with a reason from the fixed list; reviewed after 30 days.

    Raises NotAllowed when closed, or when the reason is `other` and no note says what it is.
    """
    _must_be_open(engagement)
    if inaction is Inaction.OTHER and not note.strip():
        raise NotAllowed("the reason 'other' needs a note; say in one line what it is")
    review = recorded.date() + timedelta(days=_table()["review_days"])
    return _move(
        engagement,
        by,
        recorded,
        state=EngagementState.DECLINED,
        inaction=inaction,
        note=note.strip(),
        review_due=review,
    )


def reopen(engagement: Engagement, ask: str, due_on: date, by: str, recorded: datetime) -> Engagement:
    """Ask once more after the review of a reason for inaction. Raises NotAllowed unless it was declined.

    The earlier reason stays in the revision that this one replaces, and its note is kept here.
    """
    if engagement.state is not EngagementState.DECLINED:
        raise NotAllowed(f"engagement {engagement.id} is {engagement.state}; only a declined one is reopened")
    return _move(
        engagement,
        by,
        recorded,
        state=EngagementState.OPEN,
        ask=ask.strip() or engagement.ask,
        due=due_on,
        inaction=None,
        review_due=None,
    )


def ask_again(engagement: Engagement, fresh: Engagement) -> Engagement:
    """The same role asked once more, by a higher or renewed alarm; its earlier answer is kept."""
    return replace(fresh, revision=engagement.revision + 1, answer=engagement.answer, replaces=engagement.row)


def withdraw(engagement: Engagement, why: str, by: str, recorded: datetime) -> Engagement:
    """Nothing more is asked, because the alarm was taken back. Raises NotAllowed when closed."""
    _must_be_open(engagement)
    done = f"taken back: {why}"
    return _move(engagement, by, recorded, state=EngagementState.WITHDRAWN, outcome=done)


def uphold(engagement: Engagement, note: str, by: str, recorded: datetime) -> Engagement:
    """The review finds the reason still holds: it is due for the next review, with what was found."""
    if engagement.state is not EngagementState.DECLINED:
        raise NotAllowed(f"engagement {engagement.id} is {engagement.state}; there is no reason to review")
    review = recorded.date() + timedelta(days=_table()["review_days"])
    return _move(engagement, by, recorded, note=_said(note, "a review"), review_due=review)


def due(engagements: Iterable[Engagement], on: date) -> tuple[Engagement, ...]:
    """What is due on a day, longest overdue first: open or only answered asks, and reviews of reasons.

    `engagements` are newest revisions.
    """
    waiting = [(day, e.id, e) for e in engagements if (day := due_day(e)) is not None and day <= on]
    return tuple(e for _, _, e in sorted(waiting, key=lambda row: row[:2]))


def last_answer(signatures: Iterable[Signature], engagements: Iterable[Engagement]) -> date | None:
    """The last day on which somebody signed an alarm or a body answered what it asks; None for never."""
    heard = (EngagementState.ANSWERED, EngagementState.ACTED, EngagementState.DECLINED)
    days = [s.at.date() for s in signatures] + [e.recorded.date() for e in engagements if e.state in heard]
    return max(days, default=None)


def due_day(engagement: Engagement) -> date | None:
    """The day something is next due, or None when the body has acted."""
    if engagement.state in (EngagementState.ACTED, EngagementState.WITHDRAWN):
        return None
    return engagement.review_due if engagement.state is EngagementState.DECLINED else engagement.due


def parse_inaction(text: str) -> Inaction:
    """The reason that a code names. Raises UserError listing the five codes."""
    try:
        return Inaction(text.strip().lower().replace("-", "_").replace(" ", "_"))
    except ValueError as error:
        raise UserError(f"unknown reason {text!r}; give one of {', '.join(Inaction)}") from error


def _move(engagement: Engagement, by: str, recorded: datetime, **changes: Any) -> Engagement:
    if not by.strip():
        raise NotAllowed(f"nobody is named who moves engagement {engagement.id}; give a name")
    return replace(
        engagement,
        **changes,
        revision=engagement.revision + 1,
        moved_by=by.strip(),
        recorded=recorded,
        replaces=engagement.row,
    )


def _must_be_open(engagement: Engagement) -> None:
    if engagement.state.closed:
        raise NotAllowed(f"engagement {engagement.id} is closed ({engagement.state}); reopen it first")


def _said(text: str, act_name: str) -> str:
    if not text.strip():
        raise NotAllowed(f"{act_name} needs words; say in one line what it was")
    return text.strip()


@cache
def _table() -> Mapping[str, Any]:
    data: dict[str, Any] = yaml.load(
        files(__package__).joinpath("follow.yml").read_text("utf-8"), yaml.CSafeLoader
    )
    missing = [level for level in Level if level.step and level.value not in data["asks"]]
    if missing:
        raise UserError(f"follow.yml has no ask for {', '.join(missing)}")
    return data
