"""What is owed follows from the record alone, whatever the alarm went through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.store.telling import AT, issued, mail, moved
from tocsin.alarms.alarm import Alarm, AlarmState, Level
from tocsin.alarms.issued import ENDS
from tocsin.geography import country
from tocsin.recipients import Recipient, told
from tocsin.response.addresses import Addressed
from tocsin.response.dispatch import Channel
from tocsin.response.routing import Kept, owed, written

ADDRESSES = {"au": mail("a@au.example", "b@au.example"), "un-ocha": mail("o@un.example")}
AFTER = st.sampled_from([s for s in AlarmState if s is not AlarmState.REFUSED])
WAYS = [(key, way.address) for key, addressed in ADDRESSES.items() for way in addressed.ways]


def roles(alarm: Alarm) -> tuple[Recipient, ...]:
    return told(country(alarm.iso3))


def history(states: list[AlarmState], levels: list[Level]) -> list[Alarm]:
    rows = [replace(issued(), revision=1, state=AlarmState.PROPOSED, in_force=0, in_force_until=None)]
    for state, level in zip(states, levels, strict=False):
        rows.append(moved(rows[-1], state, level=level))
        if state.public:
            rows[-1] = replace(rows[-1], in_force_until=AT.date() + timedelta(days=9))
    return rows


def newest(rows: list[Alarm]) -> str:
    """The last revision that was issued, or that ended one; an end after an end ends nothing."""
    row, stood = "", False
    for alarm in rows:
        if alarm.state.public or (stood and alarm.state in ENDS):
            row, stood = alarm.row, alarm.state.public
    return row


@given(
    st.lists(AFTER, max_size=8),
    st.lists(st.sampled_from(list(Level)), min_size=8, max_size=8),
    st.sets(st.tuples(st.integers(1, 9), st.sampled_from(WAYS))),
    st.booleans(),
)
def test_only_what_is_in_force_or_ends_what_was_told_is_owed_and_each_once(
    states: list[AlarmState], levels: list[Level], before: set[tuple[int, tuple[str, str]]], hold: bool
) -> None:
    rows = history(states, levels)
    taken = frozenset((f"{rows[0].id}.{n}", key, Channel.MAIL, address) for n, (key, address) in before)
    kept = Kept(taken, frozenset({(rows[0].id, "au")} if hold else set()))
    found = owed([rows], roles, ADDRESSES, kept, AT)
    assert len({d.id for d in found}) == len(found)
    for one in found:
        assert one.row == newest(rows) and not (hold and one.recipient == "au")
        if one.end:
            was = {(key, address) for _, key, _, address in taken}
            assert (one.recipient, one.address) in was, "an end goes to those who were told"
    if not any(a.state.public for a in rows):
        assert found == []
    assert found == owed([rows], roles, ADDRESSES, kept, AT), "the same record owes the same"


def test_what_has_passed_its_last_day_is_not_owed_though_no_turn_has_said_so() -> None:
    later = datetime.combine(issued().expires + timedelta(days=1), AT.time(), UTC)
    assert owed([[issued()]], roles, ADDRESSES, Kept(), AT)
    assert owed([[issued()]], roles, ADDRESSES, Kept(), later) == []


def test_each_role_is_written_to_in_its_own_language_or_the_one_it_asked_for() -> None:
    by = {r.key: r for r in told(country("SDN"))}
    assert written(by["las"]) == "ar" and written(by["au"]) == "en"
    assert written(replace(by["las"], languages=("ru",))) == "en"
    asked = {"las": Addressed(mail("l@las.example").ways, "fr")}
    (one,) = owed([[issued("SDN")]], roles, asked, Kept(), AT)
    assert one.language == "fr" and "Pact of the League" in one.why


def test_who_heard_of_a_higher_level_hears_that_it_fell() -> None:
    lower = moved(issued(), AlarmState.UPDATED, level=Level.WARNING)
    heard = Kept(frozenset({(issued().row, "un-ocha", Channel.MAIL, "o@un.example")}))
    assert {d.recipient for d in owed([[issued(), lower]], roles, ADDRESSES, Kept(), AT)} == {"au"}
    assert {d.recipient for d in owed([[issued(), lower]], roles, ADDRESSES, heard, AT)} == {"au", "un-ocha"}
