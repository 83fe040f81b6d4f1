"""An edition: what is public of all alarms at one time, told in every language, for feeds and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.bulletin import LANGUAGES, Dossier, Scope
from tocsin.alarms.cap import cap
from tocsin.alarms.issued import Issue, earlier, issued, listed, references
from tocsin.alarms.telling import tell
from tocsin.errors import UserError

Of = Callable[[Alarm], Dossier]
"""What the text of one revision may rest on."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What feeds and files list: one issue for each alarm, newest first.

    `base` is the address under which all of it is found, without a slash at its end; `made` is when it was
    looked at. `untold` names each alarm that could not be told, and why.
    """

    issues: tuple[Issue, ...]
    base: str
    made: datetime
    untold: tuple[tuple[str, str], ...] = ()

    @property
    def updated(self) -> datetime:
        """When the newest issue was recorded; `made` for an empty edition."""
        return max((i.alarm.recorded for i in self.issues), default=self.made)

    @property
    def on(self) -> date:
        """The day it was looked at."""
        return self.made.date()

    def address(self, issue: Issue) -> str:
        """Where the CAP document of an issue is found."""
        return f"{self.base}/cap/{issue.file}"


def edition(histories: Iterable[Sequence[Alarm]], of: Of, base: str, made: datetime) -> Edition:
    """The edition of a time from the revisions of each alarm (oldest first).

    An alarm that cannot be told takes no other down with it: it is named in `untold`.
    """
    issues, untold = [], []
    for history in histories:
        public = issued(history)
        shown = listed(public, made.date())
        if shown is None:
            continue
        try:
            issues.append(issue(shown, public, of))
        except UserError as e:
            untold.append((shown.id, str(e)))
    issues.sort(key=lambda i: (i.alarm.recorded, i.alarm.id), reverse=True)
    return Edition(tuple(issues), base.rstrip("/"), made, tuple(untold))


def issue(alarm: Alarm, public: Sequence[Alarm], of: Of) -> Issue:
    """One of the public revisions of an alarm, told for everyone.

    Raises NotAllowed when its text says what no alarm may, UnknownId for a country of no table.
    """
    dossier = of(alarm)
    told = tuple(tell(dossier, language, Scope.PUBLIC) for language in LANGUAGES)
    return Issue(told, earlier(public, alarm.revision))


def document(of: Issue, sender: str) -> bytes:
    """The public CAP document of an issue, unsigned; sent when its revision was recorded."""
    before = references(of.earlier, Scope.PUBLIC, sender)
    return cap(of.bulletins, of.alarm.recorded, sender, before)
