"""Sums of conflict events from HDX HAPI: paged, keyed, never a second voice beside ACLED; invented rows."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.event_server import ANY_JSON, BAD_ANSWERS, Asked, Far, Says, asking, far, only, steps
from tests.sources.given import RECORDED
from tocsin import flow
from tocsin.clock import Precision
from tocsin.errors import FetchFailed, InputError, SourceStopped
from tocsin.sources import fact_sheet
from tocsin.sources.contract import UNJUDGED
from tocsin.sources.feeds.hapi import Hapi
from tocsin.store.home import open_home

APP = "tocsin-test:desk@example.org"
CODED = base64.b64encode(APP.encode()).decode()
ROW: dict[str, Any] = {
    "resource_hdx_id": "0f3c0f5a-0000-4000-8000-000000000000",
    "location_ref": 162,
    "location_code": "NAM",
    "location_name": "Namibia",
    "has_hrp": False,
    "in_gho": False,
    "admin1_ref": 1,
    "admin1_code": "NA01",
    "admin1_name": "Khomas",
    "provider_admin1_name": "Khomas",
    "admin2_ref": 2,
    "admin2_code": "NA0101",
    "admin2_name": "Windhoek East",
    "provider_admin2_name": "Windhoek East",
    "admin_level": 2,
    "event_type": "political_violence",
    "events": 4,
    "fatalities": 7,
    "reference_period_start": "2026-03-01T00:00:00",
    "reference_period_end": "2026-03-31T23:59:59",
}


@pytest.fixture(autouse=True)
def app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HAPI_APP", APP)


class Sums:
    """Rows behind the interface; `most` is what one answer gives, whatever is asked for."""

    def __init__(self, rows: list[Any], most: int = 10_000) -> None:
        self.rows, self.most = rows, most

    def __call__(self, asked: Asked) -> Says:
        if asked.query.get("app_identifier") != CODED:
            return Says(status=403)
        place, start = asked.query.get("location_code"), int(asked.query["offset"])
        rows = [r for r in self.rows if not place or r["location_code"] == place]
        return Says({"data": rows[start : start + self.most]})


@pytest.fixture(scope="module")
def shared_far() -> Iterator[Far]:
    with far(Sums([])) as up:
        yield up


def test_a_row_becomes_a_sum_with_what_the_publisher_says_and_no_more() -> None:
    with far(Sums([ROW])) as up:
        (found,), gathered = only(Hapi(base=up.base), asking(up))
    assert (found.count, found.deaths, found.against_civilians) == (4, 7, None)
    assert (found.kind, found.iso3, found.admin1, found.place) == (
        "political_violence",
        "NAM",
        "Khomas",
        "Windhoek East",
    )
    assert (found.happened.start, found.happened.end) == (date(2026, 3, 1), date(2026, 3, 31))
    assert found.happened.precision is Precision.MONTH and found.where_precision == "admin2"
    assert found.known.end == RECORDED and found.published is None and found.latitude is None
    assert found.columns["resource_hdx_id"] == ROW["resource_hdx_id"] and "admin2_ref" not in found.columns
    assert found.reported_by == "ACLED"
    assert gathered.report.unknown_columns == gathered.report.missing_columns == ()


def test_it_is_one_voice_with_acled_and_stays_in_the_home() -> None:
    assert fact_sheet("hapi").independence_group == fact_sheet("acled").independence_group == "acled"
    assert not fact_sheet("hapi").shareable and not fact_sheet("acled").shareable
    groups = [fact_sheet(name).independence_group for name in ("acled", "polecat", "icews", "ucdp")]
    assert len(set(groups)) == 4


@pytest.mark.parametrize(
    ("kind", "told"), [("civilian_targeting", True), ("demonstration", False), ("political_violence", None)]
)
def test_only_some_types_say_who_was_targeted(kind: str, told: bool | None) -> None:
    with far(Sums([ROW | {"event_type": kind, "fatalities": None}])) as up:
        (found,), _ = only(Hapi(base=up.base), asking(up))
    assert found.against_civilians is told and found.deaths is None, "no number is not zero"


@pytest.mark.parametrize("most", [10_000, 3, 2])
def test_all_pages_are_read_also_when_the_server_gives_less_than_asked(most: int) -> None:
    rows = [ROW | {"admin2_code": f"NA{n:04}"} for n in range(7)]
    with far(Sums(rows, most)) as up:
        found, gathered = only(Hapi(base=up.base), asking(up))
        assert len(found) == 7 and gathered.report.rows_read == 7
        assert up.asked[0].query["limit"] == "10000" and up.asked[-1].query["offset"] == "7"


def test_countries_that_are_asked_for_alone_are_a_step_each() -> None:
    with far(Sums([ROW, ROW | {"location_code": "AGO", "location_name": "Angola"}])) as up:
        done = steps(Hapi(base=up.base), asking(up, only=("AGO", "NAM")))
    assert [[i.iso3 for i in rows] for rows, _ in done] == [["AGO"], ["NAM"]]


def test_a_server_that_repeats_itself_is_stopped() -> None:
    with (
        far(lambda _: Says({"data": [ROW]})) as up,
        pytest.raises(InputError, match="repeats the page before"),
    ):
        only(Hapi(base=up.base), asking(up))


def test_the_key_is_sent_and_never_shown() -> None:
    with far(lambda _: Says(status=403)) as up:
        (gathered,) = Hapi(base=up.base).read(asking(up))
        with pytest.raises(SourceStopped, match="check TOCSIN_HAPI_APP") as raised:
            list(gathered.incidents)
        assert up.asked[0].query["app_identifier"] == CODED
    assert CODED not in str(raised.value) + str(gathered.report) and "desk@" not in str(gathered.report)


@pytest.mark.parametrize("given", ["nothing", "app:", ":a@b", "app:nobody", "a b:c@d:e"])
def test_a_key_of_another_form_says_which(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HAPI_APP", given)
    (gathered,) = Hapi().read(asking(None))
    with pytest.raises(SourceStopped, match="written as app:email"):
        list(gathered.incidents)


def test_without_a_key_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_HAPI_APP")
    (gathered,) = Hapi().read(asking(None))
    with pytest.raises(SourceStopped, match=r"set TOCSIN_HAPI_APP, or write a line HAPI_APP=\.\.\."):
        list(gathered.incidents)


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_what_the_far_side_may_do_ends_in_one_clear_line(name: str) -> None:
    says, words = BAD_ANSWERS[name]
    with far(lambda _: says) as up:
        (gathered,) = Hapi(base=up.base).read(asking(up))
        with pytest.raises((InputError, SourceStopped, FetchFailed), match=words):
            list(gathered.incidents)
    assert gathered.report.stopped and "\n" not in gathered.report.stopped


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"location_code": "NA"}, "FIPS 10-4 or ISO"),
        ({"location_code": "AGO"}, "location_code AGO but location_name 'Namibia'"),
        ({"location_code": "XYZ"}, "not in the country table"),
        ({"event_type": "weather"}, "none of civilian_targeting"),
        ({"events": -1}, "events -1 is below zero"),
        ({"events": None}, "events is empty"),
        ({"events": 1.5}, "events '1.5' is not a whole number"),
        ({"fatalities": "many"}, "fatalities 'many' is not a whole number"),
        ({"reference_period_start": "2026-02-30T00:00:00"}, "is not a date"),
        ({"reference_period_end": "2026-02-01T00:00:00"}, "is before reference_period_start"),
        ({"reference_period_start": "2028-03-01T00:00:00"}, "lies in the future"),
        ({"location_name": "\ud800"}, "half a character"),
        ({"error": "Cannot match area"}, "marked as an error by HDX: Cannot match area"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_reason(change: dict[str, Any], why: str) -> None:
    good = [ROW | {"admin2_code": f"NA{n:04}"} for n in range(150)]
    with far(Sums([*good, ROW | change])) as up:
        found, gathered = only(Hapi(base=up.base), asking(up))
    assert (len(found), gathered.report.refused_rows) == (150, 1)
    assert (
        gathered.report.refused[0][0] == "conflict-events, row 151" and why in gathered.report.refused[0][1]
    )


def test_an_answer_without_the_columns_is_no_answer() -> None:
    lacking = pytest.raises(InputError, match="lacks the columns event_type, events")
    with far(Sums([{"location_code": "NAM", "population": 5}])) as up, lacking:
        only(Hapi(base=up.base), asking(up))


def test_running_twice_changes_nothing_and_a_later_sum_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, sums = open_home(tmp_path), Sums([ROW])
    with far(sums) as up:
        monkeypatch.setattr(flow, "source_named", lambda _: Hapi(base=up.base))
        later = RECORDED + timedelta(days=30)
        runs = [flow.gather(home, "hapi", asking(up))]
        sums.rows = [ROW | {"admin2_ref": 99}]
        runs.append(flow.gather(home, "hapi", asking(up, recorded=later)))
        sums.rows = [ROW | {"events": 5}]
        runs.append(flow.gather(home, "hapi", asking(up, recorded=later)))
    assert [run.written["incidents"] for run in runs] == [1, 0, 1]
    assert [i.count for i in home.lake.read("incidents", RECORDED)] == [4]
    assert [i.count for i in home.lake.read("incidents", later)] == [5]


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(list(ROW)), CELLS, max_size=5) | CELLS, max_size=5))
def test_any_row_is_used_ignored_or_refused(shared_far: Far, changes: list[Any]) -> None:
    rows = [ROW | c | {"admin2_code": f"{n}"} if isinstance(c, dict) else c for n, c in enumerate(changes)]
    shared_far.answer.rows = rows  # type: ignore[attr-defined]
    (gathered,) = Hapi(base=shared_far.base).read(asking(shared_far))
    try:
        found = list(gathered.incidents)
    except InputError as error:
        assert "lacks the columns" in str(error) and not any(isinstance(c, dict) for c in changes)
        return
    assert gathered.report.used == len(found) and gathered.report.rows_read == len(rows)
    assert not [why for _, why in gathered.report.refused if UNJUDGED in why]


@settings(deadline=None)
@given(ANY_JSON, st.booleans())
def test_any_answer_is_read_or_ends_in_one_clear_line(any_answer: Far, value: Any, inside: bool) -> None:
    any_answer.answer = lambda _: Says({"data": value} if inside else value)
    (gathered,) = Hapi(base=any_answer.base).read(asking(any_answer))
    try:
        found = list(gathered.incidents)
    except InputError as error:
        assert "\n" not in str(error) and gathered.report.stopped
        return
    assert found == [] and value == []


@pytest.fixture(scope="module")
def any_answer() -> Iterator[Far]:
    with far(lambda _: Says()) as up:
        yield up
