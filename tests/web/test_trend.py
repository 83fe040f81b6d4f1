"""The page of a country says whether reported violations rose, and that it cannot be told where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from tests.web.desk import AT, MemoryActs, MemoryDesk, small_desk
from tocsin.assessment.belief import RightsTrend
from tocsin.web.app import create_app

WHY = "Reports of present rights violations rose: 16 <b>distinct</b> stories in the newest 2 weeks."
ROSE = RightsTrend(True, 4.0, 4.0, (2,) * 58 + (8, 8), AT.date(), 52, WHY, ("sig-1",))
UNTOLD = "Whether reports of rights violations rose cannot be told"


@pytest.fixture
def desk() -> MemoryDesk:
    made = small_desk()
    first = made.believed[0]
    seventh = replace(first.readings[6], trend=0.25, risen=WHY)
    made.believed[0] = replace(
        first, readings=(*first.readings[:6], seventh, *first.readings[7:]), trend=ROSE
    )
    return made


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    app = create_app(lambda run: desk, MemoryActs(desk), b"s" * 32)
    with TestClient(app, "http://127.0.0.1:8000") as made:
        yield made


def test_a_rise_is_said_at_the_top_and_under_its_factor_and_is_never_markup(
    client: TestClient, desk: MemoryDesk
) -> None:
    page = client.get(f"/country/{desk.believed[0].iso3}").text
    assert page.count("16 &lt;b&gt;distinct&lt;/b&gt; stories") == 2
    assert "<strong>A rise:</strong>" in page and UNTOLD not in page
    assert page.count("words +0.25 against the 90 days before") == 1


def test_a_place_without_a_trend_says_so_among_what_is_not_seen(client: TestClient, desk: MemoryDesk) -> None:
    page = client.get(f"/country/{desk.believed[1].iso3}").text
    assert UNTOLD in page.split('id="blind"')[1].split("</section>")[0]
    assert "rose:" not in page and "did not rise" not in page
