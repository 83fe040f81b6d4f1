"""What the pages promise to those who read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.web.desk import AT, TEXT, MemoryActs, MemoryDesk, decision, raised, signal, small_desk
from tocsin.alarms.alarm import AlarmState, Level, Signature
from tocsin.errors import HomeBusy, UnknownId
from tocsin.web.app import create_app
from tocsin.web.country import quotes

HOME = "http://127.0.0.1:8000"


@pytest.fixture
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    def opened(run: str | None) -> MemoryDesk:
        if run not in (None, "replay-1"):
            raise UnknownId("replay", run, ["replay-1"])
        return desk if run is None else small_desk("replay-1")

    with TestClient(
        create_app(opened, MemoryActs(desk), b"s" * 32), HOME, raise_server_exceptions=False
    ) as made:
        yield made


def words(html: str) -> str:
    """The text of a page without its marks, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def row_of(html: str, iso3: str) -> str:
    found = re.search(rf'<tr data-iso3="{iso3}".*?</tr>', html, re.S)
    assert found
    return found.group()


def test_the_table_holds_everything_the_map_says_without_script(client: TestClient) -> None:
    html = client.get("/").text
    south_sudan = words(row_of(html, "SSD"))
    assert "South Sudan" in south_sudan and "Alarm" in south_sudan and "rank 1 of 3" in south_sudan
    assert "2026-02-27" in south_sudan and "2 days old" in south_sudan


def test_a_place_without_data_is_never_shown_as_low_risk(client: TestClient, desk: MemoryDesk) -> None:
    row = row_of(client.get("/").text, "TUV")
    assert 'data-level="no-data"' in row and "No data" in row and "No rule crossed" not in row
    order = re.findall(r'data-iso3="(\w+)"', client.get("/").text)
    assert order.index("TUV") < order.index("FRA"), "no data must not stand below a place that was looked at"
    page = words(client.get("/country/TUV").text)
    assert "says nothing about the risk" in page and "That is a gap, not a low chance" in page


def test_a_level_held_without_data_keeps_its_level_and_says_so(client: TestClient, desk: MemoryDesk) -> None:
    desk.decided = [
        replace(d, level=Level.WARNING, held="thinner coverage") if d.iso3 == "TUV" else d
        for d in desk.decided
    ]
    row = row_of(client.get("/").text, "TUV")
    assert 'data-level="warning"' in row and "data-unread" in row and "held without data" in row


def test_every_probability_stands_with_its_word_band_and_base_rate(client: TestClient) -> None:
    cell = words(row_of(client.get("/").text, "SSD"))
    assert "8.0 % possible 4.0 % to 16 %; base rate 1.3 %; rank 1 of 3" in cell


@pytest.mark.parametrize("heading", ["name", "level", "killing", "hundred", "factors", "word", "figure"])
def test_a_heading_sorts_on_the_server_and_unknown_stays_last(client: TestClient, heading: str) -> None:
    up = re.findall(r'data-iso3="(\w+)"', client.get(f"/?sort={heading}&dir=up").text)
    down = re.findall(r'data-iso3="(\w+)"', client.get(f"/?sort={heading}&dir=down").text)
    assert (sorted(up) == sorted(down) and up != down) or heading == "word"
    if heading in ("killing", "hundred", "figure"):
        assert up[-1] == down[-1] == "TUV"


def test_the_country_page_gives_reasons_quotes_and_what_is_not_seen(client: TestClient) -> None:
    text = words(client.get("/country/SSD").text)
    for wanted in (
        "Armed men burned the market &amp; the clinic.",
        "What we cannot see",
        "RF14",
        "Not covered: no table covers it",
        "armed conflict: in 2024",
        "population: small",
        "alarm-two-origins",
        "1,204 (2024, UCDP GED)",
    ):
        assert wanted in text, wanted


def test_past_events_and_protective_acts_are_listed_apart(client: TestClient) -> None:
    text = words(client.get("/country/SSD").text)
    protective, context = text.index("Protective acts reported"), text.index("Past events and context")
    assert protective < text.index("Elders opened the school") < context < text.index("Thirty years ago")


def test_untrusted_text_is_escaped_and_a_foreign_scheme_is_no_link(client: TestClient) -> None:
    html = client.get("/record/rec-1").text
    assert "<script>alert" not in html and "&lt;script&gt;" in html and "<b>Bor</b>" not in html
    assert 'href="javascript:' not in html


def test_a_record_shows_the_whole_text_with_the_quotes_marked(client: TestClient) -> None:
    html = client.get("/record/rec-1").text
    block = re.search(r'<div class="verbatim".*?</div>', html, re.S)
    assert block and html.count("<mark") == 3
    assert unescape(re.sub(r"<[^>]+>", "", block.group())) == TEXT


def test_an_outward_link_gives_no_referrer_and_no_opener(client: TestClient, desk: MemoryDesk) -> None:
    desk.records = [replace(r, address="https://example.org/a") for r in desk.records]
    assert 'href="https://example.org/a" rel="noreferrer noopener"' in client.get("/record/rec-1").text


def test_a_dissent_is_printed_with_the_alarm(client: TestClient, desk: MemoryDesk) -> None:
    desk.signed.append(Signature(desk.raised[0].id, "Ben", False, "one origin only", AT))
    assert "Ben dissents, 2026-03-01: one origin only" in words(
        client.get(f"/alarm/{desk.raised[0].id}").text
    )


def test_a_source_that_stopped_or_was_silent_is_named(client: TestClient) -> None:
    text = words(client.get("/sources").text)
    assert "stopped: 3 columns are missing" in text and "silent: nothing was read" in text
    assert "never read" in words(client.get("/").text)
    assert "ucdp" in words(client.get("/").text)


@pytest.mark.parametrize("path", ["/", "/country/SSD", "/alarms", "/follow", "/sources", "/about"])
def test_every_page_of_a_replay_says_that_nothing_was_issued(client: TestClient, path: str) -> None:
    html = client.get(f"/replay/replay-1{path}").text
    assert "Replay as of 2026-03-01:" in html and "nothing here was issued" in html
    assert "/sign" not in html and "/decline" not in html
    inward = [a for a in re.findall(r'href="(/[^"]*)"', html) if not a.startswith(("/static", "/replay/"))]
    assert set(inward) == {"/"}, "only the way back leads out of a replay"
    assert "Replay as of" not in client.get(path).text


def test_the_live_desk_leads_to_its_replays_and_a_replay_does_not(client: TestClient) -> None:
    way = '<a href="/replay/replay-1/">as of 2014-04-03</a>'
    assert way in client.get("/").text and way in client.get("/about").text
    assert way not in client.get("/replay/replay-1/").text


def test_a_replay_has_no_feed_and_takes_no_change(client: TestClient, desk: MemoryDesk) -> None:
    assert client.get("/replay/replay-1/alarms.atom").status_code == 404
    assert client.post("/replay/replay-1/alarm/x/sign", headers={"origin": HOME}, data={}).status_code in (
        404,
        405,
    )


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/country/SSX", "SSD"),
        ("/country/South%20Sudn", "South Sudan"),
        ("/record/rec-9", "rec-9"),
        ("/alarm/alm-1", "alm-1"),
        ("/replay/replay-2/", "replay-1"),
        ("/nowhere", "no such page"),
    ],
)
def test_an_unknown_id_is_one_clear_line_with_a_guess(client: TestClient, path: str, hint: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and hint in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize("given", ["ssd", "South Sudan", "soudan du sud"])
def test_a_code_in_small_letters_or_a_name_leads_to_the_page(client: TestClient, given: str) -> None:
    assert client.get(f"/country/{given}").url.path == "/country/SSD"
    assert client.get(f"/replay/replay-1/country/{given}").url.path == "/replay/replay-1/country/SSD"


def test_our_own_fault_shows_no_trace_and_keeps_the_headers() -> None:
    def broken(run: str | None) -> MemoryDesk:
        raise ZeroDivisionError("secret detail")

    client = TestClient(create_app(broken, None, b"s"), HOME, raise_server_exceptions=False)
    answer = client.get("/")
    assert answer.status_code == 500 and "secret detail" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_busy_home_is_told_as_it_is() -> None:
    def busy(run: str | None) -> MemoryDesk:
        raise HomeBusy("gather 4711 is writing; try again")

    answer = TestClient(create_app(busy, None, b"s"), HOME).get("/api/countries")
    assert answer.status_code == 503 and answer.json() == {"error": "gather 4711 is writing; try again"}


def test_a_home_without_a_turn_says_what_to_do() -> None:
    client = TestClient(create_app(lambda run: MemoryDesk(as_of=None, report=None), None, b"s"), HOME)
    assert "tocsin run" in client.get("/").text
    for path in ("/alarms", "/follow", "/sources", "/about", "/api/countries", "/map.json"):
        assert client.get(path).status_code == 200, path


def test_the_json_says_the_same_as_the_pages(client: TestClient, desk: MemoryDesk) -> None:
    body = client.get("/api/countries").json()
    assert body["run"] == "live" and not body["replay"] and body["as_of"].startswith("2026-03-01")
    assert {c["iso3"]: c["level"] for c in body["countries"]} == {
        "SSD": "alarm",
        "FRA": "none",
        "TUV": "no-data",
    }
    one = client.get("/api/country/SSD").json()
    assert one["assessment"]["coverage"]["blind"] and len(one["signals"]) == 3
    alarms = client.get("/api/alarms").json()["alarms"]
    assert {a["state"]: a["public"] for a in alarms} == {"proposed": False, "issued": True}
    assert client.get("/replay/replay-1/api/countries").json()["replay"] is True


def test_the_map_names_places_and_needs_no_other_machine(client: TestClient) -> None:
    world = client.get("/map.json").json()
    assert len(world["features"]) > 180
    assert {"iso3", "name", "dot"} <= world["features"][0]["properties"].keys()


def test_the_norm_is_shown_until_it_was_read_and_stands_on_the_about_page(client: TestClient) -> None:
    first = client.get("/").text
    assert "Before you use this desk" in first
    field = re.search(r'name="csrf" value="(\w+)"', first)
    assert field
    client.post("/norm", headers={"origin": HOME}, data={"csrf": field.group(1)})
    assert "Before you use this desk" not in client.get("/").text
    assert "turn people back at borders" in client.get("/about").text


def test_what_is_in_force_stays_public_while_a_change_waits(client: TestClient, desk: MemoryDesk) -> None:
    issued = desk.raised[1]
    desk.raised.append(raised(issued, Level.ONGOING))
    page = words(client.get(f"/alarm/{issued.id}").text)
    assert f"Revision 1 is in force until {issued.expires}; a change to ongoing waits for signatures" in page
    news = words(client.get("/").text)
    assert re.search(r"To sign 2 .*Sudan , ongoing.*In force 1 Sudan , alarm", news)
    told = {
        (a["revision"], a["public"]) for a in client.get("/api/alarms").json()["alarms"] if a["iso3"] == "SDN"
    }
    assert told == {(1, True), (2, False)}


def test_an_ongoing_level_says_of_which_year_and_that_a_new_killing_is_a_further_one(
    client: TestClient, desk: MemoryDesk
) -> None:
    sentence = "Armed actors killed 1,204 civilians in 2024, the newest year known."
    ongoing = replace(decision("SSD", Level.ONGOING), sentences=(sentence,))
    desk.decided = [ongoing if d.iso3 == "SSD" else d for d in desk.decided]
    desk.raised[0] = replace(raised(desk.raised[0], Level.ONGOING), iso3="SSD")
    for path in ("/country/SSD", f"/alarm/{desk.raised[0].id}"):
        page = words(client.get(path).text)
        assert "mass violence against civilians was going on in 2024." in page, path
        assert page.count("a further one, beside what is under way") == 1, path
    assert "a further one" not in client.get("/country/FRA").text


def test_a_replay_asks_nobody_to_sign(client: TestClient) -> None:
    page = words(client.get("/replay/replay-1/").text)
    assert "Proposed in this replay 1" in page
    assert not any(said in page for said in ("What asks for you", "To sign", "In force", "Follow-up due"))


def test_the_list_of_alarms_gives_the_finding_of_each(client: TestClient) -> None:
    page = words(client.get("/alarms").text)
    assert "Grave signs." in page and "Crime family" not in page


def test_the_reasons_are_called_the_models_own(client: TestClient) -> None:
    page = words(client.get("/country/SSD").text)
    assert (
        page.count("Reasons are the model's, not causes; figures that move together share their weight.") == 1
    )


def test_a_proposal_waits_for_a_signature_and_an_issued_alarm_does_not(
    client: TestClient, desk: MemoryDesk
) -> None:
    proposed, issued = desk.raised
    assert proposed.state is AlarmState.PROPOSED
    assert "/sign" in client.get(f"/alarm/{proposed.id}").text
    assert "/sign" not in client.get(f"/alarm/{issued.id}").text


def test_copies_of_one_story_are_told_once_with_a_way_to_each(client: TestClient, desk: MemoryDesk) -> None:
    first = desk.claims[0]
    copy = replace(first, id="sig-9", record="rec-2")
    other_indicator = replace(first, id="sig-8", indicator="7.5")
    told = quotes([first, other_indicator, copy, replace(copy, id="sig-7", indicator="7.5")])
    assert [(q.claim.id, q.indicators, [c.record for c in q.also]) for q in told] == [
        ("sig-1", ("7.4", "7.5"), ["rec-2"])
    ]


def test_two_passages_of_one_record_are_both_shown() -> None:
    first = signal("a", "Armed men burned the market & the clinic.")
    second = signal("b", "People fled the town at night.")
    assert [q.claim.id for q in quotes([first, second])] == ["a", "b"]


def test_a_mark_of_dangerous_speech_is_told_in_words_on_the_record_and_the_country(
    client: TestClient, desk: MemoryDesk
) -> None:
    for page in ("/record/rec-1", "/country/SSD"):
        assert "Dangerous speech" not in client.get(page).text
    desk.claims[0] = replace(desk.claims[0], speech=("H12:reported", "H1:countered", "H99:own", "H1:shouted"))
    for page in ("/record/rec-1", "/country/SSD"):
        said = words(client.get(page).text)
        assert "direct incitement, reported, not said, by the text" in said
        assert "this kind of speech: severity 4 of 4, inciting or enabling violence" in said
        assert "dehumanisation, rejected by the text" in said
        assert "H99:own; H1:shouted. A mark on words, not a finding on a person." in said
