"""What a told alarm promises: finding first, evidence for every sentence, four languages alike."""

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.alarms.told import WORDS, a_dossier, a_forecast, a_quote, an_alarm, told_of
from tests.assessment.made import AS_OF, figures, inputs
from tocsin.alarms.alarm import AlarmState, Level
from tocsin.alarms.bulletin import LANGUAGES, Bulletin, Part, Scope
from tocsin.alarms.gaps import gap
from tocsin.alarms.grounds import SHOWN
from tocsin.alarms.lint import claims, faults
from tocsin.alarms.message import plurals, slots
from tocsin.alarms.phrases import ISOLATE, POP, phrases
from tocsin.alarms.policy import Rule, policy
from tocsin.alarms.telling import level_word, tell
from tocsin.alarms.words import probability_word, wording
from tocsin.assessment.figures import weights
from tocsin.assessment.weigh import assess
from tocsin.errors import InputError, NotAllowed, UnknownId
from tocsin.forecasting.outcomes import load_outcomes

OTHERS = [language for language in LANGUAGES if language != "en"]
POINT = "12.34567, 23.45678"
every_language = pytest.mark.parametrize("language", LANGUAGES)
every_scope = pytest.mark.parametrize("scope", list(Scope))


def text(bulletin: Bulletin) -> str:
    return "\n".join((bulletin.headline, *(s.text for s in bulletin.statements), bulletin.note))


def bare(words: str) -> str:
    return words.replace(ISOLATE, "").replace(POP, "")


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_keys_and_slots_of_the_others(language: str) -> None:
    english, other = phrases("en").table, phrases(language).table
    assert set(english) == set(other)
    assert {k: set(slots(t)) for k, t in english.items()} == {k: set(slots(t)) for k, t in other.items()}
    assert not [k for k, t in other.items() if not t and english[k]]


@every_language
def test_every_plural_has_all_forms_of_its_language(language: str) -> None:
    voice = phrases(language)
    wanted = set(voice.locale.plural_form.tags) | {"other"}
    assert [k for k, t in voice.table.items() if any(not wanted <= forms for forms in plurals(t))] == []


@every_language
@pytest.mark.parametrize("rule", policy().rules, ids=lambda r: r.id)
def test_every_rule_has_its_sentence_with_its_numbers(rule: Rule, language: str) -> None:
    named = set(slots(phrases(language).table[f"rules.{rule.id}"]))
    assert named <= set(told_of(rule)), "an alarm holds only the fields that its rule compares or tells of"
    bulletin = tell(a_dossier(an_alarm(rule)), language, Scope.PRIVATE)
    finding = bulletin.part(Part.FINDING)[0]
    assert level_word(rule.level, language) in finding.text
    assert not finding.verbatim
    assert not re.search(r"[{}#]", text(bulletin))


@every_language
def test_every_level_outcome_state_and_field_has_its_words(language: str) -> None:
    voice = phrases(language)
    assert {f"levels.{level.value}" for level in Level} <= set(voice.table)
    for state in AlarmState:
        assert voice.has(f"prefixes.{state.value}") and voice.has(f"standing.{state.value}")
    for outcome in load_outcomes():
        assert voice.say(f"outcomes.{outcome.key}", months=12)
    assert voice.has(f"families.{policy().crime_family}")
    for feed in weights().publishers:
        assert voice.has(f"publishers.{feed}") and voice.has(f"datasets.{feed}")
    assert all(row[language if language != "en" else "word"] for row in wording()["probability"])


@every_language
@every_scope
def test_the_finding_comes_first_and_every_sentence_rests_on_something(language: str, scope: Scope) -> None:
    dossier = a_dossier()
    bulletin = tell(dossier, language, scope)
    parts = [s.part for s in bulletin.statements]
    assert parts == sorted(parts, key=list(Part).index)
    assert {*Part} == {*parts}, "each part says something, the unknown too"
    assert all(s.evidence for s in bulletin.statements)
    assert list(faults(bulletin, dossier)) == []
    assert len(bulletin.headline) <= 160
    first = bare(bulletin.statements[0].text)
    assert dossier.names[language] in first and level_word(Level.WARNING, language) in first
    assert len(first.split()) <= 50


@every_scope
def test_a_public_text_has_no_words_no_place_and_no_names(scope: Scope) -> None:
    dossier = a_dossier(dissents=(f'Bento Uniquename heard "come now" at {POINT}',))
    told = text(tell(dossier, "en", scope))
    assert (WORDS in told) == (scope is not Scope.PUBLIC)
    assert ("Adaeze" in told) == (scope is Scope.PRIVATE)
    assert ("Bento" in told) == (scope is Scope.PRIVATE)
    assert (POINT in told) == (scope is not Scope.PUBLIC)
    assert ("come now" in told) == (scope is not Scope.PUBLIC)


def test_a_quotation_has_source_date_title_link_and_language() -> None:
    bulletin = tell(a_dossier(quotes=(a_quote(3, language="fr"),)), "es", Scope.RESTRICTED)
    quoted = next(s for s in bulletin.part(Part.HOW_KNOWN) if s.verbatim)
    assert (quoted.verbatim, quoted.language, quoted.url) == (WORDS, "fr", "https://wire.example/3")
    for wanted in ("A wire", "3 de noviembre de 2026", "Fire in the hills", "francés", f"«{WORDS}»"):
        assert wanted in quoted.text
    assert quoted.evidence == ("sig-3",)


def test_what_is_not_public_in_its_source_is_counted_and_never_quoted() -> None:
    dossier = a_dossier(quotes=(a_quote(1, sensitivity="internal"), a_quote(2, sensitivity="")))
    for scope in Scope:
        told = tell(dossier, "en", scope)
        assert WORDS not in text(told)
        assert "2 claims by 2 independent origins" in text(told)


def test_no_loud_origin_fills_the_page() -> None:
    loud = [a_quote(n, origin="loud", words=f"Claim {n}.") for n in range(1, 28)]
    bulletin = tell(a_dossier(quotes=(*loud, a_quote(28, words="A quiet voice."))), "en", Scope.RESTRICTED)
    quoted = [s for s in bulletin.part(Part.HOW_KNOWN) if s.verbatim]
    assert len(quoted) == SHOWN
    assert "A quiet voice." in {s.verbatim for s in quoted}
    assert f"{28 - SHOWN} more claims are not quoted" in text(bulletin)


@every_language
def test_whose_figures_a_rule_compares_is_named(language: str) -> None:
    rule = policy().rule("ongoing-episode")
    known = tell(a_dossier(an_alarm(rule)), language, Scope.PUBLIC).part(Part.HOW_KNOWN)
    assert any("UCDP" in s.text and "Early Warning Project" in s.text for s in known)


def test_claims_that_are_no_more_at_hand_are_counted() -> None:
    told = text(tell(a_dossier(quotes=()), "en", Scope.RESTRICTED))
    assert "2 claims that it rests on were taken back or are not at hand" in told


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["possible, 6.2%", "2.1% to 13%", "1.5%", "rank 4 of 168"]),
        ("fr", ["notable, 6,2\u00a0%", "de 2,1\u00a0% à 13\u00a0%", "1,5\u00a0%", "rang 4 sur 168"]),
        ("es", ["apreciable, 6,2\u00a0%", "de 2,1\u00a0% a 13\u00a0%", "1,5\u00a0%", "puesto 4 de 168"]),
        ("ar", ["وارد، 6.2%", "1.5%", "4 من 168"]),
    ],
)
def test_how_sure_is_a_fixed_word_with_number_range_average_and_rank(language: str, said: list[str]) -> None:
    sure = bare(tell(a_dossier(), language, Scope.PUBLIC).part(Part.HOW_SURE)[0].text)
    sure = sure.replace("\u200e", "")
    assert [words for words in said if words not in sure] == []


@every_language
@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_higher_chance_never_gets_a_weaker_word(language: str, low: float, high: float) -> None:
    words = [row["word" if language == "en" else language] for row in wording()["probability"]]
    low, high = sorted((low, high))
    assert words.index(probability_word(low, language)) <= words.index(probability_word(high, language))
    assert len(set(words)) == len(words)


def test_numbers_days_and_plurals_follow_the_language() -> None:
    rule = policy().rule("ongoing-deaths")
    assert rule is not None
    killed = {"figure.os_deaths.value": 1234.0, "figure.os_deaths.age": 1.0, "figure.os_deaths.year": 2025.0}
    dossier = a_dossier(an_alarm(rule, measured=killed))
    first = {code: bare(tell(dossier, code, Scope.PUBLIC).statements[0].text) for code in LANGUAGES}
    assert "1,234 civilians" in first["en"] and "in 2025" in first["en"]
    assert re.search("1\\W234 civils", first["fr"]) and "en 2025" in first["fr"]
    assert "1234 civiles" in first["es"] or "1.234 civiles" in first["es"]
    assert "1,234 مدنيًا" in first["ar"]
    assert phrases("en").day(AS_OF) == "20 November 2026"
    assert phrases("fr").day(AS_OF.replace(day=1)) == "1er novembre 2026"


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "مصدر مستقل واحد"), (2, "مصدران مستقلان"), (3, "3 مصادر مستقلة"), (11, "11 مصدرًا")],
)
def test_arabic_counts_by_one_two_few_and_many(count: int, said: str) -> None:
    rule = policy().rule("risk-words")
    assert rule is not None
    dossier = a_dossier(an_alarm(rule, measured={f: float(count) for f in told_of(rule)}))
    assert said in tell(dossier, "ar", Scope.PUBLIC).statements[0].text


def test_arabic_runs_right_to_left_and_foreign_words_turn_nothing_around_them() -> None:
    bulletin = tell(a_dossier(), "ar", Scope.PRIVATE)
    assert bulletin.direction == "rtl"
    assert {tell(a_dossier(), code, Scope.PUBLIC).direction for code in ("en", "fr", "es")} == {"ltr"}
    for statement in bulletin.statements:
        assert statement.text.count(ISOLATE) == statement.text.count(POP)
    assert f"{ISOLATE}A wire{POP}" in text(bulletin)


@pytest.mark.parametrize("language", OTHERS)
def test_an_older_alarm_is_told_in_its_stored_english_and_says_so(language: str) -> None:
    old = an_alarm(
        measured={}, sentences=("The chance is put at 6 %.", "A second sentence."), forecast_rule=False
    )
    bulletin = tell(a_dossier(old), language, Scope.PUBLIC)
    finding = bulletin.part(Part.FINDING)[0]
    assert (finding.verbatim, finding.language) == ("The chance is put at 6 %.", "en")
    assert level_word(Level.WARNING, language) in finding.text
    assert phrases(language).say("known.stored") in text(bulletin)
    second = next(s for s in bulletin.part(Part.KNOWN) if "A second sentence." in s.text)
    assert second.language == "en"


def test_what_would_change_our_mind_is_read_off_the_rules() -> None:
    rule = policy().rule("alarm-two-origins")
    assert rule is not None
    mind = [s.text for s in tell(a_dossier(an_alarm(rule)), "en", Scope.PUBLIC).part(Part.CHANGE_OF_MIND)]
    fall = 2 * rule.exit_ratio
    assert f"origins that report grave signs: below {fall:g}" in mind[0]
    assert "Silence of sources lowers nothing" in mind[1]
    assert "would rise to the level “ongoing violence”" in mind[2] and "at least 1,000" in mind[2]
    gone = text(tell(a_dossier(replace(an_alarm(), rule="left-the-policy")), "en", Scope.PUBLIC))
    assert "Its rule left-the-policy is no longer in the policy" in gone


@every_language
def test_nothing_rises_above_what_is_under_way(language: str) -> None:
    rule = policy().rule("ongoing-deaths")
    mind = tell(a_dossier(an_alarm(rule)), language, Scope.PUBLIC).part(Part.CHANGE_OF_MIND)
    assert len(mind) == 2


@every_language
@pytest.mark.parametrize("state", list(AlarmState))
def test_what_was_not_issued_or_no_longer_stands_says_so_before_anything_else(
    state: AlarmState, language: str
) -> None:
    bulletin = tell(a_dossier(an_alarm(state=state, why="seen twice")), language, Scope.PUBLIC)
    prefix = phrases(language).say(f"prefixes.{state.value}")
    assert bool(prefix) != state.public
    assert bulletin.headline.startswith(prefix) and bulletin.statements[0].text.startswith(prefix)
    told = state in (AlarmState.REFUSED, AlarmState.CANCELLED, AlarmState.CLOSED)
    assert ("seen twice" in text(bulletin)) == told


def test_two_signatures_are_counted_and_an_override_is_shown_with_its_reason() -> None:
    assert "Signed by two people." in text(tell(a_dossier(), "en", Scope.PUBLIC))
    alone = text(tell(a_dossier(override="no time to lose"), "en", Scope.PUBLIC))
    assert "on one signature, by override. The reason given: no time to lose" in alone
    assert "Signed by two" not in alone


@every_language
def test_a_dissent_is_printed_and_one_that_claims_a_crime_stops_nothing(language: str) -> None:
    assert "the figures are old" in text(tell(a_dossier(), language, Scope.PUBLIC))
    typed = a_dossier(dissents=("No alarm: this is genocide already.",))
    told = text(tell(typed, language, Scope.PRIVATE))
    assert "genocide" not in told
    assert phrases(language).say("standing.withheld_claim") in told


def test_what_was_taken_back_is_said_before_what_is_known() -> None:
    said = "Rests on 1 withdrawn record (rec-1, withdrawn by its source on 2026-11-01: see the record)."
    dossier = a_dossier(an_alarm(sentences=("One.", said)), withdrawn=said)
    known = tell(dossier, "fr", Scope.PUBLIC).part(Part.KNOWN)
    assert (known[0].verbatim, known[0].language) == (said, "en")
    assert sum(said in s.text for s in known) == 1


def _unknowns() -> Iterable[str]:
    for given_ in ({}, {"records_read": 0}, {"source_health": {"ucdp_ged": "it answers 500"}}):
        made = assess("QQA", inputs(figures=figures({}), **given_))
        yield from made.coverage.blind


@every_language
def test_what_is_not_known_has_a_form_in_every_language(language: str) -> None:
    sentences = [
        *_unknowns(),
        "3 claim(s) without a date were not counted.",
        "UCDP figures end in 2025.",
        "The level warning of 2026-11-01 or before is kept: the measures of warning-onset are still above "
        "0.7 of their thresholds.",
        "The level alarm of 2026-11-01 or before is kept: not measured this time: the words (no document "
        "about the place was read), since 2026-11-20; silence does not lower a level.",
    ]
    assert [s for s in sentences if gap(s, phrases(language), "X") is None] == []
    assert gap("Something nobody foresaw.", phrases(language), "X") is None


@given(st.text(max_size=80))
@example("W:@RCR1ME")
def test_any_stored_sentence_is_told_as_it_is_or_refused_as_a_crime_stated_for_a_fact(sentence: str) -> None:
    alarm = an_alarm(unknowns=(f"A gap: {sentence}",))
    if claims(f"A gap: {sentence}"):
        with pytest.raises(NotAllowed, match="states a crime as a fact"):
            tell(a_dossier(alarm), "ar", Scope.PUBLIC)
        return
    assert tell(a_dossier(alarm), "ar", Scope.PUBLIC).part(Part.NOT_KNOWN)


def test_hostile_words_of_a_source_stay_one_line_and_turn_no_text() -> None:
    words = "\u202eyou\u0000 are\nall\u2066 dead\u200b" + " x" * 500
    quoted = tell(a_dossier(quotes=(a_quote(words=words, title="a\nb"),)), "en", Scope.PRIVATE)
    told = text(quoted)
    assert not re.search("[\u0000\u202e\u2066\u200b]", told)
    assert "you are all dead" in told and "“a b”" in told
    assert all(len(s.text) < 700 for s in quoted.statements)


def test_another_language_is_refused_and_a_missing_text_named() -> None:
    with pytest.raises(UnknownId, match="language of alarms 'de'"):
        tell(a_dossier(), "de", Scope.PUBLIC)
    with pytest.raises(InputError, match=r"tellings/fr.yml: no text 'rules.none'"):
        phrases("fr").say("rules.none")


@pytest.mark.parametrize(
    "wrong", ["{", "a }", "{n, plural, one {x}}", "{n, plural, other {x}", "{n, select}", "{}"]
)
def test_a_template_that_cannot_be_read_is_named(wrong: str) -> None:
    with pytest.raises(InputError, match="tellings"):
        slots(wrong)


def test_a_far_or_unknown_probability_gets_no_false_precision() -> None:
    for p, said in ((0.00001, "under 0.1%"), (0.999, "over 99%"), (0.347, "35%"), (0.0123, "1.2%")):
        sure = tell(a_dossier(forecasts=(a_forecast(p),)), "en", Scope.PUBLIC).part(Part.HOW_SURE)[0]
        assert f", {said}." in sure.text
    none = tell(a_dossier(replace(an_alarm(), reasons=("sig-1",)), forecasts=()), "en", Scope.PUBLIC)
    assert "not at hand" in none.part(Part.HOW_SURE)[0].text
