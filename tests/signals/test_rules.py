"""What the default coder promises: exact words, the past apart from the present, and a whole answer line."""

import json
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.signals.reports import SAME_SPEECH, SPEECH, record
from tocsin.framework import framework
from tocsin.signals.coder import HybridCoder, read
from tocsin.signals.lines import code_line, code_lines, same_event_lines
from tocsin.signals.signal import Reading, Relevance, TimeStatus

KEYS = {
    "id", "relevance", "relevance_score", "factors", "factors_present", "indicators", "time", "countries",
    "perpetrator", "target", "mitigation", "places", "events", "counts", "story", "signals", "error",
}  # fmt: skip
WORDS = [
    *["police", "soldiers", "rebels", "killed", "arrested", "fled", "villages", "civilians", "in", "Kenya"],
    *["Mali", "Rwanda", ".", "\n", "today", "years", "ago", "not", "if", "1994", "aid", "blocked", "convoy"],
    *["the", "hospital", "was", "bombed", "“", "”", "İ", "ß", "😀", "conference", "genocide", "prevention"],
]


def times(reading: Reading, iso3: str) -> set[TimeStatus]:
    return {claim.time for claim in reading.claims if claim.iso3 == iso3}


@pytest.mark.parametrize("text", [SPEECH, SAME_SPEECH], ids=["wire", "release"])
def test_a_speech_about_two_past_and_two_present_cases_keeps_them_apart(text: str):
    reading = HybridCoder().code(record(text))
    for iso3 in ("CAF", "MMR"):
        assert TimeStatus.PRESENT in times(reading, iso3)
    for iso3 in ("GTM", "TLS"):
        assert TimeStatus.PAST in times(reading, iso3)
        assert TimeStatus.PRESENT not in times(reading, iso3)
    for iso3 in ("AUT", "BGD"):
        assert TimeStatus.PRESENT not in times(reading, iso3)


def test_shelter_given_by_peacekeepers_is_marked_as_a_protective_act():
    reading = HybridCoder().code(record(SPEECH))
    assert any(c.protective and c.iso3 == "CAF" and c.indicator for c in reading.claims)


@pytest.mark.parametrize("name", ["000_d77e404fe0dfcab3.txt", "001_a3e04f217521aedd.txt"])
def test_the_seed_documents_raise_south_sudan_and_none_of_the_cases_of_the_past(name: str):
    text = shared(f"seeds/{name}").read_text(encoding="utf-8")
    reading = HybridCoder().code(record(text, published="2014-04-02"))
    now = [c for c in reading.claims if c.time is TimeStatus.PRESENT]
    assert any(c.iso3 == "SSD" and c.indicator and c.protective for c in now)
    assert not {c.iso3 for c in now} & {"RWA", "BIH", "LKA", "SLE", "KHM", "BEL"}
    for iso3 in ("RWA", "BIH", "LKA"):
        assert TimeStatus.PAST in times(reading, iso3)


@pytest.mark.parametrize(
    ("sentence", "indicator", "time"),
    [
        ("Soldiers shot dead 14 villagers in Mali on Tuesday.", "11.1", TimeStatus.PRESENT),
        (
            "Thousands of people fled their homes in Mali after militants attacked the town.",
            "7.10",
            "present",
        ),
        ("The army denied that its soldiers killed civilians in Mali.", "11.1", TimeStatus.DENIED),
        ("No civilians were killed in Mali, and no violence was reported.", "11.1", TimeStatus.DENIED),
        ("Twenty years ago soldiers killed hundreds of civilians in Mali.", "11.1", TimeStatus.PAST),
        ("If the talks in Mali collapse, militants would kill civilians.", "11.1", TimeStatus.HYPOTHETICAL),
        ("There are fears that militants will attack aid workers in Mali.", "14.9", TimeStatus.FUTURE),
        ("The government of Mali declared a state of emergency.", "7.1", TimeStatus.PRESENT),
        ("An internet blackout began in Mali hours before the vote.", "7.6", "present"),
        ("A state radio host in Mali spread hate speech against the minority.", "7.14", TimeStatus.PRESENT),
        ("Des hommes armés ont tué des civils dans un village au Mali.", "11.1", TimeStatus.PRESENT),
        ("Hombres armados mataron a civiles en una aldea de Malí.", "11.1", TimeStatus.PRESENT),
        ("El ejército niega que sus soldados hayan matado a civiles en Malí.", "11.1", TimeStatus.DENIED),
        ("Hace décadas, los soldados masacraron a civiles en Malí.", "11.1", TimeStatus.PAST),
        ("Se teme que las milicias maten a civiles en Malí.", "11.1", TimeStatus.FUTURE),
        ("Homens armados mataram civis numa aldeia do Mali.", "11.1", TimeStatus.PRESENT),
        ("O exército nega que os seus soldados tenham morto civis no Mali.", "11.1", TimeStatus.DENIED),
        ("Há décadas, os soldados massacraram civis no Mali.", "11.1", TimeStatus.PAST),
        ("Teme-se que as milícias matem civis no Mali.", "11.1", TimeStatus.FUTURE),
    ],
)
def test_one_sentence_is_given_its_indicator_and_its_time(sentence: str, indicator: str, time: str):
    from tocsin.signals.rules.claims import claims, matches
    from tocsin.signals.rules.passage import passage

    doc = passage(sentence)
    found = {c.indicator: c for c in claims(doc, [matches(part) for part in doc.parts])}
    assert found[indicator].time == time and found[indicator].iso3 == "MLI"


@pytest.mark.parametrize(
    "text", [SPEECH, "Police in Guatemala shot dead dozens of unarmed protesters on Monday."]
)
def test_another_country_in_the_same_words_gets_the_same_claims(text: str):
    def told(reading: Reading, iso3: str) -> list[tuple[object, ...]]:
        return [(c.indicator, c.time, c.protective, c.confidence) for c in reading.claims if c.iso3 == iso3]

    here = told(read("x", text, "en", 2017), "GTM")
    there = told(read("x", text.replace("Guatemala", "Indonesia"), "en", 2017), "IDN")
    assert here and here == there


def test_the_country_of_a_claim_is_that_of_the_sentence_before_in_the_paragraph():
    reading = read(
        "x", "Fighting has spread in Chad. On Monday soldiers killed dozens of villagers.\nIn Peru it rained."
    )
    assert {c.iso3 for c in reading.claims if "villagers" in c.quote} == {"TCD"}


def test_a_football_report_claims_nothing():
    text = "The striker shot twice and the club beat the champions to win the league cup, said the coach."
    reading = read("x", text)
    assert reading.relevance is Relevance.NONE and not reading.claims


@pytest.mark.parametrize(
    "text",
    [
        "fine",
        "Mali beat Chad 2-1.",
        "It was a sunny day in Mali.",
        "Das Wetter in Kenia ist gut.",
        "Mali " * 90,
    ],
)
def test_a_text_that_shows_nothing_is_about_nothing_and_its_score_is_low(text: str):
    reading = read("x", text)
    assert reading.relevance is Relevance.NONE and not reading.claims and not reading.factors_present
    assert max(reading.score, *reading.factors.values()) <= 0.1


def test_a_word_of_violence_alone_is_context_and_a_pattern_is_evidence():
    alone = read("x", "The conflict in Mali was on the agenda of the conference.")
    assert alone.relevance is Relevance.CONTEXT
    assert read("x", "Soldiers shot dead 14 villagers in Mali.").relevance is Relevance.ATROCITY


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_every_claim_quotes_the_words_at_its_span(text: str):
    for claim in read("x", text).claims:
        assert claim.quote and claim.quote == text[claim.start : claim.end]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_answered_with_every_key_or_with_an_error(text: str):
    answer = code_line({"id": "x", "text": text})
    json.dumps(answer)
    assert set(answer) == KEYS or answer["error"]


def test_a_line_is_answered_as_the_contract_says():
    answer = code_line(
        {"id": "x", "text": "Police in Mali shot dead dozens of unarmed protesters on Monday."}
    )
    assert set(answer) == KEYS and answer["error"] == "" and answer["id"] == "x"
    assert list(answer["factors"]) == [f.code for f in framework().factors]
    assert all(0 <= p <= 1 for p in answer["factors"].values())
    assert answer["relevance"] in ("signal", "atrocity") and answer["countries"] == ["MLI"]
    assert answer["time"] == "present" and answer["perpetrator"] == "state"
    assert set(answer["factors_present"]) <= set(answer["factors"])
    assert {"type": "kill", "start": 0, "end": 24, "by": "state"} in answer["events"]


@pytest.mark.parametrize("line", [{"id": "x"}, {"id": "x", "text": "  "}, {"id": "x", "text": 7}])
def test_a_line_without_text_is_answered_with_an_error(line: dict):
    assert "text" in code_line(line)["error"]


def test_lines_of_one_speech_bear_one_story_and_bad_lines_keep_their_place():
    lines = [
        {"id": 1, "text": SPEECH},
        {"id": 2},
        {"id": 3, "text": SAME_SPEECH},
        {"id": 4, "text": "It rained."},
    ]
    one, bad, other, rain = code_lines(lines)
    assert one["story"] == other["story"] != rain["story"] and one["story"].startswith("sty-")
    assert bad["id"] == "2" and bad["error"]


def test_two_reports_of_one_event_rank_before_two_of_different_events():
    lines = [{"id": 1, "text": SPEECH}, {"id": 2, "text": ""}, {"id": 3, "text": SAME_SPEECH}]
    told = list(same_event_lines([*lines, {"id": 4, "text": "It rained in Peru and the harvest was good."}]))
    assert {(row["one"], row["other"]) for row in told} == {("1", "3"), ("1", "4"), ("3", "4")}
    assert max(told, key=lambda row: row["same_event"])["other"] == "3"


def test_an_error_of_the_line_itself_is_passed_on():
    assert code_line({"id": "line 3", "error": "not JSON"}) == {"id": "line 3", "error": "not JSON"}


def test_a_bad_date_is_an_error_of_its_line():
    assert "not a date" in code_line({"id": "x", "text": "Some text.", "published": "soon"})["error"]


def test_a_text_is_read_alike_every_time_and_the_version_names_the_rules():
    one, other = HybridCoder(), HybridCoder()
    assert one.code(record(SPEECH)) == other.code(record(SPEECH))
    assert one.version == other.version and "-" in one.version


def test_a_very_long_line_without_full_stops_is_read_in_seconds():
    began = perf_counter()
    reading = read("x", "soldiers killed civilians and " * 6000)
    assert reading.relevance is not Relevance.NONE
    assert perf_counter() - began < 20


def test_what_is_only_denied_is_no_signal_of_any_time() -> None:
    line = code_line({"id": "1", "text": "No civilians were killed by the soldiers in Mali this week."})
    assert line["signals"] and {s["time"] for s in line["signals"]} == {"denied"}
    assert line["time"] == "none" and line["relevance"] == "context" and line["factors_present"] == []


def test_a_denial_is_a_claim_of_its_own_beside_what_is_denied() -> None:
    line = code_line({"id": "1", "text": "The governor denied that soldiers had killed civilians in Mali."})
    assert {s["indicator"]: s["time"] for s in line["signals"]} == {
        "11.1": "denied",
        "2.1": "denied",
        "2.6": "present",
    }
