"""The figures on a country's page: beside each other, with who claims each; of a held one only the hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tests.signals.counted import figures
from tests.web.desk import MemoryActs, MemoryDesk, small_desk
from tocsin.clock import now
from tocsin.signals.held import hold, publish, standing
from tocsin.signals.signal import Relevance
from tocsin.web.app import create_app
from tocsin.web.figures import number

FIRST, _, OTHER = figures()


@pytest.fixture
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture
def visitor(desk: MemoryDesk) -> Iterator[TestClient]:
    with TestClient(create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), "http://127.0.0.1") as made:
        yield made


def page(visitor: TestClient, iso3: str = "SSD") -> str:
    whole = visitor.get(f"/country/{iso3}").text
    return whole[whole.index('id="figures"') : whole.index('id="protective"')]


def test_figures_stand_beside_each_other_with_claimant_and_words(visitor: TestClient) -> None:
    said = page(visitor)
    assert said.count("<q ") == 3 and FIRST.quote in said and "never added up or averaged" in said
    assert "at least 30 civilians" in said and "45" in said and "75" not in said and "105" not in said
    assert "United Nations (UN)" in said and "government (a state body)" in said and "2017-05-03" in said
    assert said.count("denied by") == 1 and said.count('class="denied"') == 1


def test_figures_of_one_event_stand_together_also_where_the_words_name_no_day(
    desk: MemoryDesk, visitor: TestClient
) -> None:
    (month,) = visitor.get("/api/country/SSD").json()["figures"]
    assert month["name"] == "May 2017" and len(month["figures"]) == 3
    desk.counted += [replace(OTHER, id="fig-new", story="sto-2")]
    names = [m["name"] for m in visitor.get("/api/country/SSD").json()["figures"]]
    assert names == ["October 2017", "May 2017"], "else they stand where they were published"


def test_a_place_without_figures_is_unknown_and_not_zero(visitor: TestClient) -> None:
    assert "That is not zero; it is unknown." in page(visitor, "TUV")


def test_of_a_held_figure_only_the_hold_is_shown_and_after_a_week_the_flag(
    desk: MemoryDesk, visitor: TestClient
) -> None:
    old = replace(OTHER, quote="secret", end=OTHER.start + 6, best=4444, high=4444, claimant="Someone")
    desk.counted = [FIRST, old]
    desk.kept = [hold(standing(old, []), "ada", "", now() - timedelta(days=3))]
    said = page(visitor)
    assert "a figure is held back</strong>, by ada" in said and "with no reason given" in said
    assert not any(hidden in said for hidden in ("secret", "4,444", "4444", "Someone", "longer than seven"))
    api = visitor.get("/api/country/SSD").json()["figures"]
    assert "secret" not in str(api) and "4444" not in str(api) and "'state': 'held'" in str(api)
    desk.kept = [hold(standing(old, []), "ada", "", now() - timedelta(days=8))]
    assert "Held for longer than seven days without a reason" in page(visitor)
    desk.counted += [replace(FIRST, id="fig-new", happened=None, story="sto-2")]
    assert page(visitor).count("<details open>") == 2, "a flag is never folded away"
    desk.kept += [publish(standing(old, desk.kept), "ada", "", now())]
    assert "secret" in page(visitor)


def test_what_a_record_of_no_risk_counts_is_not_shown(desk: MemoryDesk, visitor: TestClient) -> None:
    desk.counted = [replace(f, relevance=Relevance.NONE) for f in desk.counted]
    assert "it is unknown" in page(visitor)


@pytest.mark.parametrize(
    ("low", "best", "high", "words"),
    [
        (30, 30, None, "at least 30"), (20, 25, 30, "20 to 30"), (0, 50, 50, "up to 50"), (0, 0, 0, "none"),
        (2_000, 2_000, 2_000, "2,000"), (270, 300, 330, "about 300"), (450, 500, 500, "450 to 500"),
    ],
)  # fmt: skip
def test_a_figure_in_words(low: int, best: int, high: int | None, words: str) -> None:
    assert number(replace(FIRST, low=low, best=best, high=high)) == words
