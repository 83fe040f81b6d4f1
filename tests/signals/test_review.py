"""A person's word stands beside the machine's reading, and later steps use it; nothing is written over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from tests.signals.reviewed import NOON, RECORD, agrees, claim, denies, read, says, subject
from tocsin.assessment.words import risks
from tocsin.errors import NotAllowed, UnknownId
from tocsin.signals.agreement import agreement, kappa
from tocsin.signals.corrected import reviewed
from tocsin.signals.labelled import stays_home, training_rows
from tocsin.signals.review import Judgement, Review, correct, judgement, wrong
from tocsin.signals.signal import Relevance, TimeStatus
from tocsin.signals.standing import standing
from tocsin.signals.worth import worth_reviewing

SAID: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"relevance": Relevance.NONE},
        {"relevance": Relevance.CONTEXT},
        {"relevance": Relevance.SIGNAL},
        {"factors": ("RF14",)},
        {"time": TimeStatus.PAST},
        {"countries": ("SDN",)},
        {"countries": ()},
        {"perpetrator": "state"},
        {"mitigation": True},
    ]
)
ON_CLAIM: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"time": TimeStatus.DENIED}, {"countries": ("SDN",)}, {"indicator": "2.3"}, {"perpetrator": "both"}]
)
WHO = st.sampled_from(["ada", "ben", "cai"])


@st.composite
def some_reviews(draw: st.DrawFn) -> list[Review]:
    made: list[Review] = []
    for hours in range(draw(st.integers(0, 5))):
        who, of = draw(WHO), draw(st.sampled_from([None, 0, 1]))
        on = subject(claim=of)
        kind = draw(st.sampled_from(["agree", "correct", "wrong"]))
        if kind == "agree" or (kind == "wrong" and of is None):
            made.append(agrees(who, hours, on))
        elif kind == "wrong":
            made.append(denies(who, hours, on))
        else:
            made.append(says(who, hours, on, **draw(SAID if of is None else ON_CLAIM)))
    return made


@settings(deadline=None)
@given(reviews=some_reviews())
def test_whatever_people_say_the_machines_rows_stay_and_each_claim_is_there_once(
    reviews: list[Review],
) -> None:
    reading, signals = read()
    before = (reading, list(signals))
    _, now = reviewed([reading], signals, reviews)
    assert (reading, signals) == before
    assert [s.replaces or s.id for s in now] == [s.id for s in signals]
    for machine, used in zip(signals, now, strict=True):
        assert (used.quote, used.known, used.record) == (machine.quote, machine.known, machine.record)
        if used.review == "machine":
            assert used == machine
        if used.id == machine.id:
            assert replace(used, review="machine") == machine


@settings(deadline=None)
@given(reviews=some_reviews())
def test_the_order_in_which_reviews_are_read_does_not_matter(reviews: list[Review]) -> None:
    reading, signals = read()
    told = reviewed([reading], signals, reviews)
    for order in list(permutations(reviews))[:6]:
        assert reviewed([reading], signals, order) == told


@settings(deadline=None)
@given(reviews=some_reviews(), who=st.just("dan"))
def test_a_person_who_agrees_never_takes_away_what_counts(reviews: list[Review], who: str) -> None:
    reading, signals = read()
    told = [*reviews, *(agrees(who, 9, subject(claim=n)) for n in (0, 1))]
    before = {s.replaces or s.id for s in reviewed([reading], signals, reviews)[1] if s.review != "rejected"}
    after = {s.replaces or s.id for s in reviewed([reading], signals, told)[1] if s.review != "rejected"}
    assert before <= after


@settings(deadline=None)
@given(judged=SAID)
def test_one_persons_correction_is_used_and_shown_beside_the_machines(judged: dict[str, Any]) -> None:
    reading, _ = read()
    told = [says("ada", **judged)]
    for field, value in judged.items():
        line = standing(reading, told).line(field)
        assert (line.used, line.by) == (value, "person")
        assert line.machine != value, "the machine's own stays beside it"


def test_two_who_differ_both_stand_and_the_machine_breaks_the_tie_until_a_third_looks() -> None:
    reading, _ = read()
    two = [says("ada", time=TimeStatus.PAST), agrees("ben", 1)]
    line = standing(reading, two).line("time")
    assert [(s.reviewer, s.value) for s in line.people] == [("ada", "past"), ("ben", "present")]
    assert line.differ and line.used is TimeStatus.PRESENT
    third = standing(reading, [*two, says("cai", 2, time=TimeStatus.PAST)]).line("time")
    assert third.used is TimeStatus.PAST
    turned = [agrees("ben"), says("ada", 1, time=TimeStatus.PAST)]
    assert standing(reading, turned).line("time").used is TimeStatus.PRESENT, "whoever came last"


def test_a_person_may_change_their_mind() -> None:
    reading, signals = read()
    told = [denies("ada"), agrees("ada", 1, subject(claim=0))]
    assert reviewed([reading], signals, told)[1][0].review == "person"
    assert not standing(signals[0], told).differ


def test_a_claim_judged_wrong_no_longer_counts_as_risk() -> None:
    reading, signals = read()
    _, now = reviewed([reading], signals, [denies("ada")])
    assert now[0].review == "rejected"
    assert not risks(now, NOON, ["RF11"]) and risks(now, NOON, ["RF14"])
    assert risks(signals, NOON, ["RF11"]), "the machine's rows are as they were"


def test_a_corrected_claim_counts_as_corrected_under_an_id_of_its_own() -> None:
    reading, signals = read()
    told = [says("ada", on=subject(claim=0), indicator="2.3", countries=("SDN",))]
    now = reviewed([reading], signals, told)[1][0]
    assert (now.indicator, now.factor, now.iso3, now.review) == ("2.3", "RF2", "SDN", "person")
    assert now.replaces == signals[0].id != now.id
    assert now.known == signals[0].known, "a review makes old words no newer"


@pytest.mark.parametrize(
    ("judged", "left"),
    [
        ({"relevance": Relevance.NONE}, 0),
        ({"relevance": Relevance.CONTEXT}, 0),
        ({"relevance": Relevance.SIGNAL}, 2),
        ({"factors": ("RF14",)}, 1),
        ({"time": TimeStatus.PAST}, 0),
        ({"mitigation": True}, 2),
    ],
)
def test_what_a_person_says_of_the_whole_record_holds_for_its_claims(
    judged: dict[str, Any], left: int
) -> None:
    reading, signals = read()
    records, now = reviewed([reading], signals, [says("ada", **judged)])
    assert len(risks(now, NOON, ["RF11", "RF14"])) == left
    for field, value in judged.items():
        assert getattr(records[0], field) == value


def test_what_a_person_says_of_one_claim_weighs_more_than_what_is_said_of_the_record() -> None:
    reading, signals = read()
    told = [says("ada", relevance=Relevance.NONE), agrees("ada", 1, subject(claim=1))]
    assert [s.review for s in reviewed([reading], signals, told)[1]] == ["rejected", "person"]


def test_a_claim_outside_the_countries_that_people_name_is_moved_or_has_none() -> None:
    reading, signals = read()
    moved = reviewed([reading], signals, [says("ada", countries=("SDN",))])[1]
    assert {s.iso3 for s in moved} == {"SDN"}
    unsaid = reviewed([reading], signals, [says("ada", countries=("SDN", "TCD"))])[1]
    assert {s.iso3 for s in unsaid} == {""}


def test_reviews_speak_of_the_same_claim_of_another_coder_version() -> None:
    newer, signals = read("2")
    assert {s.id for s in signals}.isdisjoint(s.id for s in read("1")[1])
    told = [denies("ada"), says("ben", time=TimeStatus.PAST)]
    _, now = reviewed([newer], signals, told)
    assert [(s.review, s.time.value) for s in now] == [("rejected", "present"), ("person", "past")]
    assert standing(signals[0], told).reviews == (told[0],)
    assert standing(newer, told).reviews == (told[1],) == standing(read("1")[0], told).reviews


def test_a_review_of_one_sentence_does_not_speak_of_another() -> None:
    both = (claim("11.1", "Armed"), claim("11.1", "Soldiers"))
    newer, signals = read("2", claims=both)
    _, now = reviewed([newer], signals, [denies("ada")])
    assert [s.review for s in now] == ["rejected", "machine"]


def test_a_claim_that_people_upheld_stands_when_a_newer_coder_no_longer_makes_it() -> None:
    newer, signals = read("2", claims=(claim("14.4", "Soldiers"),))
    assert len(reviewed([newer], signals, [])[1]) == 1
    kept = reviewed([newer], signals, [agrees("ada", 0, subject(claim=0))])[1]
    assert [(s.indicator, s.review) for s in kept] == [("14.4", "machine"), ("11.1", "person")]
    assert len(reviewed([newer], signals, [denies("ada")])[1]) == 1
    assert not reviewed([], [], [agrees("ada", 0, subject(claim=0))])[1], "its record no longer stands"


@pytest.mark.parametrize(
    "typed",
    [
        {"relevance": "grave"},
        {"factors": "RF15"},
        {"countries": "SSX"},
        {"time": "soon"},
        {"perpetrator": "them"},
        {"mitigation": "perhaps"},
        {"indicator": "1.2"},
        {"time": "denied"},
        {"relevance": "context", "factors": "RF1"},
        {"time": "present"},
        {},
    ],
)
def test_a_correction_outside_framework_countries_and_codebook_is_refused(typed: dict[str, str]) -> None:
    with pytest.raises((UnknownId, NotAllowed)):
        correct(subject(), judgement(typed), "ada", NOON, "the words show it")


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("ssd, SDN", ("SDN", "SSD")),
        ("ssd sdn", ("SDN", "SSD")),
        ("South Sudan", ("SSD",)),
        ("le Mali; Burkina Faso, TCD", ("BFA", "MLI", "TCD")),
        ("none", ()),
        ("", None),
    ],
)
def test_countries_are_typed_as_codes_or_names(typed: str, codes: tuple[str, ...] | None) -> None:
    assert judgement({"countries": typed}).countries == codes


@pytest.mark.parametrize("typed", ["Atlantis", "SSD, Atlantis", "South Sudan Mali"])
def test_a_country_that_does_not_exist_is_refused(typed: str) -> None:
    with pytest.raises(UnknownId):
        judgement({"countries": typed})


def test_a_correction_needs_a_reason_a_change_and_a_name() -> None:
    past = Judgement(time=TimeStatus.PAST)
    for who, why in (("ada", "  "), (" ", "the words show it")):
        with pytest.raises(NotAllowed):
            correct(subject(), past, who, NOON, why)
    with pytest.raises(NotAllowed, match="reason"):
        wrong(subject(claim=0), "ada", NOON, "")
    with pytest.raises(NotAllowed, match="confirm"):
        says("ada", time=TimeStatus.PRESENT)
    for stray in ({"factors": ("RF1",)}, {"mitigation": True}, {"countries": ("SSD", "SDN")}):
        with pytest.raises(NotAllowed):
            says("ada", on=subject(claim=0), **stray)


def test_a_text_that_is_no_sign_of_risk_has_no_factor() -> None:
    assert says("ada", relevance=Relevance.CONTEXT).says.factors == ()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30))
def test_kappa_is_cohens(pairs: list[tuple[str, str]]) -> None:
    ours = kappa(pairs)
    if ours is None:
        assert len({answer for pair in pairs for answer in pair}) == 1
    else:
        assert ours == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))


def test_agreement_is_of_the_records_that_both_judged() -> None:
    told = [agrees("ada"), says("ben", factors=("RF14",)), says("cai", time=TimeStatus.PAST)]
    found = {(a.first, a.second, a.field): a for a in agreement(told)}
    assert found["ada", "ben", "factors"].alike == pytest.approx(13 / 14)
    assert found["ada", "cai", "time"].alike == 0
    assert ("ben", "cai", "time") not in found and ("ada", "ben", "time") not in found


def test_doubt_and_consequence_come_first_and_what_was_reviewed_is_not_asked_again() -> None:
    whole, signals = read()
    quiet = replace(whole, record="rec-quiet", relevance=Relevance.NONE, score=0.01)
    near = replace(whole, record="rec-near", relevance=Relevance.CONTEXT, score=0.45)
    other = replace(near, coder_version="0", relevance=Relevance.SIGNAL)
    since = NOON - timedelta(days=90)
    found = worth_reviewing([quiet, near, whole], signals, [other], [], since)
    assert [w.reading.record for w in found] == [RECORD.id, "rec-near"]
    assert found[0].reasons == ("atrocity", "only_origin", "present") and not found[0].unsure
    assert found[1].reasons == ("near_cut", "coders_differ") and found[1].unsure
    assert not worth_reviewing([whole], signals, [], [agrees("ada")], since)
    differ = worth_reviewing(
        [whole], signals, [], [agrees("ada"), denies("ben"), agrees("ada", 1, subject(claim=0))], since
    )
    assert "reviewers_differ" in differ[0].reasons
    late = worth_reviewing([whole], signals, [], [], NOON + timedelta(days=400))
    assert not late, "what no longer weighs is of no consequence"


def test_a_training_row_has_the_keys_of_the_labelled_passages_and_the_words_of_people() -> None:
    reading, signals = read()
    told = [agrees("ada"), says("ada", 1, relevance=Relevance.CONTEXT, time=TimeStatus.PAST)]
    row = training_rows({RECORD.id: RECORD}, [reading], signals, told, leaves=False).rows[0]
    assert list(row) == [
        "id", "source", "published", "title", "text", "relevance", "factors", "indicators", "time",
        "countries", "perpetrator", "target", "mitigation", "sure",
    ]  # fmt: skip
    assert (row["relevance"], row["factors"], row["indicators"], row["time"]) == ("context", [], [], "past")
    assert row["sure"] == 3 and row["text"] == RECORD.text


def test_a_row_says_how_sure_it_is() -> None:
    reading, signals = read()

    def sure(*told: Review) -> int:
        made = training_rows({RECORD.id: RECORD}, [reading], signals, told, leaves=False).rows
        return int(made[0]["sure"])

    assert sure(says("ada", time=TimeStatus.PAST)) == 1
    assert sure(agrees("ada"), says("ben", time=TimeStatus.PAST)) == 2
    assert sure(agrees("ada"), agrees("ben")) == 3


def test_a_factor_whose_claims_were_all_called_wrong_is_not_trained_on() -> None:
    reading, signals = read()
    row = training_rows({RECORD.id: RECORD}, [reading], signals, [denies("ada")], leaves=False).rows[0]
    assert (row["factors"], row["indicators"], row["sure"]) == (["RF14"], ["14.4"], 1)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"source": "feeds", "licence": "CC BY 4.0"}, ""),
        ({"source": "feeds", "licence": "CC BY 4.0, as the site states"}, ""),
        ({"source": "feeds", "licence": "CC BY-NC-ND 4.0"}, "licence"),
        ({"source": "feeds", "licence": "all rights reserved"}, "licence"),
        ({"source": "feeds", "licence": ""}, "licence: not stated"),
        ({"source": "feeds", "licence": "CC0", "sensitivity": "internal"}, "sensitivity"),
        ({"source": "feeds", "licence": "CC0", "sensitivity": ""}, "sensitivity: not stated"),
        ({"source": "folder", "licence": "CC0"}, "sensitivity"),
        ({"source": "nobody", "licence": "CC0"}, "fact sheet"),
    ],
)
def test_words_leave_the_home_only_when_public_and_open(changes: dict[str, Any], why: str) -> None:
    found = stays_home(replace(RECORD, **changes))
    assert why in found and bool(found) == bool(why)


def test_what_is_left_out_is_counted_with_the_reason() -> None:
    reading, signals = read()
    told = [agrees("ada")]
    here = training_rows({RECORD.id: RECORD}, [reading], signals, told)
    assert not here.rows and sum(here.left_out.values()) == 1
    changed = replace(RECORD, text="Other words.")
    other = training_rows({RECORD.id: changed}, [reading], signals, told, leaves=False)
    assert list(other.left_out) == ["the text is not the one that was reviewed"]
    gone = training_rows({}, [reading], signals, told, leaves=False)
    assert not gone.rows and sum(gone.left_out.values()) == 1
