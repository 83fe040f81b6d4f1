"""What a CAP message promises: valid for others, chained from issue to end, as much as the bulletin says."""

from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.laid import SENDER, bulletin, decoded, history, messages, proposed, put_again, values
from tests.alarms.made import later
from tests.assessment.made import a_forecast
from tocsin.alarms.alarm import Alarm, AlarmState, Level
from tocsin.alarms.areas import area
from tocsin.alarms.bulletin import Part, Scope, Statement
from tocsin.alarms.cap import cap, certainty, expires, profile
from tocsin.alarms.issued import Reference, earlier, issued, listed, references
from tocsin.alarms.watch import close, expire, override, refuse
from tocsin.alarms.words import wording
from tocsin.errors import InputError, NotAllowed
from tocsin.geography import countries

ON = date(2026, 11, 20)
PRESENT = sorted(c.iso3 for c in countries(ON))


def standing(iso3: str = "SDN", **changes: Any) -> Alarm:
    first = proposed(iso3, **changes)
    return override(first, "Ada", "no time", later(first, 1))


def alert(alarm: Alarm, **changes: Any) -> dict[str, Any]:
    return decoded(cap([bulletin(alarm, **changes)], alarm.recorded, SENDER))


@pytest.mark.parametrize("scope", list(Scope))
def test_every_message_of_a_history_is_valid_by_the_schema_of_oasis(scope: Scope) -> None:
    made = [decoded(m) for m in messages(history(), scope)]
    assert [m["msgType"] for m in made] == ["Alert", "Update", "Cancel"]
    assert {m["scope"] for m in made} == {scope.value} and {m["status"] for m in made} == {"Actual"}
    assert ("restriction" in made[0]) == (scope is Scope.RESTRICTED)
    assert made[0].get("addresses") == ('"African Union"' if scope is Scope.PRIVATE else None)


def test_messages_are_chained_by_what_was_sent_before() -> None:
    first, second, third = (decoded(m) for m in messages(history()))
    named = [f"{m['sender']},{m['identifier']},{m['sent']}" for m in (first, second)]
    assert "references" not in first
    assert second["references"].split() == named[:1] and third["references"].split() == named
    assert len({m["incidents"] for m in (first, second, third)}) == 1
    assert len({m["identifier"] for m in (first, second, third)}) == 3


def test_each_scope_has_its_own_chain() -> None:
    update = decoded(messages(history(), Scope.RESTRICTED)[1])
    assert update["identifier"].endswith(".restricted")
    assert update["references"].split(",")[1].endswith(".restricted")


def test_the_end_of_an_alarm_never_tells_of_a_change_that_nobody_signed() -> None:
    every = history()
    told = issued(every)
    assert [a.state for a in told] == [AlarmState.ISSUED, AlarmState.UPDATED, AlarmState.CANCELLED]
    assert told[-1].level is Level.ALARM and told[-1].sentences == ("Grave signs.",)
    assert told[-1].expires == told[-2].expires and told[-1].revision == every[-1].revision
    assert not any(b"Never public" in m or b"ongoing-deaths" in m for m in messages(every)[2:])


def test_what_was_ended_and_issued_anew_begins_a_new_chain() -> None:
    every = history()
    again = put_again(every[-1], Level.ALARM, "Again.")
    every += [again, override(again, "Ada", "no time", later(again, 1))]
    made = [decoded(m) for m in messages(every)]
    assert [m["msgType"] for m in made] == ["Alert", "Update", "Cancel", "Alert"]
    assert "references" not in made[-1]


def test_a_closed_and_an_expired_alarm_are_cancelled_too() -> None:
    stands = standing()
    gone = expire(stands, later(stands, 24 * 400), later(stands, 24 * 400))
    assert gone is not None
    for end in (gone, close(stands, "Ada", "it is over", later(stands, 2))):
        message = decoded(messages([stands, end])[-1])
        assert message["msgType"] == "Cancel" and message["info"][0]["urgency"] == "Past"
        assert message["info"][0]["responseType"] == ["Monitor"], "no end says that all is clear"


def test_a_proposal_and_a_refusal_are_never_laid_out() -> None:
    first = proposed()
    for alarm in (first, refuse(first, "Ada", "old figures", later(first, 1))):
        assert issued([first, alarm]) == []
        with pytest.raises(NotAllowed, match="only what was issued"):
            cap([bulletin(alarm)], alarm.recorded, SENDER)


def test_an_update_that_follows_nothing_and_an_alert_that_follows_something_are_refused() -> None:
    alarm = standing()
    before = Reference(SENDER, "x", alarm.recorded)
    with pytest.raises(NotAllowed):
        cap([bulletin(alarm)], alarm.recorded, SENDER, [before])
    with pytest.raises(NotAllowed):
        cap([bulletin(replace(alarm, state=AlarmState.UPDATED))], alarm.recorded, SENDER)


def test_a_private_message_for_nobody_is_refused() -> None:
    alarm = standing()
    with pytest.raises(NotAllowed, match="bodies"):
        cap([bulletin(alarm, scope=Scope.PRIVATE)], alarm.recorded, SENDER)


def test_what_two_bodies_get_are_two_messages() -> None:
    alarm = standing()
    made = [
        decoded(cap([bulletin(alarm, scope=Scope.PRIVATE)], alarm.recorded, SENDER, addresses=[body]))
        for body in ("African Union", "Human Rights Council", "African Union")
    ]
    assert made[0]["identifier"] != made[1]["identifier"] and made[0] == made[2]


@pytest.mark.parametrize("scope", list(Scope))
def test_another_reader_of_cap_finds_the_same_chain(scope: Scope) -> None:
    models = pytest.importorskip("cap_tools.models", reason="cap-tools is not installed")
    parsers = pytest.importorskip("xsdata.formats.dataclass.parsers")
    read = [parsers.XmlParser().from_bytes(m, models.Alert) for m in messages(history(), scope)]
    assert [m.msg_type.value for m in read] == ["Alert", "Update", "Cancel"]
    told = [models.Reference.from_alert(m) for m in read]
    assert [m.references_to_list() for m in read] == [[], told[:1], told[:2]]
    for message in read:
        assert [i.language for i in message.infos] == ["en", "fr", "es", "ar"]
        assert message.addresses_to_list() == (["African Union"] if scope is Scope.PRIVATE else [])
        for info in message.infos:
            assert info.expires.to_datetime().date() <= history()[3].expires
            assert info.areas[0].geocodes_to_dict()["ISO3166-1-ALPHA3"] == "SDN"


@pytest.mark.parametrize("sender", ["", "a b", "a,b", "a<b", "a&b", "a\nb"])
def test_a_sender_that_would_break_the_chain_is_refused(sender: str) -> None:
    with pytest.raises(InputError, match="sender"):
        cap([bulletin(standing())], standing().recorded, sender)
    with pytest.raises(InputError, match="sender"):
        references([standing()], Scope.PUBLIC, sender)


def test_bulletins_of_two_alarms_scopes_or_twice_one_language_are_refused() -> None:
    alarm = standing()
    one = bulletin(alarm)
    others = (one, bulletin(standing("SSD"), "fr"), bulletin(alarm, "fr", Scope.RESTRICTED))
    for other in others:
        with pytest.raises(InputError):
            cap([one, other], alarm.recorded, SENDER)
    with pytest.raises(InputError):
        cap([], alarm.recorded, SENDER)


@pytest.mark.parametrize("status", ["Exercise", "Test"])
def test_a_rehearsal_says_that_it_is_one(status: str) -> None:
    alarm = standing()
    made = cap([bulletin(alarm)], alarm.recorded, SENDER, status=status)
    assert decoded(made)["status"] == status
    with pytest.raises(InputError, match="status"):
        cap([bulletin(alarm)], alarm.recorded, SENDER, status="Draft")


def test_it_ends_with_the_alarm_and_times_are_written_as_cap_wants() -> None:
    for document in messages(history()):
        message = decoded(document)
        assert message["sent"].endswith("-00:00") and message["info"][0]["effective"] == message["sent"]
        assert message["info"][0]["expires"].endswith("T23:59:59-00:00")


@given(days=st.integers(1, 400), force=st.none() | st.integers(0, 800))
def test_no_message_outlives_its_alarm(days: int, force: int | None) -> None:
    stands = standing()
    last = date.fromordinal(stands.first_crossing.toordinal() + days)
    until = None if force is None else date.fromordinal(stands.first_crossing.toordinal() + force)
    alarm = replace(stands, expires=last, in_force_until=until)
    (told,) = values(cap([bulletin(alarm)], alarm.recorded, SENDER), "//c:expires")
    assert datetime.fromisoformat(told).date() <= last and told == f"{expires(alarm):%Y-%m-%dT%H:%M:%S}-00:00"


def test_it_lays_the_bulletin_out_and_adds_no_sentence() -> None:
    alarm = standing()
    info = alert(alarm)["info"][0]
    assert info["headline"] == "Warning: Sudan (en)" and info["web"] == "https://tocsin.example/record"
    assert info["description"].splitlines() == [
        "Finding", "A finding in en.", "Standing", "It stands. https://tocsin.example/record", "No finding.",
    ]  # fmt: skip
    assert "instruction" not in info and "contact" not in info


def test_programs_find_level_rule_factors_and_rank() -> None:
    measured = {
        "factor.RF7.strength": 0.7,
        "forecast.new_mass_killing.24.probability": 0.0612,
        "forecast.new_mass_killing.24.rank": 3.0,
    }
    ranked = a_forecast("one_sided_100", 12, 0.2, 0.07, rank=4)
    info = alert(standing(measured=measured), forecasts=(ranked,))["info"][0]
    told = {p["valueName"]: p["value"] for p in info["parameter"]}
    assert told["tocsin:level"] == "warning" and told["tocsin:rule"] == "warning-onset"
    assert told["tocsin:evidence"] == standing().row
    assert told["tocsin:risk-factor"] == "RF7" and told["tocsin:forecast.new_mass_killing.24.rank"] == "3"
    assert told["tocsin:forecast.new_mass_killing.24.probability"] == "0.0612"
    assert told["tocsin:forecast.one_sided_100.12.rank"] == "4"
    assert told["tocsin:forecast.one_sided_100.12.of"] == "195"
    assert {c["valueName"] for c in info["eventCode"]} == {"tocsin:level", "tocsin:crime-family"}


@pytest.mark.parametrize("level", [level for level in Level if level is not Level.NONE])
def test_levels_rise_in_severity_and_urgency(level: Level) -> None:
    info = alert(standing(level=level))["info"][0]
    severities, urgencies = ["Moderate", "Severe", "Extreme"], ["Future", "Immediate"]
    assert severities.index(info["severity"]) == min(level.step, 3) - 1
    assert urgencies.index(info["urgency"]) == (level.step >= Level.ALARM.step)


@given(p=st.floats(0, 1))
def test_certainty_follows_the_fixed_words_of_probability(p: float) -> None:
    alarm = standing(measured={"forecast.new_mass_killing.24.probability": p})
    order = ["Unlikely", "Possible", "Likely"]
    assert order.index(certainty(bulletin(alarm))) == (p >= 0.02) + (p >= 0.6)
    assert (certainty(bulletin(alarm)) == "Likely") <= (p > 0.5), "CAP calls likely what is above one half"


def test_certainty_is_unknown_where_no_probability_was_compared_and_observed_when_ongoing() -> None:
    assert certainty(bulletin(standing())) == "Unknown"
    assert certainty(bulletin(standing(level=Level.ALARM))) == "Possible"
    assert certainty(bulletin(standing(level=Level.ONGOING))) == "Observed"


def test_the_profile_maps_every_word_of_probability() -> None:
    assert set(profile()["certainty"]["words"]) == {row["word"] for row in wording()["probability"]}
    assert "AllClear" not in str(profile()["response"])
    assert "Assess" not in profile()["response"]["Public"], "CAP keeps it out of public messages"


@pytest.mark.parametrize("iso3", ["SDN", "ZAF", "RUS", "FJI", "USA", "ITA", "NZL"])
def test_a_country_is_drawn_latitude_first_in_closed_rings(iso3: str) -> None:
    (info,) = alert(standing(iso3))["info"]
    for polygon in info["area"][0]["polygon"]:
        points = [tuple(map(float, pair.split(","))) for pair in polygon.split(" ")]
        assert points[0] == points[-1] and len(points) >= 4
        assert all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in points)
        assert shapely.Polygon(points).is_valid
        across = [abs(a[1] - b[1]) for a, b in pairwise(points)]
        assert max(across) < 180, "no line runs around the world"


def test_khartoum_is_in_sudan_and_maseru_not_in_south_africa() -> None:
    def holds(iso3: str, lat: float, lon: float) -> bool:
        return any(shapely.Polygon(ring).contains(shapely.Point(lon, lat)) for ring in area(iso3, ON).rings)

    assert holds("SDN", 15.5, 32.5) and not holds("SDN", 32.5, 15.5)
    assert holds("ZAF", -29.1, 26.2) and not holds("ZAF", -29.6, 28.2)


def test_every_present_state_has_an_area_and_none_is_finer_than_ten_kilometres() -> None:
    drawn = [area(iso3, ON) for iso3 in PRESENT]
    assert sum(bool(a.rings) for a in drawn) > 170
    assert all(a.circle is None or a.circle.radius >= 10 for a in drawn)
    assert not [a.iso3 for a in drawn if not a.drawn and len(a.codes) < 2]
    for one in drawn:
        for ring in one.drawn:
            assert shapely.Polygon(ring).is_valid and shapely.LinearRing(ring).is_ccw and len(ring) >= 4


def test_a_small_state_has_a_circle_and_a_scattered_one_its_codes() -> None:
    malta, kiribati = (alert(standing(iso3))["info"][0]["area"][0] for iso3 in ("MLT", "KIR"))
    centre, radius = malta["circle"][0].split(" ")
    assert centre.startswith("35.") and 10 <= float(radius) <= 50 and "polygon" not in malta
    assert "circle" not in kiribati and "polygon" not in kiribati
    codes = {g["valueName"]: g["value"] for g in kiribati["geocode"]}
    assert codes == {"ISO3166-1-ALPHA3": "KIR", "ISO3166-1-ALPHA2": "KI", "UN-M49": "296"}


@given(iso3=st.sampled_from(PRESENT), level=st.sampled_from(list(Level)), scope=st.sampled_from(list(Scope)))
def test_any_country_level_and_scope_is_valid(iso3: str, level: Level, scope: Scope) -> None:
    alarm = replace(standing(), iso3=iso3, level=level)
    to = ["Human Rights Council"] if scope is Scope.PRIVATE else []
    made = cap([bulletin(alarm, scope=scope)], alarm.recorded, SENDER, addresses=to)
    assert decoded(made)["info"][0]["area"][0]["geocode"][0]["value"] == iso3


@given(text=st.text(st.characters(exclude_categories=()), min_size=1).filter(lambda t: bool(t.strip())))
def test_any_text_gives_a_valid_document_that_says_it(text: str) -> None:
    alarm = standing()
    told = (Statement(Part.FINDING, f"({text})", (alarm.row,)),)
    info = alert(alarm, headline=f"({text})", place=text, statements=told)["info"][0]
    readable = "".join(c for c in text if c.isascii() and c.isalnum())
    assert readable == "".join(c for c in str(info["headline"]) if c.isascii() and c.isalnum())
    assert set(info) >= {"description", "area", "expires"}


def test_a_list_shows_an_end_for_a_month_and_no_longer() -> None:
    public = issued(history())
    ended = public[-1].recorded.date()
    assert listed(public, ended) == public[-1]
    assert listed(public, date.fromordinal(ended.toordinal() + 30)) == public[-1]
    assert listed(public, date.fromordinal(ended.toordinal() + 31)) is None
    assert listed([], ended) is None


def test_what_came_before_is_told_from_the_last_issue_only() -> None:
    public = issued(history())
    assert [a.revision for a in earlier(public, public[-1].revision)] == [2, 4]
    assert earlier(public, 99) == ()
