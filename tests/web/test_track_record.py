"""The page of the track record: misses first, open is not zero, a replay has none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from starlette.testclient import TestClient

from tests.evaluation.recorded import a_record, a_world, sealed
from tests.web.desk import MemoryDesk, MemoryRecord, small_desk
from tocsin.errors import UnknownId
from tocsin.web.app import create_app

HOME = "http://127.0.0.1:8000"


@pytest.fixture
def desk() -> MemoryDesk:
    made = small_desk()
    made.forecast_record = MemoryRecord(a_record(*a_world(), sealed("SDN", date(2025, 6, 1), 0.4, 1)))
    return made


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    def opened(run: str | None) -> MemoryDesk:
        if run not in (None, "replay-1"):
            raise UnknownId("replay", run, ["replay-1"])
        return desk if run is None else small_desk("replay-1")

    with TestClient(create_app(opened, None, b"s" * 32), HOME, raise_server_exceptions=False) as made:
        yield made


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_misses_stand_before_hits_and_hits_before_false_alarms(client: TestClient) -> None:
    html = client.get("/track-record").text
    spots = [html.index(f'id="{name}"') for name in ("misses", "hits", "false-alarms", "scores")]
    assert spots == sorted(spots)
    for iso3, after, before in (("SSD", 0, 1), ("SDN", 1, 2), ("FRA", 2, 3)):
        assert spots[after] < html.index(f'href="/country/{iso3}"') < spots[before]


def test_a_miss_is_shown_with_what_happened_and_what_was_said(client: TestClient) -> None:
    row = words(re.findall(r"<tr>.*?</tr>", client.get("/track-record").text, re.S)[1])
    for said in (
        "South Sudan",
        "At least 100 civilians killed",
        "2021: 4,000",
        "90",
        "1.0",
        "5.0",
        "2020-12-31",
    ):
        assert said in row


def test_what_is_open_is_said_to_be_open_and_not_to_be_nothing(client: TestClient) -> None:
    text = words(client.get("/track-record").text)
    assert "Open 1: the figures for the window are not known" in text
    assert "The next figures can be had from 2027-06-30 on" in text


def test_scores_stand_beside_those_of_the_rivals(client: TestClient) -> None:
    text = words(client.get("/track-record").text)
    assert all(who in text for who in ("model", "base rate", "own history", "climatology"))


def test_a_desk_without_a_seal_says_so(client: TestClient, desk: MemoryDesk) -> None:
    empty = a_record()
    desk.forecast_record = MemoryRecord(type(empty)((), (), (), (), 0, 0, "", "", ""))
    assert "Nothing was sealed yet" in client.get("/track-record").text


def test_a_replay_enters_no_record(client: TestClient) -> None:
    html = client.get("/replay/replay-1/track-record").text
    assert "A replay enters no record" in html and "Replay as of 2026-03-01" in html
    inward = [a for a in re.findall(r'href="(/[^"]*)"', html) if not a.startswith(("/static", "/replay/"))]
    assert set(inward) == {"/"}
    assert client.get("/replay/replay-1/api/track-record").json()["record"] is None


def test_the_same_as_json_with_misses_first(client: TestClient) -> None:
    told = client.get("/api/track-record").json()["record"]
    assert next(iter(told)) == "misses" and told["misses"][0]["iso3"] == "SSD"
