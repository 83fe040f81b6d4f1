"""A dossier put together: the claims, forecasts and signatures that one revision of an alarm rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from tocsin.alarms.alarm import Alarm, AlarmState, Signature
from tocsin.alarms.bulletin import LANGUAGES, Dossier, Quoted
from tocsin.alarms.issued import ENDS
from tocsin.alarms.lint import claims
from tocsin.assessment.words import standing
from tocsin.clock import Moment, Precision
from tocsin.errors import UnknownId
from tocsin.forecasting.forecast import Forecast
from tocsin.geography import country
from tocsin.signals.signal import Signal
from tocsin.signals.withdrawn import Taken, told
from tocsin.sources.factsheet import fact_sheet

ALONE = "override: "
"""How the reason of a signature begins that issued an alarm by itself (see `acts`)."""


class Cited(Protocol):
    """What of a record stands beside its words."""

    @property
    def source(self) -> str:
        """Id of the source."""
        ...

    @property
    def address(self) -> str:
        """Where the source has it."""
        ...

    @property
    def title(self) -> str:
        """Its title, "" without one."""
        ...

    @property
    def language(self) -> str:
        """ISO 639-1 code, "" when unknown."""
        ...

    @property
    def sensitivity(self) -> str:
        """Who may read it: `public`, or less."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of all that a revision rests on. `records` are those of the claims, by their ids.

    `taken` are the records taken back, by their ids; `flags` those of them that the alarm rests on.
    `raised` is the revision by which an expert raised it.
    """

    claims: Sequence[Signal]
    records: Mapping[str, Cited]
    forecasts: Sequence[Forecast]
    signatures: Sequence[Signature]
    taken: Mapping[str, Taken]
    flags: Sequence[Taken]
    raised: Alarm | None = None


def dossier(alarm: Alarm, found: Found, base: str = "") -> Dossier:
    """The dossier of a revision. Claims that were taken back are left out; `withdrawn` says so.

    `base` is the address of the dashboard without a slash at its end, "" when nothing can be linked.
    """
    signatures = _under(alarm, found.signatures)
    stand = [s for s in standing(found.claims) if s.record in found.records and s.record not in found.taken]
    return Dossier(
        alarm=alarm,
        names=names(alarm.iso3),
        quotes=tuple(_quoted(s, found.records[s.record]) for s in stand),
        forecasts=tuple(found.forecasts),
        withdrawn=flag(found.flags),
        dissents=tuple(s.reason for s in signatures if not s.consents),
        signers=_signers(alarm, signatures),
        override=next((s.reason.removeprefix(ALONE) for s in signatures if _alone(s)), ""),
        expert=found.raised.moved_by if found.raised else "",
        judgement=found.raised.why if found.raised else "",
        self_url=f"{base}/alarm/{alarm.id}" if base else "",
        record_url=f"{base}/track-record" if base else "",
    )


def flag(flags: Sequence[Taken]) -> str:
    """The flag as a sentence for everyone, "" without one; no words of others where these claim a crime."""
    sentence = told(flags)
    if claims(sentence):
        return told([replace(f, by="its source", why="see the record") for f in flags])
    return sentence


def names(iso3: str) -> dict[str, str]:
    """The names of a place in the languages of alarms; its code as the English name when it is not known."""
    try:
        found = country(iso3)
    except UnknownId:
        return {"en": iso3}
    return {language: found.name_in(language) for language in LANGUAGES}


def _quoted(signal: Signal, record: Cited) -> Quoted:
    return Quoted(
        signal=signal.id,
        words=signal.quote,
        language=record.language,
        source=_publisher(record.source),
        title=record.title,
        url=record.address if record.address.startswith(("https://", "http://")) else "",
        published=_day(signal.published),
        factor=signal.factor,
        origin=signal.origin,
        sensitivity=record.sensitivity,
    )


def _publisher(source: str) -> str:
    try:
        return fact_sheet(source).publisher
    except UnknownId:
        return source


def _day(moment: Moment | None) -> date | None:
    """The day of a moment that is known to the day; a month or a year is not a day."""
    if moment is None or moment.precision in (Precision.MONTH, Precision.YEAR):
        return None
    return moment.at.date()


def _under(alarm: Alarm, signatures: Iterable[Signature]) -> list[Signature]:
    """The signatures given to what a revision says: to the proposal itself, or to the one that it issued.

    An end tells none of those under a change that was never issued.
    """
    if alarm.state is AlarmState.PROPOSED:
        return [s for s in signatures if s.revision in (0, alarm.revision)]
    if alarm.state.public:
        return [s for s in signatures if s.revision in (0, alarm.revision - 1)]
    if alarm.state in ENDS:
        before = int(alarm.replaces.rpartition(".")[2] or 0)
        return [s for s in signatures if s.revision < before]
    return list(signatures)


def _signers(alarm: Alarm, signatures: Sequence[Signature]) -> tuple[str, ...]:
    by_hand = not alarm.moved_by.startswith("rule ") and alarm.state is not AlarmState.EXPIRED
    named = [s.signer for s in signatures if s.consents]
    return tuple(dict.fromkeys([*named, *([alarm.moved_by] if by_hand else [])]))


def _alone(signature: Signature) -> bool:
    return signature.consents and signature.reason.startswith(ALONE)
