"""The months ahead on a country's page: what is shown, and what is said where nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.forecasting.happenings import happening, out, years
from tests.web.desk import MemoryActs, MemoryDesk, small_desk
from tocsin.clock import Period, Precision, as_of_end
from tocsin.forecasting.events import known_events
from tocsin.forecasting.forecasters.baselines import Decayed
from tocsin.forecasting.parts import MonthsMade, make_months
from tocsin.sources.groups import GroupStatus, Status
from tocsin.web.app import create_app
from tocsin.web.months import fan

HOME = "http://127.0.0.1:8000"
AS_OF = as_of_end(date(2024, 7, 10))
VAGUE = happening(
    999, "2023-01-01", "SSD", 70, end=date(2023, 12, 31), date_precision=Precision.YEAR, adm_1="North"
)
UNNAMED = happening(998, "2023-12-09", "SSD", 800, side_a="XXX100", adm_1="<b>North</b>")


@pytest.fixture(scope="module")
def months() -> MonthsMade:
    rows = [*years("SSD", 2016, 2023, 1), VAGUE, UNNAMED, happening(1, "2022-05-01", "FRA")]
    return make_months(known_events(rows, AS_OF), Decayed(12), "r", datetime(2026, 1, 1, tzinfo=UTC), {})


@pytest.fixture
def desk(months: MonthsMade) -> MemoryDesk:
    found = small_desk()
    found.months, found.shared = list(months.forecasts), list(months.parts)
    found.report = {**(found.report or {}), "months": dict(months.account)}
    return found


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    with TestClient(create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), HOME) as made:
        yield made


def section(client: TestClient, iso3: str) -> str:
    page = client.get(f"/country/{iso3}")
    assert page.status_code == 200
    found = re.search(r'<section aria-labelledby="months">.*?</section>', page.text, re.S)
    assert found
    return found.group()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_the_months_windows_areas_and_situations_are_shown(client: TestClient) -> None:
    html = section(client, "SSD")
    text = words(html)
    assert "From gathered events up to 2023-12, made 2024-07-10" in text
    assert "Aug 2024 to Jul 2025" in text and html.count('class="fan-') >= 4
    assert "RSF" in text and "never persons" in text.lower()
    assert "70 killed in 2023" in text, "deaths without a month are told"
    assert "an actor not identified (XXX100)" in text
    assert "<b>North</b>" not in html and "&lt;b&gt;North" in html


def test_a_place_or_a_turn_without_months_says_why(client: TestClient, desk: MemoryDesk) -> None:
    assert "the newest gathered month is 2022-05" in words(section(client, "FRA"))
    assert "no event data about it were gathered" in words(section(client, "TUV"))
    desk.report = {
        **(desk.report or {}),
        "months": {"refused": "no gathered event data were known that day", "run": ""},
    }
    desk.months = []
    assert "Months need event data (no gathered event data were known that day)" in words(
        section(client, "SSD")
    )
    desk.report.pop("months")
    assert "Months need event data: tocsin gather ucdp" in words(section(client, "SSD"))


def test_groups_stand_beside_as_standings_and_not_as_targets(client: TestClient, desk: MemoryDesk) -> None:
    period = Period(date(2012, 1, 1), date(2021, 12, 31), Precision.YEAR)
    group = GroupStatus(
        "g",
        "epr",
        "1",
        "2021",
        "SSD",
        "South Sudan",
        "Group A",
        period,
        0.1,
        Status.DISCRIMINATED,
        True,
        out("2021-12-31"),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    inside = replace(group, id="h", external_id="2", group="Group B", status=Status.SENIOR_PARTNER)
    desk.standing = [group, inside]
    text = words(section(client, "SSD"))
    assert "Group A: discriminated, with regional autonomy" in text and "Group B" not in text
    assert "nothing here says that a group is attacked" in text


def test_the_json_holds_all_of_it(client: TestClient, months: MonthsMade) -> None:
    body = client.get("/api/country/SSD").json()
    assert len(body["months"]) == 39 and len(body["parts"]) == 12
    whole = {m["horizon"]: m["mean"] for m in body["months"]}
    for parts in body["parts"]:
        assert sum(p["mean"] for p in parts["parts"]) == pytest.approx(whole[parts["horizon"]], abs=1e-4)


def test_what_raised_and_lowered_it_is_shown_against_the_mean_and_against_an_earlier_month(
    client: TestClient, desk: MemoryDesk
) -> None:
    why = (
        ("Killings of civilians, newest months", "9 killed in <2023-12>", 1.25),
        ("Figures missing", "", -0.5),
    )
    then = (("Killings of civilians, newest months", "1 killed", 0.25), ("Figures missing", "", -0.5))
    assert "Raised it" not in section(client, "SSD"), "a forecast without reasons shows none"
    held = [f for f in desk.months if (f.iso3, f.horizon) == ("SSD", "sum3")]
    desk.months = [replace(f, reasons=why) if f in held else f for f in desk.months]
    old = replace(held[0], id="old", as_of=as_of_end(date(2024, 6, 10)), reasons=then)
    desk.months_before = [replace(old, p_ge={**old.p_ge, "25": 0.01})]
    html = section(client, "SSD")
    text = words(html)
    assert "Aug 2024 to Oct 2024" in text and "<2023-12>" in text and "<2023-12>" not in html
    assert text.index("Raised it") < text.index("(+1.25)") < text.index("Lowered it") < text.index("(-0.50)")
    assert "Against the forecast of 2024-06-10 for the same months ahead (1.0" in text and "(+1.00)" in text
    body = client.get("/api/country/SSD").json()
    (moved,) = body["months_since"]
    assert (moved["id"], moved["before"]) == (held[0].id, "old")
    (told,) = [m["reasons"] for m in body["months"] if m["reasons"]]
    assert told == [list(one) for one in why]


def test_the_fan_stays_inside_of_its_frame_and_its_bands_hold_each_other(months: MonthsMade) -> None:
    drawn = fan([f for f in months.forecasts if not f.total])
    points = [tuple(map(float, p.split(","))) for p in re.findall(r"[\d.]+,[\d.]+", drawn.wide)]
    assert all(drawn.left <= x <= drawn.width and 0 <= y <= drawn.floor for x, y in points)
    upper, lower = points[:36], points[36:][::-1]
    assert all(up[1] <= low[1] for up, low in zip(upper, lower, strict=True))
    assert [text for _, text in drawn.across][:2] == ["Aug 2024", "Feb 2025"]
