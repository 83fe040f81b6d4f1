"""What the public feed promises: issued alarms only, valid Atom, nothing that endangers anybody."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.alarms.made import a_proposal, a_signature, later
from tests.assessment.made import AS_OF
from tocsin.alarms.alarm import Alarm, AlarmState
from tocsin.alarms.feed import atom, public_text
from tocsin.alarms.watch import override, sign

A = {"a": "http://www.w3.org/2005/Atom"}
URL = "https://tocsin.example/alarms.atom"


def issued(reason: str = "no time") -> Alarm:
    return override(a_proposal(), "Ada", reason, AS_OF)


def test_the_feed_holds_issued_and_updated_alarms_only() -> None:
    every = [replace(issued(), id=f"alm-{state}", state=state) for state in AlarmState]
    ids = etree.fromstring(atom(every, URL, AS_OF)).xpath("//a:entry/a:id/text()", namespaces=A)
    assert sorted(ids) == ["urn:tocsin:alm-issued", "urn:tocsin:alm-updated"]


def test_an_entry_keeps_its_id_through_revisions_and_carries_what_rfc_4287_asks() -> None:
    first, second = issued(), replace(issued(), revision=9, state=AlarmState.UPDATED)
    made = [etree.fromstring(atom([alarm], URL, AS_OF)) for alarm in (first, second)]
    ids = [m.xpath("string(//a:entry/a:id)", namespaces=A) for m in made]
    assert ids[0] == ids[1] == f"urn:tocsin:{first.id}"
    for path in ("a:id", "a:title", "a:updated", "a:author/a:name", "a:entry/a:title", "a:entry/a:updated"):
        assert made[0].xpath(f"string({path})", namespaces=A)
    assert made[0].xpath("string(a:updated)", namespaces=A) == "2026-11-20T23:59:59Z"


def test_no_coordinates_and_no_quoted_words_leave_the_house_and_the_cut_is_seen() -> None:
    alarm = issued("they shelter at 12.34567, 23.45678 and said “we are in the school”")
    text = atom([alarm], URL, AS_OF).decode()
    assert "12.34567" not in text and "school" not in text
    assert "[place withheld]" in text and "[words withheld]" in text


def test_an_override_and_its_reason_are_shown() -> None:
    text = atom([issued()], URL, AS_OF).decode()
    assert "by one signer's override: no time" in text and "Ada" not in text


def test_signers_and_dissenters_are_counted_in_public_and_never_named() -> None:
    alarm = a_proposal()
    signed = [a_signature("Cyd", alarm, consents=False, reason="old figures"), a_signature("Ada", alarm)]
    (made,) = sign(alarm, signed, a_signature("Ben", alarm), later(alarm, 2))
    text = atom([made], URL, AS_OF).decode()
    assert "by two signers; one dissent: old figures" in text
    assert not any(name in text for name in ("Ada", "Ben", "Cyd"))


@given(reason=st.text(min_size=1).filter(lambda t: bool(t.strip())))
def test_any_reason_gives_a_document_that_can_be_read(reason: str) -> None:
    assert etree.fromstring(atom([issued(reason)], URL, AS_OF)) is not None


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180))
def test_no_pair_of_coordinates_passes(lat: float, lon: float) -> None:
    assert public_text(f"at {lat:.4f}, {lon:.4f} now") == "at [place withheld] now"
