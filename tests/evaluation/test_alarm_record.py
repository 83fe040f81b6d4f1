"""The record of alarms: misses first, open is not nothing, no names, same bytes for same inputs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.evaluation.alarms_issued import SIGNERS, at, happened, issued, kept, proposed, renewed
from tocsin.alarms import watch
from tocsin.alarms.alarm import Level
from tocsin.evaluation.alarm_published import as_json, as_lines, as_rows
from tocsin.evaluation.alarm_record import AlarmRecord, Ending, alarm_record, in_force

MAY, JUNE = date(2018, 5, 10), date(2018, 6, 1)
NOW = date(2022, 1, 1)
QUIET = happened({}, 2021)


def only(record: AlarmRecord) -> Ending:
    (told,) = record.alarms
    return told.ending


def test_a_beginning_after_the_issue_bears_it_out_with_a_lead_and_counts_as_met() -> None:
    history = renewed(issued(MAY), date(2018, 10, 30))
    record = alarm_record(kept(history, first=MAY, as_of=NOW), happened({("SDN", 2019): 1500}, 2021))
    (told,) = record.alarms
    assert (told.ending, told.began, told.lead) == (
        Ending.BORNE_OUT,
        date(2019, 1, 1),
        (date(2019, 1, 1) - MAY).days,
    )
    assert [b.iso3 for b in record.met] == ["SDN"] and not record.misses
    assert record.met[0].lead == told.lead


def test_nothing_in_two_known_years_is_a_false_alarm_and_unknown_years_are_open() -> None:
    history = issued(MAY)
    assert only(alarm_record(kept(history, first=MAY, as_of=NOW), QUIET)) is Ending.FALSE
    for last in (2018, 2017):
        late = alarm_record(kept(history, first=MAY, as_of=NOW), happened({}, last))
        assert only(late) is Ending.OPEN
        assert (late.all.open, late.all.false) == (1, 0)


def test_a_place_that_no_table_holds_stays_open() -> None:
    assert only(alarm_record(kept(issued(MAY, "PSE"), first=MAY, as_of=NOW), QUIET)) is Ending.OPEN


def test_a_beginning_of_the_year_of_issue_is_neither_a_miss_nor_met() -> None:
    record = alarm_record(
        kept(issued(MAY), first=date(2018, 1, 1), as_of=NOW), happened({("SDN", 2018): 1500}, 2021)
    )
    assert only(record) is Ending.SAME_YEAR
    assert (len(record.misses), len(record.same_year), len(record.met)) == (0, 1, 0)
    assert record.all.per_true is None


def test_a_beginning_late_in_the_year_of_issue_is_not_taken_for_violence_that_went_on() -> None:
    killed = {("SDN", 2018): 1500.0, ("SDN", 2019): 4000.0, ("SDN", 2020): 4000.0}
    late = issued(date(2018, 11, 1))
    assert only(alarm_record(kept(late, first=MAY, as_of=NOW), happened(killed, 2021))) is Ending.SAME_YEAR


def test_violence_that_was_under_way_before_the_alarm_went_on() -> None:
    killed = {("SDN", year): 2000.0 for year in (2017, 2018, 2019, 2020)}
    assert (
        only(alarm_record(kept(issued(MAY), first=MAY, as_of=NOW), happened(killed, 2021))) is Ending.WENT_ON
    )


def test_what_began_without_an_alarm_is_a_miss_and_stands_first() -> None:
    record = alarm_record(
        kept(issued(MAY), first=MAY, as_of=NOW), happened({("SSD", 2020): 3000, ("SDN", 2020): 1200}, 2021)
    )
    assert [(b.iso3, b.began.year) for b in record.misses] == [("SSD", 2020), ("SDN", 2020)]
    text = "\n".join(as_lines(record))
    assert text.index("MISSES") < text.index("SSD") < text.index("ALARMS")
    assert next(iter(as_json(record))) == "misses"


def test_an_alarm_that_had_lapsed_does_not_meet_what_came_later() -> None:
    history = issued(MAY)
    assert history[-1].in_force_until is not None and history[-1].in_force_until < date(2019, 1, 1)
    record = alarm_record(kept(history, first=MAY, as_of=NOW), happened({("SDN", 2019): 1500}, 2021))
    assert only(record) is Ending.BORNE_OUT and record.alarms[0].state == "lapsed"
    assert [b.iso3 for b in record.misses] == ["SDN"]


def test_nothing_from_before_the_watch_began_is_held_against_it() -> None:
    told = happened({("SSD", 2017): 3000, ("SSD", 2015): 3000, ("FRA", 2018): 1500}, 2021)
    record = alarm_record(kept(first=date(2018, 9, 1), as_of=NOW), told)
    assert not record.misses
    assert [b.iso3 for b in alarm_record(kept(first=date(2018, 3, 1), as_of=NOW), told).misses] == ["FRA"]


def test_an_alarm_below_warning_meets_nothing() -> None:
    history = issued(MAY)
    low = [replace(a, level=Level.RISK) for a in history]
    assert in_force([low]) == {}
    assert list(in_force([history])) == ["SDN"]


def test_a_cancelled_alarm_stays_in_the_record_with_its_outcome() -> None:
    history = issued(MAY)
    gone = [*history, watch.cancel(history[-1], "Ada Lovelace", "it was wrong", at(JUNE))]
    record = alarm_record(kept(gone, first=MAY, as_of=NOW), QUIET)
    (told,) = record.alarms
    assert (told.state, told.ending, told.until) == ("cancelled", Ending.FALSE, JUNE)
    assert record.all.issued == 1


def test_renewals_are_one_standing_and_one_alarm() -> None:
    history = renewed(issued(MAY), date(2018, 10, 30))
    (force,) = in_force([history])["SDN"]
    assert (force.start, force.end) == (MAY, history[-1].in_force_until)
    assert len(alarm_record(kept(history, first=MAY, as_of=NOW), QUIET).alarms) == 1


def test_events_tell_the_month_where_the_table_tells_the_year() -> None:
    told = happened({("SDN", 2018): 1500}, 2021, {("SDN", date(2018, 8, 1)): 140})
    record = alarm_record(kept(issued(MAY), first=date(2018, 1, 1), as_of=NOW), told)
    (alarm,) = record.alarms
    assert (alarm.ending, alarm.began, alarm.lead) == (
        Ending.BORNE_OUT,
        date(2018, 8, 1),
        (date(2018, 8, 1) - MAY).days,
    )
    assert [(b.told, b.began) for b in record.met] == [("month", date(2018, 8, 1))]
    assert [b.told for b in record.same_year] == ["year"]


def test_proposals_that_nobody_issued_are_counted_and_are_no_alarms() -> None:
    refused = proposed(MAY, "FRA")
    lapsed = proposed(MAY, "SSD")
    past = watch.expire(lapsed, at(date(2019, 5, 1)), at(date(2019, 5, 1)))
    assert past is not None
    histories = [[refused, watch.refuse(refused, "Ada Lovelace", "thin", at(JUNE))], [lapsed, past]]
    record = alarm_record(kept(*histories, first=MAY, as_of=NOW, near=7), QUIET)
    assert (record.proposals, record.refused, record.unsigned, record.near_misses) == (2, 1, 1, 7)
    assert record.alarms == ()


def test_no_name_and_no_persons_words_are_in_the_record() -> None:
    history = issued(MAY, dissent="the sources copy each other")
    one = proposed(MAY, "FRA")
    overridden = [one, watch.override(one, "Ada Lovelace", "no time is left", at(MAY))]
    closed = [*history, watch.close(history[-1], "Grace Hopper", "quiet again", at(JUNE))]
    record = alarm_record(
        kept(closed, overridden, first=MAY, as_of=NOW, dissent="the sources copy each other"), QUIET
    )
    text = json.dumps(as_json(record)) + "\n".join(as_lines(record)) + json.dumps(list(as_rows(record)))
    for said in (*SIGNERS, "Mary Somerville", "copy each other", "no time is left", "quiet again"):
        assert said not in text
    assert record.overrides == 1 and record.dissents >= 1
    assert "by one signer, by override" in text and "by two signers" in text and "by a person" in text


@pytest.mark.parametrize("turned", [False, True])
def test_the_same_inputs_give_the_same_bytes_whatever_their_order(turned: bool) -> None:
    histories = [issued(MAY, "SDN"), issued(JUNE, "SSD"), issued(MAY, "FRA")]
    told = happened({("SSD", 2019): 1500, ("FRA", 2020): 5000}, 2021)
    first = alarm_record(kept(*histories, first=MAY, as_of=NOW), told)
    again = alarm_record(kept(*(histories[::-1] if turned else histories), first=MAY, as_of=NOW), told)
    assert list(as_lines(first)) == list(as_lines(again))
    assert json.dumps(as_json(first)) == json.dumps(as_json(again))


def test_alarms_are_counted_by_year_and_by_rule() -> None:
    histories = [issued(MAY, "SDN"), issued(date(2019, 2, 1), "SSD", Level.ONGOING), issued(MAY, "FRA")]
    record = alarm_record(kept(*histories, first=MAY, as_of=NOW), happened({("FRA", 2019): 2000}, 2021))
    assert {year: t.issued for year, t in record.years.items()} == {2018: 2, 2019: 1}
    assert {rule: t.issued for rule, t in record.rules.items()} == {"ongoing-deaths": 1, "warning-onset": 2}
    assert record.years[2018].per_true == 1.0
    assert as_json(record)["rules"]["warning-onset"]["false_per_true"] == 1.0


def test_a_home_before_its_first_turn_says_so() -> None:
    from tocsin.evaluation.alarm_record import Happened, Kept

    lines = list(as_lines(alarm_record(Kept([], {}, 0, None, None), Happened())))
    assert any("no turn has ended yet" in line for line in lines)
