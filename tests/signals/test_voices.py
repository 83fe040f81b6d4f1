"""What crowds of unknown sites can do to a count: add one voice at most, and none when they are a flood."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assessment.made import AS_OF, DAY, a_signal
from tests.assessment.test_everywhere import a_coded
from tocsin.assessment.words import strength
from tocsin.clock import day_moment
from tocsin.signals.coded import CodedRecord
from tocsin.signals.signal import Signal
from tocsin.signals.stories import independent, independent_origins
from tocsin.signals.voices import NEW, Heard, Voices, listed_origins, rules


def said(n: int, origin: str, days_ago: int, text: str = "", iso3: str = "MLI") -> CodedRecord:
    day = day_moment(DAY - timedelta(days=days_ago))
    return a_coded(n, origin=origin, copy=text or f"text-{n}", known=day, published=day, countries=(iso3,))


def claim(record: CodedRecord, confidence: float = 0.5) -> Signal:
    number = int(record.record.removeprefix("rec-"))
    return a_signal(
        number, origin=record.origin, copy=record.copy, known=record.known, confidence=confidence, iso3="MLI"
    )


def habit(n: int, origin: str, until: int = 0) -> list[CodedRecord]:
    """A text a week for ten weeks."""
    return [said(n + week, origin, until + 7 * week) for week in range(10)]


PAST = [*habit(100, "old-a"), *habit(200, "old-b", 1)]
"""Two origins that were read here long and regularly: the home has a past."""


def heard(records: list[CodedRecord], claims: list[Signal] | None = None) -> Heard:
    return Voices(records, AS_OF).heard(records, [claim(c) for c in records] if claims is None else claims)


def test_origins_without_a_past_count_together_as_one() -> None:
    two, three = [said(n, f"site-{n}", 2) for n in range(2)], [said(n, f"site-{n}", 2) for n in range(3)]
    assert heard(PAST).voices == 2
    assert heard([*PAST, *two]).voices == heard([*PAST, *three]).voices == 3
    assert heard([*PAST, *three]).together == 3
    assert {s.origin for s in heard([*PAST, *three]).signals} == {"old-a", "old-b", NEW}


def test_a_flood_counts_nothing_and_says_so() -> None:
    flood = [said(n, f"site-{n}", n % 3) for n in range(12)]
    found = heard([*PAST, *flood])
    assert found.voices == 2 and {s.id for s in found.aside} == {f"sig-{n}" for n in range(12)}
    assert str(found.flood) == "set aside: 12 new origins in 3 days (12 documents)"
    assert found.records == tuple(PAST)


def test_a_new_site_that_was_there_before_the_flood_is_still_heard() -> None:
    flood = [said(n, f"site-{n}", 1) for n in range(12)]
    assert heard([*PAST, said(50, "small paper", 20), *flood]).voices == 3


def test_ten_mirrors_raise_corroboration_by_one() -> None:
    mirrors = [said(n, f"mirror-{n}", 1, "one text") for n in range(10)]
    for before in ([], PAST):
        found = heard([*before, *mirrors])
        assert found.flood is None and found.voices == heard(before).voices + 1


def test_mirrors_of_what_an_established_origin_said_add_nothing() -> None:
    mirrors = [said(n, f"mirror-{n}", 1, "text-100") for n in range(10)]
    one = habit(100, "old-a")[:1]
    voices = Voices([*PAST, *mirrors], AS_OF)
    assert voices.heard([*one, *mirrors], ()).voices == 1


def test_a_chain_of_thousands_of_mirrors_is_counted_and_exhausts_nothing() -> None:
    chain = [(f"text-{n + step:05}", f"site-{n:05}") for n in range(5000) for step in (0, 1)]
    assert independent(chain) == independent(reversed(chain)) == 5000


def test_a_listed_origin_is_a_voice_of_its_own_from_its_first_word() -> None:
    assert {"united_nations", "hrw", "reuters"} <= listed_origins()
    named = [said(n, origin, 1) for n, origin in enumerate(("united_nations", "hrw", "reuters"))]
    assert heard([*PAST, *named]).voices == 5


def test_an_origin_is_established_by_time_and_regularity_and_not_by_volume() -> None:
    many_today = [said(n, "loud", 0) for n in range(20)]
    once_long_ago = [said(30, "once", 60), said(31, "once", 0)]
    regular = [said(40, "paper", 30), said(41, "paper", 16), said(42, "paper", 2)]
    gone_for_years = [said(50 + n, "bought", 500 + 7 * n) for n in range(9)] + [said(60, "bought", 1)]
    voices = Voices([*PAST, *many_today, *once_long_ago, *regular, *gone_for_years], AS_OF)
    established = {o for o in ("loud", "once", "paper", "bought", "old-a") if voices.established(o)}
    assert established == {"paper", "old-a"}


def test_one_new_origin_far_above_its_usual_rate_counts_nothing() -> None:
    limit = rules().burst_texts
    below = [said(300 + n, "loud", n % 5) for n in range(limit)]
    above = [*below, said(399, "loud", 3)]
    assert heard([*PAST, *below]).voices == 3 and heard([*PAST, *above]).voices == 2
    assert str(heard([*PAST, *above]).flood) == f"set aside: 1 new origin in 5 days ({limit + 1} documents)"
    usual = [said(500 + n, "loud", 14 + n % 7, iso3="TCD") for n in range(40)]
    voices = Voices([*PAST, *above, *usual], AS_OF)
    assert voices.heard([*PAST, *above], ()).flood is None


def test_a_home_without_a_past_takes_origins_as_they_are_and_says_that_they_are_unproven() -> None:
    brought = [said(n, f"publisher-{n}", n) for n in range(6)]
    found = heard(brought)
    assert (found.voices, found.unproven, found.together, found.flood) == (6, 6, 0, None)
    crowd = [said(n, f"publisher-{n}", n % 4) for n in range(rules().burst_voices_without_past + 1)]
    assert heard(crowd).voices == 0 and heard(crowd).flood is not None


def test_an_archive_brought_in_one_day_is_judged_by_the_dates_of_its_documents() -> None:
    archive = [
        replace(c, recorded=AS_OF) for c in (*habit(0, "paper-a"), *habit(20, "paper-b"), *habit(40, "c"))
    ]
    assert heard(archive).voices == 3 and heard(archive).flood is None


def test_claims_without_a_date_pass_through_untouched() -> None:
    undated = a_signal(1, known=None, record="rec-none")
    assert heard(PAST, [undated]).signals == (undated,)


new_records = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 20), st.integers(0, 12), st.floats(0, 1)), max_size=25
)
old_records = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 80), st.integers(0, 12)), max_size=20)


def old(rows: list[tuple[int, int, int]]) -> list[CodedRecord]:
    return [
        said(2000 + n, ("old-a", "old-b", "hrw", "reuters", "icrc")[o], d, f"t{t}")
        for n, (o, d, t) in enumerate(rows)
    ]


def new(rows: list[tuple[int, int, int, float]]) -> tuple[list[CodedRecord], list[Signal]]:
    records = [said(1000 + n, f"new-{o}", d, f"t{t}") for n, (o, d, t, _) in enumerate(rows)]
    return records, [claim(c, row[3]) for c, row in zip(records, rows, strict=True)]


@settings(deadline=None)
@given(old_records, new_records)
def test_new_origins_never_add_more_than_one_voice_and_a_flood_never_any(
    known: list[tuple[int, int, int]], more: list[tuple[int, int, int, float]]
) -> None:
    before = [*PAST, *old(known)]
    claims = [claim(c) for c in before]
    fresh, told = new(more)
    alone, both = heard(before, claims), heard([*before, *fresh], [*claims, *told])
    assert alone.voices <= both.voices <= alone.voices + 1
    assert (
        independent_origins(alone.signals)
        <= independent_origins(both.signals)
        <= independent_origins(alone.signals) + 1
    )
    one_new = a_signal(9999, origin=NEW, copy="of its own", confidence=1.0)
    assert strength(both.signals) <= strength([*alone.signals, one_new]) + 1e-9
    if both.flood and both.flood.origins == len({c.origin for c in fresh}):
        assert both.voices == alone.voices and strength(both.signals) == strength(alone.signals)


@settings(deadline=None)
@given(old_records, new_records, st.data())
def test_removing_what_was_said_never_adds_a_voice_but_for_the_one_that_a_flood_took(
    known: list[tuple[int, int, int]], more: list[tuple[int, int, int, float]], data: st.DataObject
) -> None:
    whole = [*old(known), *new(more)[0]]
    left = [c for c in whole if data.draw(st.booleans())]
    before, after = heard([*PAST, *whole]), heard([*PAST, *left])
    assert after.voices <= before.voices + (before.flood is not None)


@settings(deadline=None)
@given(new_records, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_name_of_the_place_changes_anything(
    more: list[tuple[int, int, int, float]], shuffle: st.DataObject
) -> None:
    records = [*PAST, *new(more)[0]]
    mixed = list(records)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = heard(records), heard(mixed)
    assert (one.voices, one.flood, set(one.signals)) == (other.voices, other.flood, set(other.signals))
    renamed = heard([replace(c, countries=("TCD",)) for c in records])
    assert (renamed.voices, renamed.flood) == (one.voices, one.flood)


def test_the_numbers_are_reviewed_data_with_their_reasons() -> None:
    law = rules()
    assert law.past_days >= 28 and law.burst_voices < law.burst_voices_without_past
    assert date(2026, 11, 20) == DAY, "the days above are counted from here"


@pytest.mark.parametrize("days", [0, 27])
def test_nobody_is_called_new_before_the_home_is_old_enough_to_tell(days: int) -> None:
    begun = [said(n, "old-a", days + n) for n in range(2)]
    assert heard([*begun, *(said(10 + n, f"s-{n}", 0) for n in range(3))]).together == (
        3 if days >= 27 else 0
    )
