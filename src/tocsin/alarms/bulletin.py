"""The Bulletin: what one alarm says to one kind of reader in one language; every sentence with its evidence.

A `Dossier` is all that the text may rest on. `telling` writes a bulletin from it; CAP, feeds, mail and pages
only lay a bulletin out and never add a sentence of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tocsin.alarms.alarm import Alarm
from tocsin.forecasting.forecast import Forecast

LANGUAGES = ("en", "fr", "es", "ar")
"""ISO 639-1 codes of the languages in which every alarm is told, the first when nothing else fits."""


class Scope(StrEnum):
    """Who may read it (the words of CAP 1.2): everyone; those cleared by role; the bodies addressed by name.

    `public` has no quoted words, no place finer than the country and no person who signed. `restricted` has
    the quoted words with source, date and link. `private` also says who signed, dissented or overrode.
    """

    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"

    @property
    def step(self) -> int:
        """Height of the clearance, 0 to 2."""
        return list(Scope).index(self)


class Part(StrEnum):
    """The parts of a bulletin, in the order in which they are read: finding first."""

    FINDING = "finding"
    KNOWN = "known"
    HOW_KNOWN = "how_known"
    HOW_SURE = "how_sure"
    NOT_KNOWN = "not_known"
    CHANGE_OF_MIND = "change_of_mind"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of one source: a present claim that an alarm rests on. `published` is None when unknown.

    `language` is an ISO 639-1 code, "" when unknown. Words of another `sensitivity` than `public` are counted
    and never quoted.
    """

    signal: str
    words: str
    language: str
    source: str
    title: str
    url: str
    published: date | None
    factor: str
    origin: str
    sensitivity: str = "public"


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that the text of one alarm may rest on.

    `names` are the names of the place by language (English at least). `forecasts` are those the alarm names
    in its reasons. `withdrawn` says what it rests on that was taken back, "" for nothing. `dissents` are the
    reasons of those who said no, without names. `signers` say who moved it. `override` is the reason of the
    one who issued it alone, "" when two signed. `expert` raised it for the reason `judgement`, both "" where
    a rule did. `record_url` and `self_url` are where the public record and the alarm's own page are found, ""
    when nowhere.
    """

    alarm: Alarm
    names: Mapping[str, str]
    quotes: Sequence[Quoted] = ()
    forecasts: Sequence[Forecast] = ()
    withdrawn: str = ""
    dissents: Sequence[str] = ()
    signers: Sequence[str] = ()
    override: str = ""
    expert: str = ""
    judgement: str = ""
    self_url: str = ""
    record_url: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence (or a quotation with its lead-in) and the ids of what it rests on; never without one.

    `verbatim` is the end or middle of `text` that stands as somebody else wrote it, `language` its language
    (ISO 639-1, "" when unknown), for layouts to mark; both are "" when all of it is in the bulletin's own.
    Raises ValueError for an empty text, a sentence without evidence, or words that are not in the text.
    """

    part: Part
    text: str
    evidence: tuple[str, ...]
    url: str = ""
    verbatim: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError(f"an empty statement in the part {self.part}")
        if self.verbatim not in self.text:
            raise ValueError(f"{self.verbatim!r} is not in {self.text!r}")
        if not self.evidence or not all(self.evidence):
            raise ValueError(f"no evidence for {self.text!r}: name the signal, forecast, figure or rule")


@dataclass(frozen=True, slots=True)
class Bulletin:
    """An alarm as told in one language to one scope. `statements` are in the order of `Part`.

    `headline` is one line of at most 160 characters (CAP 1.2); `note` says that a level is not a legal
    finding; `titles` are the headings of the parts in that language; `direction` is `ltr` or `rtl`.
    `forecasts` are those that it rests on, for programs; the statements tell of them in words.
    """

    alarm: Alarm
    language: str
    scope: Scope
    place: str
    headline: str
    statements: tuple[Statement, ...]
    note: str
    direction: str = "ltr"
    titles: Mapping[str, str] = field(default_factory=dict)
    forecasts: tuple[Forecast, ...] = ()

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids that its statements rest on, each once."""
        return tuple(dict.fromkeys(id for s in self.statements for id in s.evidence))

    def part(self, part: Part) -> tuple[Statement, ...]:
        """The statements of one part."""
        return tuple(s for s in self.statements if s.part is part)
