"""The source `reliefweb`, against a real server: what is new, what changed, what is gone, and what lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.net.server import Waits
from tests.sources.given import RECORDED, request
from tests.sources.relief import Relief, relief, row
from tocsin.errors import InputError, SourceStopped
from tocsin.net import GuardedFetcher, Limits
from tocsin.net.manners import Manners
from tocsin.sources import Record, fact_sheet
from tocsin.sources.contract import SourceReport, merged
from tocsin.sources.feeds import reliefweb
from tocsin.sources.feeds.reliefweb import ReliefWeb
from tocsin.sources.feeds.reliefweb_row import FIELDS, record, report
from tocsin.sources.withdrawal import Withdrawal

APP = "an-approved-name-4711"
DAY = "2026-11-18T{:02}:00:00+00:00"


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_RELIEFWEB_APPNAME", APP)


@pytest.fixture
def server() -> Iterator[Relief]:
    with relief() as up:
        yield up


class Run:
    """All steps of one run, read to their ends; each cursor kept as the log of sources keeps it."""

    def __init__(
        self, server: Relief, cursor: Mapping[str, str] | None = None, days: int = 0, **given: Any
    ) -> None:
        fetch = GuardedFetcher(Limits(), allow=[server.host], manners=Manners(wait=Waits()))
        at = RECORDED + timedelta(days=days)
        asked = replace(request(fetch=fetch), recorded=at, cursor=dict(cursor or {}), **given)
        self.records: list[Record] = []
        self.withdrawals: list[Withdrawal] = []
        self.cursor = dict(cursor or {})
        reports: list[SourceReport] = []
        for step in ReliefWeb(f"http://{server.host}").read(asked):
            self.records += step.records
            self.withdrawals += step.withdrawals
            self.cursor |= step.cursor
            reports.append(step.report)
        self.steps = len(reports)
        self.report = merged("reliefweb", reports)

    @property
    def ids(self) -> list[str]:
        return [r.external_id for r in self.records]


def test_a_report_is_a_record_of_its_own_publisher(server: Relief) -> None:
    server.rows = [row(7, DAY.format(9))]
    (found,) = Run(server).records
    assert (found.external_id, found.title, found.text) == ("7", "Report 7", "Words of report 7.")
    assert (found.origin, found.language) == ("body.example", "en"), "not reliefweb.int"
    assert found.address == "https://reliefweb.int/report/7"
    assert (str(found.published), str(found.known)) == ("2026-11-18", DAY.format(9))
    assert found.licence == fact_sheet("reliefweb").licence and not fact_sheet("reliefweb").shareable


def test_the_name_goes_out_and_is_shown_nowhere(server: Relief) -> None:
    server.rows = [row(1, DAY.format(1))]
    Run(server)
    assert {pairs["appname"] for pairs in server.asked} == {APP}
    server.status[""] = 403
    with pytest.raises(SourceStopped) as stopped:
        Run(server)
    assert APP not in str(stopped.value) and "has not approved" in str(stopped.value)


def test_without_a_name_nothing_is_asked(server: Relief, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_RELIEFWEB_APPNAME")
    with pytest.raises(SourceStopped, match="set TOCSIN_RELIEFWEB_APPNAME"):
        Run(server)
    assert server.asked == []


def test_pages_follow_each_other_and_a_later_run_goes_on(
    server: Relief, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reliefweb, "MOST_ROWS", 3)
    server.rows = [row(n, DAY.format(n // 2)) for n in range(8)]
    first = Run(server)
    assert sorted(first.ids, key=int) == [str(n) for n in range(8)] and len(set(first.ids)) == len(first.ids)
    server.rows.append(row(9, DAY.format(20)))
    then = Run(server, first.cursor, days=1)
    assert "9" in then.ids and not {"0", "1", "2"} & set(then.ids)
    assert first.cursor["created"] == DAY.format(3) and then.cursor["created"] == DAY.format(20)


def test_many_reports_of_one_instant_are_all_read(server: Relief, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reliefweb, "MOST_ROWS", 2)
    server.rows = [row(n, DAY.format(5)) for n in range(7)]
    assert sorted(set(Run(server).ids), key=int) == [str(n) for n in range(7)]


def test_a_changed_report_comes_again_known_when_it_was_changed(server: Relief) -> None:
    server.rows = [row(1, DAY.format(1)), row(2, DAY.format(2))]
    first = Run(server)
    later = (RECORDED + timedelta(hours=30)).isoformat()
    server.rows[0] = row(1, DAY.format(1), body="Other words.", date={"changed": later})
    then = Run(server, first.cursor, days=2)
    (changed,) = [r for r in then.records if r.external_id == "1"]
    assert changed.text == "Other words." and str(changed.known) == later
    assert changed.id != first.records[0].id


def test_a_new_label_on_the_same_words_is_no_correction(server: Relief) -> None:
    once = record(report(row(1, DAY.format(1)), "x"), fact_sheet("reliefweb"), RECORDED)
    again = row(1, DAY.format(1), theme=[{"name": "A theme"}], date={"changed": DAY.format(20)})
    assert record(report(again, "x"), fact_sheet("reliefweb"), RECORDED).id == once.id


def test_a_report_that_is_gone_is_withdrawn(server: Relief) -> None:
    server.rows = [row(n, DAY.format(n)) for n in range(4)]
    first = Run(server)
    del server.rows[1]
    server.status["1"] = 410
    then = Run(server, first.cursor, days=1)
    (taken,) = then.withdrawals
    assert (taken.source, taken.external_id) == ("reliefweb", "1") and "410" in taken.why
    assert Run(server, then.cursor, days=1).withdrawals == [], "it is told once"


def test_a_report_that_is_only_not_listed_is_no_withdrawal(server: Relief) -> None:
    server.rows = [row(n, DAY.format(n)) for n in range(4)]
    first = Run(server)
    server.bend = lambda answer: (
        answer | {"data": [r for r in answer["data"] if r["id"] != "1"], "count": None}
    )
    server.status["1"] = 200
    assert Run(server, first.cursor, days=1).withdrawals == []
    assert "/v2/reports/1" in server.paths


def test_silence_of_the_whole_list_withdraws_nothing(server: Relief) -> None:
    server.rows = [row(n, DAY.format(n)) for n in range(4)]
    first = Run(server)
    server.bend = lambda _: {"totalCount": 0, "count": 0, "data": []}
    then = Run(server, first.cursor, days=1)
    assert then.withdrawals == [] and then.records == []


def test_reports_that_are_named_are_asked_for_again(server: Relief) -> None:
    server.rows = [row(5, DAY.format(5))]
    run = Run(server, only=("5", "6"))
    assert run.ids == ["5"] and [w.external_id for w in run.withdrawals] == ["6"]
    with pytest.raises(SourceStopped, match="is no id of a report"):
        Run(server, only=("../secrets",))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "changed its parameters"),
        (403, "has not approved the application name"),
        (404, "no longer at this address"),
        (410, "this version of the interface is closed"),
        (429, "1000 a day are granted"),
        (500, "500"),
    ],
)
def test_a_refusal_stops_the_source_with_what_to_do(server: Relief, status: int, said: str) -> None:
    server.status[""] = status
    with pytest.raises(SourceStopped, match=said):
        Run(server)


def _without(name: str) -> Any:
    return lambda answer: {k: v for k, v in answer.items() if k != name}


@pytest.mark.parametrize(
    ("bend", "said"),
    [
        (lambda _: b"<html>Maintenance</html>", "a web page, not JSON"),
        (lambda _: b'{"data": [{"id": "1", "fie', "is not JSON"),
        (lambda _: [], "another layout"),
        (_without("data"), "another layout"),
        (lambda a: a | {"count": 9}, "claims 9 reports and holds 3"),
        (lambda a: a | {"data": [], "count": 0}, "claims 3 reports and ends after 0"),
        (lambda a: a | {"data": a["data"][::-1]}, "not come in the order"),
        (lambda a: a | {"data": a["data"] * 400, "count": 1200}, "1000 were asked for"),
    ],
)
def test_an_answer_that_is_none_or_lies_stops_the_source(server: Relief, bend: Any, said: str) -> None:
    server.rows = [row(n, DAY.format(n)) for n in range(1, 4)]
    server.bend = bend
    with pytest.raises(SourceStopped, match=said):
        Run(server)


def test_a_total_that_claims_too_much_ends_in_a_line_and_not_in_a_circle(server: Relief) -> None:
    server.rows = [row(n, DAY.format(n)) for n in range(1, 4)]
    server.bend = lambda a: a | {"totalCount": 5000}
    with pytest.raises(SourceStopped, match="claims 5000"):
        Run(server)
    assert len(server.asked) < 10


def test_a_total_that_claims_too_little_loses_nothing(server: Relief) -> None:
    server.rows = [row(n, DAY.format(n)) for n in range(1, 4)]
    server.bend = lambda a: a | {"totalCount": 1}
    run = Run(server)
    assert run.ids == ["1", "2", "3"] and "claims 1 reports and gave 3" in " ".join(run.report.notes)


def test_a_server_that_gives_fewer_than_were_asked_for_is_read_to_its_end(server: Relief) -> None:
    server.most = 2
    server.rows = [row(n, DAY.format(n)) for n in range(7)]
    assert sorted(set(Run(server).ids), key=int) == [str(n) for n in range(7)]


def test_the_calls_of_a_day_are_counted(server: Relief) -> None:
    server.rows = [row(1, DAY.format(1))]
    assert Run(server).cursor["calls"] == "2026-11-20 2"
    assert Run(server, {"calls": "2026-11-20 40"}).cursor["calls"] == "2026-11-20 42"
    assert Run(server, {"calls": "2026-11-20 40"}, days=1).cursor["calls"] == "2026-11-21 2"
    with pytest.raises(SourceStopped, match="calls of 2026-11-20 are used up"):
        Run(server, {"calls": "2026-11-20 1000"})


def test_since_looks_further_back_and_never_leaves_a_gap(server: Relief) -> None:
    old, new = row(1, "2019-05-01T10:00:00+00:00"), row(2, DAY.format(2))
    server.rows = [old, new]
    assert Run(server).ids == ["2"]
    assert Run(server, since=date(2019, 1, 1)).ids == ["1", "2"]
    run = Run(server, {"created": DAY.format(1)}, since=date(2026, 11, 19))
    assert run.report.ignored == {"published before 2026-11-19": 1} and run.cursor["created"] == DAY.format(2)


def test_offline_and_files_stop_the_source(server: Relief) -> None:
    with pytest.raises(SourceStopped, match="offline"):
        Run(server, offline=True)
    with pytest.raises(SourceStopped, match="leave --from out"):
        Run(server, paths=("x.json",))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"date": {"created": "soon"}}, "date.created 'soon' is no date"),
        ({"title": ["x"]}, "title is no text"),
        ({"title": "", "body": ""}, "no title and no text"),
        ({"url": "javascript:x", "url_alias": ""}, "has no address"),
        ({"source": "AB"}, "source is no list"),
        ({"source": [3]}, "another layout"),
        ({"body": "half \ud800"}, "half a character"),
    ],
)
def test_a_row_that_is_wrong_is_refused_by_its_id(server: Relief, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError) as raised:
        report(row(8, DAY.format(8), **fields), "x")
    assert why in raised.value.what and raised.value.where == "report 8"


def test_what_a_report_states_is_taken_as_stated() -> None:
    two = row(1, DAY.format(1), language=[{"code": "fr"}, {"code": "en"}], body="")
    two["fields"] |= {"body-html": "<p>Des mots.</p>", "headline": {"title": "x"}}
    two["fields"]["source"] = [{"name": "Another Body"}, {"homepage": "https://www.body.example"}]
    found = report(two, "x")
    assert (found.language, found.text, found.origin) == ("", "Des mots.", "another body")
    assert found.unknown == ("headline",)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from([*FIELDS, "date", "source", "id", "fields"]), _VALUES)
def test_any_value_in_any_place_is_a_record_or_an_error_of_the_house(name: str, value: Any) -> None:
    given = row(1, DAY.format(1))
    if name in ("id", "fields"):
        given[name] = value
    else:
        given["fields"][name.partition(".")[0]] = value
    try:
        found = record(report(given, "x"), fact_sheet("reliefweb"), RECORDED)
    except InputError:
        return
    assert found.known and found.known.end <= RECORDED and found.external_id.isdigit()
