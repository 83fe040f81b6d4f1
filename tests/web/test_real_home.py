"""The pages on a real home: a document gathered, a turn taken, an alarm issued by two people and followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from tocsin import flow
from tocsin.acts import Acts
from tocsin.clock import day_moment, now, today
from tocsin.sources.contract import Request
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.publishing import Publishing
from tocsin.web.app import create_app

HOME = "http://127.0.0.1:8000"
TEXT = (
    "Juba. Armed men attacked two villages in South Sudan this week and killed civilians, witnesses said. "
    "Thousands of people are fleeing the violence. Soldiers blocked aid convoys on the road."
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "report.txt").write_text(TEXT, "utf-8")
    opened = open_home(folder / "home")
    before = day_moment(today() - timedelta(days=2))
    request = Request((folder / "report.txt",), None, before, now(), True, None)
    assert flow.gather(opened, "folder", request).report.used == 1
    flow.turn(opened, now(), False, lambda line: None)
    for name in ("Ada", "Ben"):
        opened.ledger.add_user(name, "officer")
    yield opened
    opened.close()


@pytest.fixture
def client(home: Home) -> Iterator[TestClient]:
    app = create_app(
        lambda run: Desk(home, run or "live"),
        Acts(home),
        b"s" * 32,
        lambda base: Publishing(home, base, "desk@tocsin.example", linked=True),
    )
    with TestClient(app, HOME) as made:
        yield made


def test_every_country_has_a_row_and_a_page(client: TestClient) -> None:
    codes = re.findall(r'<tr data-iso3="(\w+)"', client.get("/").text)
    assert len(codes) > 190
    for code in codes[::20]:
        page = client.get(f"/country/{code}")
        assert page.status_code == 200 and "What we cannot see" in page.text


def test_every_level_on_the_map_is_the_decision_of_the_turn(client: TestClient, home: Home) -> None:
    shown = dict(re.findall(r'<tr data-iso3="(\w+)" data-level="([\w-]+)"', client.get("/").text))
    beliefs = {a.iso3: a for a in Desk(home).assessments()}
    for decision in Desk(home).decisions():
        level = decision.level.value
        empty = beliefs[decision.iso3].no_data and level == "none"
        assert shown[decision.iso3] == ("no-data" if empty else level)


def test_an_expert_raises_a_place_from_its_page_and_a_refused_form_comes_back(
    client: TestClient, home: Home
) -> None:
    page = client.get("/country/AND").text
    assert "Raise the level by judgement" in page and "two people sign it" in page
    evidence = next(d.id for d in Desk(home).decisions() if d.iso3 == "AND")
    csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    form = {"csrf": csrf, "by": "Ada", "level": "warning", "reason": "Lists <of houses> are made."}

    def post(**more: str) -> tuple[int, str]:
        sent = client.post("/country/AND/raise", data={**form, **more}, headers={"origin": HOME})
        return sent.status_code, sent.text

    for wrong, line in ((evidence + "x", evidence + "x"), (" ", "evidence is missing")):
        status, told = post(evidence=wrong)
        assert status == 400 and line in unescape(told) and "Lists &lt;of houses&gt; are made." in told
    assert not [a for a in home.ledger.alarms() if a.iso3 == "AND"]
    assert post(evidence=f" {evidence}\n")[0] == 200
    (made,) = [a for a in home.ledger.alarms() if a.iso3 == "AND"]
    assert (made.rule, made.level.value, made.state.value) == ("expert", "warning", "proposed")
    alarm = client.get(f"/alarm/{made.id}").text
    assert "The judgement of an expert, and no rule" in unescape(alarm) and "<of houses>" not in alarm
    assert f"/alarm/{made.id}" in client.get("/country/AND").text


def test_a_quoted_word_leads_to_the_record_that_holds_it(client: TestClient) -> None:
    page = client.get("/country/SSD").text
    links = re.findall(r'href="(/record/[^"#]+)', page)
    assert links, "the document about South Sudan was coded"
    record = client.get(links[0]).text
    block = re.search(r'<div class="verbatim".*?</div>', record, re.S)
    assert block and "<mark" in block.group()
    assert TEXT in unescape(re.sub(r"<[^>]+>", "", block.group()))


def test_an_alarm_is_issued_by_two_people_and_then_followed(client: TestClient, home: Home) -> None:
    proposed = next(a for a in Desk(home).alarms() if a.state.value == "proposed")
    page = client.get(f"/alarm/{proposed.id}").text
    csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    for signer in ("Ada", "Ben"):
        form = {
            "csrf": csrf,
            "signer": signer,
            "verdict": "yes",
            "reason": "read and agreed",
            "revision": str(proposed.revision),
        }
        assert proposed.id not in client.get("/alarms.atom").text
        client.post(f"/alarm/{proposed.id}/sign", data=form, headers={"origin": HOME}).raise_for_status()
    assert proposed.id in client.get("/alarms.atom").text
    asked = Desk(home).engagements(proposed.id)
    assert asked, "an issued alarm asks somebody for something"
    follow = client.get("/follow").text
    assert all(f'id="{e.id}"' in follow for e in asked)
    closing = {"csrf": csrf, "by": "Ada", "inaction": "lack_of_capacity", "text": ""}
    sent = client.post(f"/engagement/{asked[0].id}/decline", data=closing, headers={"origin": HOME})
    assert "Lack of capacity" in sent.text and "review of the reason due" in sent.text


def test_a_stranger_cannot_sign(client: TestClient, home: Home) -> None:
    proposed = next(a for a in Desk(home).alarms() if a.state.value == "proposed")
    csrf = re.findall(r'name="csrf" value="(\w+)"', client.get(f"/alarm/{proposed.id}").text)[0]
    form = {"csrf": csrf, "signer": "Nobody", "verdict": "yes", "reason": "x", "revision": "1"}
    sent = client.post(f"/alarm/{proposed.id}/sign", data=form, headers={"origin": HOME})
    assert sent.status_code == 400 and "unknown user" in sent.text
    assert not Desk(home).signatures(proposed.id)
