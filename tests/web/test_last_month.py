"""What moved a forecast since last month, on a country's page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient

from tests.web.desk import MemoryActs, MemoryDesk, small_desk
from tocsin.web.app import create_app


@pytest.fixture
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture
def visitor(desk: MemoryDesk) -> Iterator[TestClient]:
    with TestClient(create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), "http://127.0.0.1") as made:
        yield made


def told(visitor: TestClient) -> str:
    page = re.sub(r"<[^>]+>", "", visitor.get("/country/SSD").text)
    found = re.search(r"Against .*", unescape(page))
    return found.group() if found else ""


def test_without_an_earlier_turn_nothing_is_compared(visitor: TestClient) -> None:
    assert told(visitor) == ""


def test_what_raised_it_is_said_with_its_values_and_pushes(desk: MemoryDesk, visitor: TestClient) -> None:
    now = desk.forecasts("SSD")[0]
    label, text, push = now.reasons[0]
    old = replace(
        now,
        as_of=now.as_of - timedelta(days=31),
        probability=now.probability / 2,
        reasons=((label, "in 2023", push - 0.5), *now.reasons[1:]),
    )
    desk.earlier = [old]
    said = told(visitor)
    assert said.startswith(f"Against {old.as_of.date()}") and "raised (+" in said
    assert f"{label}: {text} (+0.50)" in said and "what moved all states alike (+" in said


def test_a_forecast_that_stands_is_said_to_stand(desk: MemoryDesk, visitor: TestClient) -> None:
    desk.earlier = [replace(f, as_of=f.as_of - timedelta(days=31)) for f in desk.forecasts("SSD")]
    assert "as it was." in told(visitor)
