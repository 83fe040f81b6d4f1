"""What the reader of acts promises: the state's killings apart from those of others, with exact words."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.signals.acts import SIDES, acts, by_sentence, side, side_counts
from tocsin.signals.rules.passage import passage

ROWS = [json.loads(line) for line in (Path(__file__).parent / "acts_dev.jsonl").read_text().splitlines()]
FLOORS = {"kill": (0.85, 0.85), "arrest": (0.8, 0.8), "fail_to_act": (0.85, 0.75), "force": (0.85, 0.85)}
"""The least precision and recall by sentence on our own sentences, of both halves."""


def types(text: str, lang: str = "en") -> set[str]:
    return {act["type"] for act in acts(passage(text, lang))}


def measured(kind: str) -> Counter[str]:
    """Hits, false and missed sentences of a type, each report read as a whole."""
    reports = defaultdict(list)
    for row in ROWS:
        reports[row["doc"]].append(row)
    counts: Counter[str] = Counter()
    for rows in reports.values():
        doc = passage(" ".join(row["text"] for row in rows), "en")
        found = [act for act in acts(doc) if act["type"] == kind]
        start = 0
        for row in rows:
            end = start + len(row["text"])
            said = any(start <= act["start"] < end for act in found)
            counts[f"{kind in row['acts']}{said}"] += 1
            start = end + 1
    return counts


@pytest.mark.parametrize("kind", FLOORS)
def test_precision_and_recall_on_the_labelled_reports_do_not_fall_below_their_floors(kind: str):
    counts = measured(kind)
    precision = counts["TrueTrue"] / (counts["TrueTrue"] + counts["FalseTrue"])
    recall = counts["TrueTrue"] / (counts["TrueTrue"] + counts["TrueFalse"])
    assert precision >= FLOORS[kind][0], counts
    assert recall >= FLOORS[kind][1], counts


@pytest.mark.parametrize(
    "text",
    [
        "Two persons were killed in police firing in the old city.",
        "Police opened fire. Two persons died.",
        "The police fired 12 rounds. Five were killed.",
        "A youth was shot dead by a constable.",
        "Troops gunned down two men near the mill.",
        "Police firing claimed four lives on Friday.",
        "He died in police custody on Monday.",
    ],
)
def test_a_killing_by_the_state_is_a_kill(text: str):
    assert "kill" in types(text)


@pytest.mark.parametrize(
    "text",
    [
        "Two brothers were hacked to death by a mob near the bridge.",
        "Unidentified gunmen shot dead three shopkeepers, police said.",
        "A police constable was killed in mob violence.",
        "Five people were stabbed to death in the night.",
    ],
)
def test_a_killing_by_others_or_by_nobody_named_is_kept_apart(text: str):
    assert "kill_by_others" in types(text)
    assert "kill" not in types(text)


@pytest.mark.parametrize(
    "text",
    [
        "No one was killed in the firing, the collector said.",
        "Police denied that they had opened fire on the crowd.",
        "If the mob had not retreated, the police would have opened fire.",
        "In the 1985 riots police firing had claimed 14 lives.",
        "The midfielder was shot down by his own coach after the striker opened fire in both halves.",
        "No arrests have been made so far.",
        "The commissioner denied that his men had stood by.",
    ],
)
def test_what_is_denied_supposed_long_past_or_sport_is_no_act(text: str):
    assert not types(text) & {"kill", "arrest", "fail_to_act", "kill_by_others", "force"}


@pytest.mark.parametrize(
    "text",
    [
        "The police remained mute spectators while the shops burnt.",
        "The police refused to lodge an FIR.",
        "The police did nothing to stop the mob.",
        "The police arrived three hours late.",
        "There was not a single policeman in sight.",
    ],
)
def test_standing_by_refusing_and_coming_late_are_failures_to_act(text: str):
    assert "fail_to_act" in types(text)


def test_other_acts_and_other_languages_give_events_too():
    assert {"abduct", "sexual_violence"} <= types("Gunmen kidnapped six girls and raped them in the village.")
    assert "kill" in types("La policía asesinó a tres estudiantes en la ciudad.", "es")
    assert "arrest" in types("Полиция задержала двадцать человек на площади.", "ru")
    assert "kill_by_others" in types("Les rebelles ont tué dix villageois, des assassinats brutaux.", "fr")


def test_the_words_of_an_act_are_exact_and_lie_in_its_sentence():
    text = "Curfew was imposed. A youth was shot dead by a constable."
    (kill,) = [act for act in acts(passage(text, "en")) if act["type"] == "kill"]
    assert text[kill["start"] : kill["end"]] == "shot dead by a constable"
    assert kill["by"] == "state"


def test_the_side_of_a_sentence_is_that_of_its_agents():
    doc = passage("Police shot dead a man. Rebels killed five. Three were killed. Tea was served.", "en")
    assert [side(doc, part) for part in doc.parts] == ["state", "nonstate", "unclear", "none"]
    counts = side_counts(doc, by_sentence(doc))
    assert set(counts) == set(SIDES)
    assert counts["state"] == counts["nonstate"] == counts["unclear"] == counts["none"] == 1


def test_hunger_and_floods_are_nobodys_act():
    doc = passage("Thousands were displaced by floods and cholera in the district.", "en")
    assert side(doc, doc.parts[0]) == "none"


WORDS = [
    "police",
    "mob",
    "killed",
    "fire",
    "opened",
    "by",
    "no",
    "İ",
    "\n",
    ".",
    "арест",
    "قتل",
    "FIR",
    "not",
    "😀",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_any_text_is_read_and_every_span_is_inside_it(words: list[str]):
    text = " ".join(words)
    for act in acts(passage(text)):
        assert 0 <= act["start"] < act["end"] <= len(text)


def test_reading_a_long_text_takes_time_in_proportion():
    words = " ".join(row["text"] for row in ROWS)
    short, long = passage(words[: len(words) // 4], "en"), passage(words * 3, "en")

    def seconds(doc):
        began = process_time()
        acts(doc)
        return process_time() - began

    few, many = (min(seconds(doc) for _ in range(3)) for doc in (short, long))
    assert many < 4 * few * len(long.text) / len(short.text), "it grows faster than the text"
