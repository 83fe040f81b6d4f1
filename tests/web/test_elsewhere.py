"""Conditions and other people's forecasts on a country's page: beside our belief, and never in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.sources.test_stated import condition, outlook
from tests.web.desk import MemoryActs, MemoryDesk, small_desk
from tocsin.clock import as_of_end
from tocsin.sources.feeds.conditions.given import month_period
from tocsin.web.app import create_app

HOME = "http://127.0.0.1:8000"
OPEN = month_period(2026, 5)


@pytest.fixture
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    with TestClient(create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), HOME) as made:
        yield made


def section(client: TestClient, name: str, iso3: str = "SSD") -> str:
    page = client.get(f"/country/{iso3}")
    assert page.status_code == 200
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', page.text, re.S)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found.group())).split())


def test_without_any_the_page_says_that_nothing_was_gathered(client: TestClient) -> None:
    assert section(client, "others").endswith("Nothing gathered.")
    assert section(client, "conditions").endswith("Nothing gathered.")


def test_each_value_bears_its_period_its_known_date_and_its_publisher(
    client: TestClient, desk: MemoryDesk
) -> None:
    desk.stated = [condition("v2x_polyarchy"), condition()]
    desk.others = [outlook(0.25, window=OPEN)]
    told = section(client, "conditions")
    assert "Electoral democracy 0.5 (0 to 1) 2024 2025-03-13 (later revision) V-Dem Institute" in told
    assert "1 further series" in told and "Liberal democracy" in told
    others = section(client, "others")
    assert "An outcome 25 % 2026-05-01 to 2026-05-31 2026-11-01 VIEWS, Uppsala University" in others
    assert "enter no forecast and no level here" in others
    assert section(client, "others", "FRA").endswith("Nothing gathered.")


def test_what_may_not_be_handed_on_is_on_no_page_and_in_no_answer(
    client: TestClient, desk: MemoryDesk
) -> None:
    desk.others = [outlook(0.987654, "earlywarningproject", window=OPEN)]
    page, answer = client.get("/country/SSD").text, client.get("/api/country/SSD")
    assert "0.987654" not in answer.text and "98.8" not in page and "99 %" not in section(client, "others")
    assert "not to be handed on: United States Holocaust Memorial Museum" in section(client, "conditions")
    assert answer.json()["kept_home"] == ["United States Holocaust Memorial Museum and Dartmouth College"]


def test_the_answer_in_json_says_the_same(client: TestClient, desk: MemoryDesk) -> None:
    desk.stated, desk.others = [condition()], [outlook(0.25, window=OPEN)]
    body = client.get("/api/country/SSD").json()
    (said,), (other,) = body["conditions"], body["others_forecast"]
    assert (said["label"], said["value"], said["of"]["release"]) == (
        "Liberal democracy",
        "0.5 (0 to 1)",
        "v15",
    )
    assert (other["value"], other["run"], other["source"]) == (0.25, "r2", "views")


def test_our_forecasts_and_our_level_are_the_same_with_and_without_them(
    client: TestClient, desk: MemoryDesk
) -> None:
    before = client.get("/api/country/SSD").json()
    desk.stated, desk.others = [condition(value=0.0)], [outlook(1.0, window=OPEN)]
    after = client.get("/api/country/SSD").json()
    for ours in ("forecasts", "decision", "assessment", "months", "alarms"):
        assert after[ours] == before[ours]


def test_what_a_publisher_writes_is_text_and_never_markup(client: TestClient, desk: MemoryDesk) -> None:
    desk.stated = [condition("leader_entry", source="vdem", value=None, text="<script>alert(1)</script>")]
    desk.others = [outlook(0.25, window=OPEN, outcome="<img src=x>")]
    page = client.get("/country/SSD").text
    assert "<script>alert(1)" not in page and "<img src=x>" not in page and "&lt;img src=x&gt;" in page


def test_a_forecast_whose_window_has_ended_is_not_shown(client: TestClient, desk: MemoryDesk) -> None:
    desk.as_of = as_of_end(OPEN.end)
    desk.others = [outlook(0.25, window=month_period(2026, 1))]
    assert section(client, "others").endswith("Nothing gathered.")
