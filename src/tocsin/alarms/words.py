"""Fixed words for chances, each with its range, in every language of alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.lint import checked
from tocsin.alarms.phrases import phrases
from tocsin.alarms.policy import Rule
from tocsin.errors import InputError
from tocsin.forecasting.forecast import Forecast


@cache
def wording() -> Mapping[str, Any]:
    """The shipped wording. Raises InputError when the probability words leave a gap or are out of order."""
    data: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("wording.yml").read_text("utf-8"))
    bounds = [row["from"] for row in data["probability"]]
    if bounds[0] != 0 or bounds != sorted(set(bounds)) or bounds[-1] >= 1:
        raise InputError("probability words must rise from 0 without a gap", "wording.yml")
    return data


def probability_word(probability: float, language: str = "en") -> str:
    """The fixed word for a probability (ranges in wording.yml). Raises ValueError outside 0 to 1."""
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is not a probability")
    return str(
        [
            r["word" if language == "en" else language]
            for r in wording()["probability"]
            if probability >= r["from"]
        ][-1]
    )


def how_sure(rule: Rule, forecasts: Sequence[Forecast]) -> tuple[str, ...]:
    """One sentence for each forecast that the rule compared: the word, the range and the average."""
    wanted = {tuple(f.split(".")[1:3]) for f in rule.fields if f.startswith("forecast.")}
    return tuple(
        f"In fixed words: {probability_word(f.probability)}; 90 % range {100 * f.low:.1f} to "
        f"{100 * f.high:.1f} %; the average place has {100 * f.base_rate:.1f} %; rank {f.rank} of {f.of}."
        for f in forecasts
        if (f.outcome, str(f.horizon_months)) in wanted
    )


def say(alarm: Alarm, name: str = "", public: bool = False) -> tuple[str, ...]:
    """An alarm in plain sentences: finding first, then how sure, what is not known, and what it is not.

    `public` leaves out who signed, dissented or overrode (the desk sees names, the world that it happened).
    Raises NotAllowed when a sentence states a crime as a fact and names no body that found it; the words in
    which somebody moved the alarm are shown to the desk as they were typed.
    """
    where = name or alarm.iso3
    word = str(phrases("en").say(f"levels.{alarm.level.value}"))
    made = checked(
        (
            f"{where}: {word}. {alarm.sentences[0] if alarm.sentences else ''}".strip(),
            *alarm.sentences[1:],
            *(f"Not known: {gap}" for gap in alarm.unknowns),
        )
    )
    moved = checked((_unnamed(alarm),))[0] if public else _named(alarm)
    state = f"State: {alarm.state}, {moved}; expires {alarm.expires}."
    return (*made, state, "A level is not a legal finding.")


def _named(alarm: Alarm) -> str:
    return f"by {alarm.moved_by} ({alarm.why.rstrip('.')})"


def _unnamed(alarm: Alarm) -> str:
    """Who moved an alarm and why, without names (the forms of `why` are those of `watch`)."""
    if alarm.why.startswith("override by "):
        return f"by one signer's override: {alarm.why.partition(', one signer: ')[2]}"
    if alarm.why.startswith("signed by "):
        _, *dissents = alarm.why.split("; dissent of ")
        return "by two signers" + "".join(f"; one dissent: {d.partition(': ')[2]}" for d in dissents)
    return _named(alarm)
