"""The pages say how little is seen: beside each level, in a forecast's range, and for all members at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.web.desk import AT, MemoryActs, MemoryDesk, small_desk
from tocsin.assessment.belief import Uncertainty
from tocsin.web.app import create_app

WHY = ("Reports dropped, and those who could see are gone.", "Words are thin: <b>1</b> document(s).")
GONE = ("prs-1", "The mission (mission): expelled by the state, 2026-02-01", "https://example.org/notice")
BAD = ("prs-2", "The network (internet): shut down by the state, 2026-02-01", "javascript:alert(1)")


@pytest.fixture
def desk() -> MemoryDesk:
    made = small_desk()
    first = made.believed[0]
    seventh = replace(
        first.readings[6],
        absences=(GONE, BAD),
        set_aside="set aside: 9 new origins in 2 days (9 documents)",
        aside=("sig-2",),
    )
    readings = (*first.readings[:6], seventh, *first.readings[7:])
    made.believed[0] = replace(first, readings=readings, uncertainty=Uncertainty.HIGH, uncertain_because=WHY)
    made.believed[1] = replace(made.believed[1], uncertainty=Uncertainty.USUAL)
    days: dict[date, int] = {AT.date() - timedelta(days=n): 3 for n in range(1, 200)}
    silent = {day: n for day, n in days.items() if day < AT.date() - timedelta(days=9)}
    made.flows = {"words": {"feeds": {"SSD": silent, "FRA": days, "KEN": days}}}
    return made


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    app = create_app(lambda run: desk, MemoryActs(desk), b"s" * 32)
    with TestClient(app, "http://127.0.0.1:8000") as made:
        yield made


def table(client: TestClient) -> list[str]:
    section = client.get("/sources").text.split('id="coverage"')[1].split("</section>")[0]
    return [
        unescape(re.sub(r"<[^>]+>|\s+", " ", row))
        for row in re.findall(r"<tr[ >].*?</tr>", section, re.DOTALL)[1:]
    ]


def test_every_member_has_a_row_and_one_of_which_nothing_is_read_is_never_shown_as_low(
    client: TestClient,
) -> None:
    rows = table(client)
    cut = next(n for n, row in enumerate(rows) if "Not members of the United Nations" in row)
    assert cut == 193 and len(rows) > cut + 5
    dark = [row for row in rows if "no data: unknown, which is not low" in row]
    assert len(dark) == len(rows) - 4 and rows[:180] == dark[:180]
    assert not [
        row for row in rows if re.search(r"\b(risk|warning|alarm|ongoing|probability)\b", row, re.IGNORECASE)
    ]


def test_a_drop_is_said_with_its_numbers_and_what_is_usual_as_usual(client: TestClient) -> None:
    told = {row.split()[0]: row for row in table(client)}
    assert re.search(r"words dropped *: 0 in 7 days, where \d\d are expected", told["South"])
    assert "words usual" in told["France"] and "words usual" in told["Kenya"]


def test_the_uncertainty_stands_beside_the_level_with_its_reasons(client: TestClient) -> None:
    page = client.get("/country/SSD").text
    assert "<strong>Uncertainty high:</strong> Reports dropped, and those who could see are gone." in page
    assert "<summary>1 more reason</summary>" in page and "thin: &lt;b&gt;1&lt;/b&gt; document(s)" in page
    assert page.count("does not know that less is seen now (uncertainty high)") == len(
        re.findall("base rate .* rank", page)
    )
    front = client.get("/").text
    assert "uncertainty high" in re.search(r'<tr data-iso3="SSD".*?</tr>', front, re.DOTALL)[0]  # type: ignore[index]
    for iso3 in ("FRA", "TUV"):
        assert "Uncertainty" not in client.get(f"/country/{iso3}").text, (
            "usual, or a turn that did not judge it"
        )


def test_an_absence_stands_with_its_source_and_a_flood_apart_from_what_counts(client: TestClient) -> None:
    page = client.get("/country/SSD").text
    assert "expelled by the state, 2026-02-01" in page and 'href="https://example.org/notice"' in page
    assert 'href="javascript' not in page and "javascript:alert(1)" in page
    assert "Set aside: 9 new origins in 2 days (9 documents): 1 claim, not counted" in page
