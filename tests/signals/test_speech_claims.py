"""What a claim gets from the marks of dangerous speech, and the claims that marks make."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.signals.reports import record
from tests.signals.test_speech import SENTENCES
from tocsin.clock import now
from tocsin.signals.coder import HybridCoder
from tocsin.signals.make import signals_of
from tocsin.signals.rules.claims import claims, matches
from tocsin.signals.rules.passage import passage
from tocsin.signals.signal import Claim, Relevance, TimeStatus
from tocsin.signals.speech.claims import with_speech
from tocsin.signals.speech.hallmarks import hallmark
from tocsin.signals.stories import Told
from tocsin.store.lake import Lake


def joined(text: str, language: str = "en", **more: Any) -> tuple[Claim, ...]:
    doc = passage(text, language)
    return with_speech(doc, claims(doc, [matches(part) for part in doc.parts]), **more)


def only(text: str) -> Claim:
    """The one claim of a text, which the rules alone do not make."""
    doc = passage(text, "en")
    assert not claims(doc, [matches(part) for part in doc.parts])
    (made,) = with_speech(doc, ())
    return made


def test_the_head_of_state_and_an_unsigned_post_with_the_same_words_differ() -> None:
    high = only("The president urged listeners to kill the highlanders.")
    low = only("An anonymous post urged listeners to kill the highlanders.")
    assert (high.relevance, high.perpetrator) == (Relevance.SIGNAL, "state")
    assert (low.relevance, low.perpetrator) == (Relevance.CONTEXT, "unclear")
    assert high.speech == low.speech == ("H12:reported",)


def test_a_claim_bears_the_marks_of_its_own_sentence_alone() -> None:
    text = "In Mali the radio urged men to kill the herders. Soldiers killed nine civilians in Mopti, Mali."
    made = joined(text)
    assert {claim.quote[:7]: claim.speech for claim in made} == {"In Mali": ("H12:reported",), "Soldier": ()}


def test_a_text_without_marks_keeps_its_claims_as_they_are() -> None:
    doc = passage("Soldiers killed nine civilians in Mopti, Mali.", "en")
    made = claims(doc, [matches(part) for part in doc.parts])
    assert made and with_speech(doc, made) == made


def test_a_mark_without_a_claim_gives_one_with_the_first_indicator_of_its_hallmark() -> None:
    made = only("The minister said that the lowlanders of Kenya are arming to slaughter us in our beds.")
    assert made.indicator == hallmark("H2").indicators[0] and made.factor == "RF4"
    assert (made.time, made.relevance, made.iso3) == (TimeStatus.PRESENT, Relevance.SIGNAL, "KEN")
    assert made.speech == ("H2:reported",) and made.quote.startswith("The minister")


@pytest.mark.parametrize(
    "text",
    [
        "We condemn those who call the refugees vermin in Kenya.",
        "Researchers describe how the migrants in Kenya were called vermin on the radio.",
    ],
)
def test_words_that_are_rejected_or_studied_are_context_and_raise_nothing(text: str) -> None:
    doc = passage(text, "en")
    alone = claims(doc, [matches(part) for part in doc.parts])
    assert "7.14" in {claim.indicator for claim in alone if claim.relevance is Relevance.SIGNAL}
    for made in (with_speech(doc, alone), with_speech(doc, ())):
        about = [claim for claim in made if claim.indicator == "7.14"]
        assert about and all(claim.speech for claim in about)
        assert all(claim.relevance is Relevance.CONTEXT for claim in about)


def test_speech_of_the_past_is_of_the_past() -> None:
    for made in (
        joined("In 1994 the radio told listeners in Rwanda that the minority are insects."),
        joined("The radio in Rwanda says the minority are insects.", unless=TimeStatus.PAST),
    ):
        assert {claim.time for claim in made} == {TimeStatus.PAST}
        assert {claim.relevance for claim in made} == {Relevance.CONTEXT}


def test_two_hallmarks_of_one_sentence_give_a_claim_for_each_indicator_with_all_codes() -> None:
    made = with_speech(passage("The highlanders are vermin and war with the highlanders is inevitable."), ())
    assert [claim.indicator for claim in made] == ["7.13", "7.14"]
    assert all(claim.speech == ("H1:own", "H8:own") for claim in made)


def test_joining_twice_changes_nothing() -> None:
    for said in SENTENCES["shown"].values():
        doc = passage(said["en"], "en")
        once = with_speech(doc, claims(doc, [matches(part) for part in doc.parts]))
        assert with_speech(doc, once) == once


def test_a_signal_keeps_the_marks_in_the_store_and_in_a_line_of_json(tmp_path: Path) -> None:
    said = record(
        "The radio in Kenya urged listeners to kill the highlanders tonight.", published="2026-01-04"
    )
    coder = HybridCoder()
    doc = passage(said.text, "en")
    made = with_speech(doc, ())
    reading = coder.code(said)
    whole = type(reading)(**{f: getattr(reading, f) for f in reading.__slots__} | {"claims": made})
    (signal,) = signals_of(
        said, whole, Told("sto-1", "sto-1"), "live", datetime(2026, 1, 5, tzinfo=UTC), coder=coder
    )
    assert signal.speech == ("H12:reported",)
    lake = Lake(tmp_path / "lake", tmp_path / "writer.lock")
    lake.write({"signals": [signal]}, "test")
    assert lake.read("signals", now()) == [signal]
    assert json.loads(json.dumps(asdict(made[0])))["speech"] == ["H12:reported"]
