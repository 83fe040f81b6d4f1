"""What was taken back is said on the pages of the alarm, of the record and of the country, escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.signals.counted import figures
from tests.web.desk import AT, MemoryActs, MemoryDesk, small_desk
from tocsin.signals.withdrawn import WITHDRAWN, Taken
from tocsin.web.app import create_app

WHY = "the page answers 410 <script>alert('x')</script>"


@pytest.fixture
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    with TestClient(
        create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), "http://127.0.0.1:8000"
    ) as made:
        yield made


def words(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


def resting(desk: MemoryDesk) -> str:
    """The id of an alarm of the desk that rests on a claim."""
    claims = {s.id for s in desk.claims}
    return next(a.id for a in desk.raised if claims & set(a.reasons))


def test_an_alarm_says_what_it_rests_on_that_was_taken_back(client: TestClient, desk: MemoryDesk) -> None:
    id = resting(desk)
    assert "taken back" not in client.get(f"/alarm/{id}").text
    desk.back["rec-1"] = Taken("rec-1", WITHDRAWN, "body.example", AT, WHY)
    html = client.get(f"/alarm/{id}").text
    assert "Rests on what was taken back" in html and "<script>alert" not in html
    assert "rec-1 : withdrawn by body.example on 2026-03-01: the page answers 410" in words(html)
    assert "stands until people or its last day end it" in html and "/sign" in html, "it is not closed by it"


def test_a_record_says_that_it_was_taken_back(client: TestClient, desk: MemoryDesk) -> None:
    desk.back["rec-1"] = Taken("rec-1", WITHDRAWN, "body.example", AT, WHY)
    html = client.get("/record/rec-1").text
    assert (
        "withdrawn by body.example on 2026-03-01" in words(html)
        and "<script>alert('x')</script>;" not in html
    )


def test_a_figure_of_a_withdrawn_record_is_shown_as_withdrawn(client: TestClient, desk: MemoryDesk) -> None:
    one = next(f for f in figures() if f.iso3)
    place = next(a.iso3 for a in desk.believed)
    desk.counted = [replace(one, iso3=place)]
    assert "withdrawn" not in client.get(f"/country/{place}").text
    desk.back[one.record] = Taken(one.record, WITHDRAWN, "body.example", AT, "gone")
    page = words(client.get(f"/country/{place}").text)
    assert "withdrawn with its record by body.example on 2026-03-01: gone" in page
