"""The text of an alarm on its page: the bulletin that the desk reads, in the language that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.bulletin import LANGUAGES, Bulletin, Scope
from tocsin.alarms.dossier import Found, dossier
from tocsin.alarms.expert import raised_in
from tocsin.alarms.layout import Layout, layout
from tocsin.alarms.phrases import phrases
from tocsin.alarms.telling import tell
from tocsin.errors import UserError
from tocsin.web.reading import Desk


@dataclass(frozen=True, slots=True)
class View:
    """The bulletin and its layout, None when it cannot be told (`untold` says why); the languages, named."""

    bulletin: Bulletin | None
    laid: Layout | None
    evidence_title: str
    untold: str
    languages: tuple[tuple[str, str], ...]


def view(desk: Desk, alarm: Alarm, language: str) -> View:
    """The newest revision as the desk may read it, with names. A language that is not told is English."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    languages = tuple((code, phrases(code).table["name"]) for code in LANGUAGES)
    title = phrases(chosen).say("letter.evidence")
    try:
        told = tell(dossier(alarm, _found(desk, alarm)), chosen, Scope.PRIVATE)
    except UserError as refused:
        return View(None, None, title, str(refused), languages)
    return View(told, layout(told), title, "", languages)


def _found(desk: Desk, alarm: Alarm) -> Found:
    wanted = set(alarm.reasons)
    claims = [s for s in desk.signals(alarm.iso3) if s.id in wanted]
    read = {id: desk.record(id) for id in dict.fromkeys(s.record for s in claims)}
    return Found(
        claims=claims,
        records={id: record for id, record in read.items() if record is not None},
        forecasts=[f for f in desk.forecasts(alarm.iso3) if f.id in wanted],
        signatures=desk.signatures(alarm.id),
        taken=desk.withdrawing.taken,
        flags=desk.withdrawing.flags([alarm]).get(alarm.id, ()),
        raised=raised_in(desk.alarm_history(alarm.id), alarm),
    )
