"""Silence is data: it raises uncertainty, adds to RF6 and RF7 where its cause is known; it lowers nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.assessment.made import AS_OF, DAY, a_signal, figures, inputs
from tests.assessment.test_everywhere import PANEL, a_coded
from tests.signals.test_voices import PAST, claim, said
from tocsin.alarms.alarm import Decision
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.assessment.absent import rules, standing
from tocsin.assessment.belief import Assessment, FactorReading, Seen, Uncertainty
from tocsin.assessment.doubt import FEWER
from tocsin.assessment.everywhere import Belief, Material, Watched, assess_everywhere
from tocsin.assessment.figures import weights
from tocsin.assessment.inputs import Sight
from tocsin.assessment.weigh import assess
from tocsin.clock import Period, day_moment
from tocsin.signals.coded import CodedRecord
from tocsin.signals.signal import Signal
from tocsin.signals.voices import Voices
from tocsin.sources.presence import Change, Presence, Witness
from tocsin.sources.reportflow import Flow, Window, windows_of

DROP = Window("words", 7, 0, Flow.DROPPED, "0 in 7 days, where 40 are expected", 40.0, 1e-9)
EVEN = Window("words", 7, 38, Flow.USUAL, "38 in 7 days, where 40 are expected", 40.0, 0.4)


def gone(
    witness: Witness = Witness.MISSION,
    change: Change = Change.EXPELLED,
    by: str = "state",
    days_ago: int = 20,
    **more: str,
) -> Presence:
    day = DAY - timedelta(days=days_ago)
    given = {"body": "The mission", "area": "", "iso3": "MLI", **more}
    return Presence(
        id=f"prs-{witness}-{change}-{by}-{days_ago}-{given['body']}",
        source="presence",
        external_id="",
        iso3=given["iso3"],
        area=given["area"],
        body=given["body"],
        witness=witness,
        change=change,
        by=by,
        happened=Period(day, day),
        address="https://example.org/notice",
        known=day_moment(day),
        recorded=AS_OF,
    )


def reading(made: Assessment, factor: str) -> FactorReading:
    return next(r for r in made.readings if r.factor == factor)


def seen(records: int = 40, origins: int = 4, **sight: object) -> Assessment:
    made = Sight(**{"flow": (EVEN,), **sight})  # type: ignore[arg-type]
    return assess("QQA", inputs(records_read=records, origins_read=origins, sight=made))


def test_a_place_that_is_read_as_usual_has_no_reason_for_more_doubt() -> None:
    made = seen()
    assert (made.uncertainty, made.uncertain_because) == (Uncertainty.USUAL, ())


@pytest.mark.parametrize(
    ("change", "said_of_it"),
    [
        ({"flow": (DROP,)}, "Words: reports dropped, 0 in 7 days, where 40 are expected."),
        (
            {"flow": (replace(DROP, state=Flow.SOURCE, why="the source"),)},
            "Words: fewer reports, the source.",
        ),
        (
            {"flow": (replace(DROP, state=Flow.UNKNOWN, why="short"),)},
            "what to expect is not known yet, short.",
        ),
        ({"presence": [gone()]}, "Fewer can see: The mission (mission): expelled by the state, 2026-10-31"),
        ({"records": 3}, "Words are thin: 3 document(s)"),
        ({"origins": 1}, "from 1 voice(s)."),
    ],
    ids=str,
)
def test_every_reason_raises_it_and_is_told_beside_the_level(
    change: dict[str, object], said_of_it: str
) -> None:
    made = seen(**change)  # type: ignore[arg-type]
    assert made.uncertainty is Uncertainty.RAISED
    assert any(said_of_it in why for why in made.uncertain_because)
    assert {why for why in made.uncertain_because if "https://" not in why} <= set(made.coverage.blind)


def test_a_source_that_is_down_raises_it_where_the_source_is_one_of_eyes() -> None:
    made = Sight(flow=(EVEN,))
    down = assess(
        "QQA", inputs(records_read=40, origins_read=4, sight=made, source_health={"feeds": "stopped"})
    )
    assert (
        down.uncertainty is Uncertainty.RAISED and "The source feeds is down: stopped." in down.coverage.blind
    )
    slow = assess(
        "QQA", inputs(records_read=40, origins_read=4, sight=made, source_health={"epr": "stopped"})
    )
    assert slow.uncertainty is Uncertainty.USUAL


def test_nothing_read_or_a_drop_with_its_cause_known_is_high() -> None:
    assert seen(0, 0).uncertainty is Uncertainty.HIGH
    assert seen(flow=(DROP,), presence=[gone()]).uncertainty is Uncertainty.HIGH
    words = [a_signal(1, indicator="7.6", factor="RF7")]
    told = assess("QQA", inputs(signals=words, records_read=40, origins_read=4, sight=Sight(flow=(DROP,))))
    assert told.uncertainty is Uncertainty.HIGH


def test_an_expelled_mission_reads_as_rf6_and_rf7_with_its_row_as_the_stated_source() -> None:
    made, before = seen(presence=[gone()]), seen()
    for factor in ("RF6", "RF7"):
        found = reading(made, factor)
        assert (found.seen, found.strength) == (Seen.PRESENT, rules().strength)
        ((id, told, address),) = found.absences
        assert id == gone().id and "expelled by the state" in told and address.startswith("https://")
        assert reading(before, factor).absences == ()
    others = [r.factor for r in made.readings if r.absences]
    assert others == ["RF6", "RF7"]


@pytest.mark.parametrize(
    ("change", "factors"),
    [
        (gone(Witness.INTERNET, Change.SHUT_DOWN), {"RF7"}),
        (gone(Witness.MEDIA, Change.SHUT_DOWN), {"RF6", "RF7"}),
        (gone(Witness.NGO, Change.REFUSED), {"RF6", "RF7"}),
        (gone(Witness.MISSION, Change.WITHDRAWN, "itself"), {"RF6"}),
        (gone(Witness.MISSION, Change.EXPELLED, "unclear"), {"RF6"}),
        (gone(Witness.MISSION, Change.REDUCED, "itself"), set()),
        (gone(Witness.INTERNET, Change.SHUT_DOWN, "unclear"), set()),
        (gone(Witness.MISSION, days_ago=500), {"RF6"}),
        (gone(Witness.MISSION, days_ago=1500), set()),
    ],
    ids=lambda v: "-".join(sorted(v)) if isinstance(v, set) else str(v)[:60],
)
def test_only_an_absence_whose_cause_is_known_reads_as_a_factor_but_any_raises_doubt(
    change: Presence, factors: set[str]
) -> None:
    made = seen(presence=[change])
    assert {r.factor for r in made.readings if r.absences} == factors
    assert made.uncertainty is Uncertainty.RAISED


def test_a_body_that_came_back_is_absent_no_more_and_another_bodys_return_ends_nothing() -> None:
    back = gone(change=Change.ARRIVED, by="itself", days_ago=2)
    assert standing([gone(), back], AS_OF) == ()
    assert standing([gone(), replace(back, body="Another")], AS_OF) == (gone(),)
    assert standing([gone(), gone(change=Change.ARRIVED, days_ago=60)], AS_OF) == (gone(),)
    assert standing([gone(area="North"), replace(back, area="South")], AS_OF) == (gone(area="North"),)
    assert standing([gone()], AS_OF - timedelta(days=30)) == ()


def test_what_somebody_typed_of_a_body_stands_on_the_desk_and_in_no_alarm() -> None:
    made = seen(presence=[gone(body="The army committed genocide in the north")])
    assert any("committed genocide" in why for why in made.uncertain_because)
    assert "Fewer can see: mission: expelled by the state, 2026-10-31." in made.coverage.blind
    assert not any("genocide" in line or "https://" in line for line in made.coverage.blind)


def test_words_that_say_why_reports_dropped_read_as_rf6_too() -> None:
    words = [a_signal(1, indicator="7.7", factor="RF7")]
    read = {"signals": words, "records_read": 40, "origins_read": 4}
    dropped = assess("QQA", inputs(**read, sight=Sight(flow=(DROP,))))
    assert reading(dropped, "RF6").seen is Seen.PRESENT
    assert reading(dropped, "RF6").absences[0][0] == "sig-1"
    assert reading(assess("QQA", inputs(**read, sight=Sight(flow=(EVEN,)))), "RF6").absences == ()


def test_absence_adds_to_a_reading_and_never_takes_from_it() -> None:
    strong = figures({"v2x_cspart": (0.05, 2025), "v2csreprss": (-3.0, 2025)})
    for factor in ("RF6", "RF7"):
        alone = reading(assess("QQA", inputs(figures=strong)), factor)
        both = reading(assess("QQA", inputs(figures=strong, sight=Sight(presence=[gone()]))), factor)
        assert both.strength == alone.strength > rules().strength and both.figures == alone.figures


def test_a_flood_is_set_aside_in_the_reading_and_told_as_a_reason() -> None:
    crowd = [said(n, f"site-{n}", 1 + n % 3) for n in range(12)]
    whole = [*PAST, *crowd]
    material = Material(PANEL, (), whole, [claim(c, 0.9) for c in whole], {}, Watched(presence=[gone()]))
    beliefs = {b.assessment.iso3: b for b in assess_everywhere(material, AS_OF, "run", AS_OF)}
    found = beliefs["MLI"].assessment
    told = reading(found, "RF11")
    assert (told.origins, told.set_aside) == (2, "set aside: 12 new origins in 3 days (12 documents)")
    assert len(told.aside) == 12 and not set(told.aside) & set(told.signals)
    assert any("12 new origins in 3 days" in why for why in found.uncertain_because)
    known = [c for c in PAST if c.known and c.known.end <= AS_OF]
    assert (found.coverage.origins, found.coverage.records) == (2, len(known))
    assert [b.assessment.iso3 for b in beliefs.values() if reading(b.assessment, "RF7").absences] == ["MLI"]


def test_a_row_older_than_the_field_is_read_as_not_judged() -> None:
    adapter = TypeAdapter(Assessment)
    stored = adapter.dump_python(seen(), mode="json")
    for name in ("uncertainty", "uncertain_because"):
        del stored[name]
    for name in ("absences", "set_aside", "aside"):
        stored["readings"] = [{k: v for k, v in r.items() if k != name} for r in stored["readings"]]
    old = adapter.validate_python(stored)
    assert old.uncertainty is None and old.readings[0].absences == ()


# ---- over turns: whatever is dropped, nothing falls ----


def about(
    coded: Sequence[CodedRecord],
    signals: Sequence[Signal],
    presence: Sequence[Presence] = (),
    before: Assessment | None = None,
    as_of: datetime = AS_OF,
) -> Belief:
    """The belief about Mali of a turn over these records, as a turn makes it for every place."""
    counts: dict[str, Counter[date]] = {"MLI": Counter(), "TCD": Counter()}
    for c in coded:
        counts[c.countries[0]][c.known.end.date() if c.known else DAY] += 1
    flow = windows_of("words", {"feeds": counts}, ["MLI"], as_of.date(), {"feeds": as_of.date()})["MLI"]
    window = as_of - timedelta(days=weights().window_days)
    read = [c for c in coded if "MLI" in c.countries and c.known and window <= c.known.end <= as_of]
    heard = Voices(coded, as_of).heard(read, signals)
    made = inputs(
        as_of=as_of,
        signals=heard.signals,
        records_read=len(heard.records),
        origins_read=heard.voices,
        newest_record=max((str(c.published) for c in heard.records), default=""),
        sight=Sight(flow, presence, heard, len(coded), before),
    )
    return Belief(assess("MLI", made), (), heard.signals)


def decided(belief: Belief, previous: Decision | None = None) -> Decision:
    return decide(belief.assessment, (), belief.signals, previous, policy())[0]


def history() -> list[CodedRecord]:
    """Four months of documents by two known origins in Mali and Chad, and two weeks by a new one."""
    made = [said(1000 + n, ("old-a", "old-b")[n % 2], n % 120) for n in range(160)]
    made += [said(2000 + n, "old-a", n % 120, iso3="TCD") for n in range(160)]
    return made + [said(3000 + n, "new-c", n) for n in range(14)]


def test_reports_that_fall_to_nothing_lower_no_level_and_no_uncertainty_turn_after_turn() -> None:
    whole = history()
    claims = [claim(c, 0.9) for c in whole if "MLI" in c.countries]
    belief = about(whole, claims)
    level, doubt = decided(belief), belief.assessment
    assert level.level.step > 0
    for day in (10, 40, 100, 200):
        later = about(whole, claims, before=doubt, as_of=AS_OF + timedelta(days=day))
        now = decided(later, level)
        assert now.level.step >= level.level.step
        assert later.assessment.uncertainty.step >= doubt.uncertainty.step  # type: ignore[union-attr]
        level, doubt = now, later.assessment
    assert doubt.uncertainty is Uncertainty.HIGH


@settings(max_examples=25, deadline=None)
@given(st.data(), st.lists(st.sampled_from([gone(), gone(Witness.INTERNET, Change.SHUT_DOWN)]), max_size=2))
def test_dropping_any_records_lowers_neither_level_nor_strength_of_absence_nor_uncertainty(
    data: st.DataObject, presence: list[Presence]
) -> None:
    whole = history()
    claims = {c.record: claim(c, 0.9) for c in whole if "MLI" in c.countries}
    first = about(whole, list(claims.values()), presence)
    keep = data.draw(st.sampled_from([0.0, 0.1, 0.5, 0.9]))
    drawn = data.draw(st.randoms(use_true_random=False))
    left = [c for c in whole if drawn.random() < keep]
    level, before = decided(first), first.assessment
    for _ in range(2):
        after = about(left, [claims[c.record] for c in left if c.record in claims], presence, before)
        now = decided(after, level)
        assert now.level.step >= level.level.step
        assert after.assessment.uncertainty.step >= before.uncertainty.step  # type: ignore[union-attr]
        for r in after.assessment.readings:
            assert not r.absences or r.strength >= rules().strength
        if len(left) < len(whole):
            assert FEWER in after.assessment.uncertain_because
        level, before = now, after.assessment


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 10)), min_size=1, max_size=30))
def test_a_crowd_of_new_origins_raises_a_level_no_higher_than_one_new_voice_would(
    crowd: list[tuple[int, int]],
) -> None:
    quiet = [
        a_coded(500 + n, origin="old-a", copy=f"q{n}", known=day_moment(DAY - timedelta(days=7 * n)))
        for n in range(12)
    ]
    known = said(900, "hrw", 1)
    more = [said(n, f"new-{o}", 1 + d) for n, (o, d) in enumerate(crowd)]
    one = said(999, "new-x", 1)
    base = [*quiet, known]
    alone = decided(about(base, [claim(known, 1.0)])).level.step
    with_one = decided(about([*base, one], [claim(known, 1.0), claim(one, 1.0)])).level.step
    with_all = decided(about([*base, *more], [claim(known, 1.0), *(claim(c, 1.0) for c in more)]))
    assert alone <= with_all.level.step <= with_one
    assert with_all.origins <= 2


def test_the_numbers_of_absence_are_reviewed_and_stand_at_being_seen() -> None:
    law = rules()
    assert law.strength == weights().present_from
    assert {r.factor for r in law.readings} == set(law.days) == {"RF6", "RF7"}
