"""What the parts of a bulletin share while it is written: the dossier, the language and who reads."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.alarms.alarm import Alarm, Level
from tocsin.alarms.bulletin import Dossier, Part, Scope, Statement
from tocsin.alarms.expert import EXPERT
from tocsin.alarms.lint import claims
from tocsin.alarms.phrases import Phrases, isolated
from tocsin.alarms.policy import Policy, Rule
from tocsin.alarms.typed import plain, public_text, without_names


@dataclass(frozen=True, slots=True)
class Tale:
    """One alarm, one language, one scope."""

    dossier: Dossier
    voice: Phrases
    scope: Scope
    policy: Policy

    @property
    def alarm(self) -> Alarm:
        """The revision that is told."""
        return self.dossier.alarm

    @property
    def rule(self) -> Rule | None:
        """The rule that carried its level, None when the policy no longer has it."""
        return self.policy.rule(self.alarm.rule)

    @property
    def by_expert(self) -> bool:
        """Whether an expert's judgement carried its level, and no rule."""
        return self.alarm.rule == EXPERT

    @property
    def place(self) -> str:
        """The name of the place in the language, else in English, else its code."""
        names = self.dossier.names
        return names.get(self.voice.language) or names.get("en") or self.alarm.iso3

    @property
    def family(self) -> str:
        """What is feared, in the language; as it is stored when an earlier policy called it otherwise."""
        key = f"families.{self.alarm.crime_family}"
        return self.voice.say(key) if self.voice.has(key) else self.alarm.crime_family

    @property
    def prefix(self) -> str:
        """What must be read before anything else: that it was not issued, or no longer stands."""
        return self.voice.say(f"prefixes.{self.alarm.state.value}")

    @property
    def grounds(self) -> tuple[str, ...]:
        """The ids that the finding rests on, with its rule."""
        return (*self.alarm.reasons, f"rule:{self.alarm.rule}")

    def level_word(self, level: Level | None = None) -> str:
        """The word of a level, the alarm's own by default."""
        return self.voice.say(f"levels.{(level or self.alarm.level).value}")

    def state(
        self, part: Part, text: str, evidence: tuple[str, ...], *, url: str = "", verbatim: str = ""
    ) -> Statement:
        """A statement; `verbatim` are English words in it as stored, marked in another language."""
        foreign = verbatim if self.voice.language != "en" else ""
        return Statement(part, text, evidence, url, foreign, "en" if foreign else "")

    def quoting(self, part: Part, key: str, text: str, evidence: tuple[str, ...], language: str) -> Statement:
        """A statement that ends with somebody else's words as the slot `text`."""
        words = plain(text)
        told = self.voice.say(key, text=isolated(words, self.voice.direction))
        same = language == self.voice.language
        return Statement(part, told, evidence, "", "" if same else words, "" if same else language)

    def typed(self, key: str, text: str) -> Statement:
        """Words that a person of the desk typed, in whatever language, as this scope may read them.

        A crime that they state as a fact is withheld visibly: a note never stops an alarm from being told.
        """
        words = plain(text)
        if self.scope is not Scope.PRIVATE:
            names = (*self.dossier.signers, self.dossier.expert)
            words = without_names(words, names, self.voice.say("standing.withheld_name"))
        if self.scope is Scope.PUBLIC:
            marks = self.voice.say("standing.withheld_words"), self.voice.say("standing.withheld_place")
            words = public_text(words, *marks)
        withheld = self.voice.say("standing.withheld_claim") if claims(words) else ""
        told = self.voice.say(key, text=withheld or isolated(words, self.voice.direction))
        return Statement(Part.STANDING, told, (self.alarm.row,), "", "" if withheld else words)
