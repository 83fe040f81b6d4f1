"""ACLED through an account: token, pages, changes, limits and deletions. Every row here is invented."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
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
from tocsin.sources.contract import UNJUDGED
from tocsin.sources.feeds.acled import Acled, parts
from tocsin.sources.feeds.acled_row import COLUMNS
from tocsin.store.home import open_home

USER, PASSWORD = "desk@example.org", "pass word & more"
NOW = int(RECORDED.timestamp())
DAY = 24 * 3600
SINCE = date(2026, 1, 1)
ROW: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {
    "event_id_cnty": "NAM1",
    "event_date": "2026-03-04",
    "year": 2026,
    "time_precision": 1,
    "disorder_type": "Political violence",
    "event_type": "Violence against civilians",
    "sub_event_type": "Attack",
    "actor1": "Armed Group",
    "inter1": "Rebel group",
    "actor2": "Civilians (Namibia)",
    "inter2": "Civilians",
    "interaction": "Rebel group-Civilians",
    "civilian_targeting": "Civilian targeting",
    "iso": 516,
    "region": "Southern Africa",
    "country": "Namibia",
    "admin1": "Khomas",
    "location": "Windhoek",
    "latitude": "-22.5594",
    "longitude": "17.0832",
    "geo_precision": 1,
    "source": "A newspaper; Another",
    "source_scale": "National",
    "notes": "An invented note.",
    "fatalities": 3,
    "timestamp": NOW - 30 * DAY,
}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_ACLED_USER", USER)
    monkeypatch.setenv("TOCSIN_ACLED_PASSWORD", PASSWORD)


class Service:
    """The account's side of ACLED: tokens, pages of rows, deleted rows; `lasts` is the life of a token."""

    def __init__(self, *rows: Any, size: int = 5000) -> None:
        self.rows, self.size = list(rows), size
        self.deleted: list[Any] = []
        self.tokens = 0
        self.lasts: Any = 86400
        self.renewals = True
        self.until = ""
        self.more: dict[str, Any] = {}

    def __call__(self, asked: Asked) -> Says:
        if asked.path == "/oauth/token":
            return self.token(asked)
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return Says(status=401)
        kept = (
            self.deleted if "deleted" in asked.path else [r for r in self.rows if self.wanted(r, asked.query)]
        )
        start = (int(asked.query["page"]) - 1) * self.size
        rows = kept[start : start + self.size]
        limits = (
            {"date_recency": {"quantity": 12, "unit": "Months", "date": self.until}} if self.until else {}
        )
        wrapper = {"status": 200, "success": True, "last_update": 1, "count": len(rows), "messages": []}
        return Says(wrapper | {"data": rows, "data_query_restrictions": limits} | self.more)

    def token(self, asked: Asked) -> Says:
        entered = asked.form == {
            "username": USER,
            "password": PASSWORD,
            "grant_type": "password",
            "client_id": "acled",
        }
        renewed = self.renewals and asked.form == {
            "refresh_token": f"renewal-{self.tokens}",
            "grant_type": "refresh_token",
            "client_id": "acled",
        }
        if not entered and not renewed:
            return Says(status=400)
        self.tokens += 1
        tokens = {"access_token": f"token-{self.tokens}", "refresh_token": f"renewal-{self.tokens}"}
        return Says(tokens | {"token_type": "Bearer", "expires_in": self.lasts})

    def wanted(self, row: Any, query: dict[str, str]) -> bool:
        if not isinstance(row, dict):
            return True
        if self.until and row["event_date"] > self.until:
            return False
        if "year" in query:
            return str(row["year"]) == query["year"]
        if "timestamp" in query:
            return int(row["timestamp"]) >= int(query["timestamp"])
        first, last = query["event_date"].split("|")
        return first <= str(row["event_date"]) <= last


@pytest.fixture
def service() -> Iterator[tuple[Service, Far]]:
    acled = Service(ROW)
    with far(acled) as up:
        yield acled, up


def reads(server: Far) -> list[dict[str, str]]:
    """What was asked of the events, without what every request says, first pages alone."""
    asked = [a.query for a in server.asked if a.path.endswith("acled/read") and a.query["page"] == "1"]
    return [{n: v for n, v in q.items() if n not in ("_format", "limit", "page")} for q in asked]


def gather(monkeypatch: pytest.MonkeyPatch, home: Any, server: Far, **changes: Any) -> flow.Gathering:
    monkeypatch.setattr(flow, "source_named", lambda _: Acled(base=server.base))
    return flow.gather(home, "acled", asking(server, since=SINCE, **changes))


def test_a_row_becomes_an_incident_with_what_the_publisher_says_and_no_more(
    service: tuple[Service, Far],
) -> None:
    _, up = service
    (found, first), *_ = steps(Acled(base=up.base), asking(up, since=SINCE))
    (one,) = found
    assert (one.external_id, one.kind, one.root) == (
        "NAM1",
        "Violence against civilians/Attack",
        "Violence against civilians",
    )
    assert (one.iso3, one.place, one.admin1, one.where_precision) == ("NAM", "Windhoek", "Khomas", "1")
    assert (one.against_civilians, one.deaths, one.count, one.sensitivity) == (True, 3, 1, "restricted")
    assert (one.actor, one.target) == ("Armed Group", "Civilians (Namibia)")
    assert one.reported_by == "A newspaper; Another" and one.columns["inter1"] == "Rebel group"
    assert one.known == one.published and one.known.at == datetime.fromtimestamp(NOW - 30 * DAY, UTC)
    assert first.report.unknown_columns == first.report.missing_columns == ()


def test_a_first_run_reads_year_by_year_then_changes_and_deletions(service: tuple[Service, Far]) -> None:
    _, up = service
    done = steps(Acled(base=up.base), asking(up, since=date(2024, 6, 1)))
    assert reads(up) == [
        {"year": "2024"},
        {"year": "2025"},
        {"year": "2026"},
        {"timestamp": str(NOW - DAY), "timestamp_where": ">="},
    ]
    deleted = [a.query for a in up.asked if a.path.endswith("deleted/read")]
    assert deleted[0]["deleted_timestamp"] == str(NOW - DAY)
    cursors = [dict(step.cursor) for _, step in done]
    stamp = str(NOW - DAY)
    assert cursors == [
        {},
        {"year 2025": stamp},
        {"year 2026": stamp},
        {"timestamp": stamp},
        {"deleted": stamp},
    ]


def test_without_a_day_to_begin_the_years_begin_in_1997() -> None:
    asked = [part.query for part in parts(asking(None))]
    assert asked[0] == {"year": "1997"} and asked[-3] == {"year": "2026"}


def test_later_runs_read_what_changed_since(service: tuple[Service, Far]) -> None:
    _, up = service
    cursor = {"year 2026": str(NOW - 9 * DAY), "timestamp": str(NOW - 5 * DAY), "deleted": str(NOW - 3 * DAY)}
    steps(Acled(base=up.base), asking(up, since=SINCE, cursor=cursor))
    assert reads(up) == [{"timestamp": str(NOW - 5 * DAY), "timestamp_where": ">="}]
    assert up.asked[-1].query["deleted_timestamp"] == str(NOW - 3 * DAY)


def test_a_run_that_was_cut_off_goes_on_with_the_year_it_had_not_finished() -> None:
    cursor = {f"year {y}": str(NOW - 9 * DAY) for y in range(1997, 2025)}
    asked = [part.query for part in parts(asking(None, cursor=cursor))]
    assert asked[:2] == [{"year": "2025"}, {"year": "2026"}]
    assert asked[2]["timestamp"] == str(NOW - 9 * DAY), "what changed since the first year was read"


def test_events_that_an_account_could_not_see_are_read_once_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: tuple[Service, Far]
) -> None:
    acled, up = service
    acled.rows.append(ROW | {"event_id_cnty": "NAM2", "event_date": "2026-07-01"})
    acled.until = "2026-05-31"
    home = open_home(tmp_path)
    first = gather(monkeypatch, home, up)
    assert first.written["incidents"] == 1
    assert "may read events until 2026-05-31 only" in str(first.report.notes)
    assert home.sources.cursor("acled")["until"] == "2026-05-31"
    acled.until = "2026-07-31"
    second = gather(monkeypatch, home, up, recorded=RECORDED + timedelta(days=60))
    assert second.written["incidents"] == 1, "its time stamp is older than the last run"
    assert {"event_date": "2026-05-31|2027-01-19", "event_date_where": "BETWEEN"} in reads(up)
    acled.until = ""
    gather(monkeypatch, home, up, recorded=RECORDED + timedelta(days=61))
    assert home.sources.cursor("acled")["until"] == ""


def test_other_limits_and_messages_are_told_without_secrets(service: tuple[Service, Far]) -> None:
    acled, up = service
    acled.more = {
        "data_query_restrictions": {"country": ["Namibia"]},
        "messages": ["hello token-1 Bearer token-1"],
    }
    (_, first), *_ = steps(Acled(base=up.base), asking(up, since=SINCE))
    told = str(first.report.notes)
    assert 'restricted: {"country": ["Namibia"]}' in told and "ACLED says:" in told and "token-1" not in told


@pytest.mark.parametrize("size", [5000, 2, 1])
def test_all_pages_are_read_also_when_the_server_gives_less_than_asked(size: int) -> None:
    with far(Service(*(ROW | {"event_id_cnty": f"NAM{n}"} for n in range(5)), size=size)) as up:
        (found, _), *_ = steps(Acled(base=up.base), asking(up, since=SINCE))
        assert [i.external_id for i in found] == [f"NAM{n}" for n in range(5)]
        assert {a.query["limit"] for a in up.asked if a.method == "GET"} == {"5000"}


def test_a_server_that_repeats_its_pages_is_stopped(service: tuple[Service, Far]) -> None:
    acled, up = service
    acled.more = {"data": [ROW]}
    first = next(Acled(base=up.base).read(asking(up, since=SINCE)))
    with pytest.raises(InputError, match="repeats rows of earlier pages"):
        list(first.incidents)
    assert first.cursor == {}, "what was not written is asked for again"


def test_a_token_serves_a_whole_run_and_one_that_ends_is_renewed(service: tuple[Service, Far]) -> None:
    acled, up = service
    steps(Acled(base=up.base), asking(up, since=SINCE))
    assert acled.tokens == 1
    acled.lasts = 0
    steps(Acled(base=up.base), asking(up, since=SINCE))
    grants = [a.form["grant_type"] for a in up.asked if a.method == "POST"]
    assert grants[:3] == ["password", "password", "refresh_token"] and grants.count("password") == 2


def test_a_renewal_that_is_refused_falls_back_to_the_password(service: tuple[Service, Far]) -> None:
    acled, up = service
    acled.lasts, acled.renewals = 0, False
    done = steps(Acled(base=up.base), asking(up, since=SINCE))
    assert not [step.report.stopped for _, step in done if step.report.stopped]
    assert [a.form["grant_type"] for a in up.asked if a.method == "POST"][:3] == [
        "password",
        "refresh_token",
        "password",
    ]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_password_says_what_to_check_and_is_not_shown(status: int) -> None:
    with far(lambda _: Says(status=status)) as up:
        first = next(Acled(base=up.base).read(asking(up, since=SINCE)))
        with pytest.raises(
            SourceStopped, match="check TOCSIN_ACLED_USER and TOCSIN_ACLED_PASSWORD"
        ) as raised:
            list(first.incidents)
    assert PASSWORD not in str(raised.value) and USER not in str(raised.value)


@pytest.mark.parametrize("missing", ["ACLED_USER", "ACLED_PASSWORD"])
def test_without_an_account_it_says_what_to_set(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"TOCSIN_{missing}")
    with far(lambda _: Says(status=500)) as up:
        first = next(Acled(base=up.base).read(asking(up, since=SINCE)))
        with pytest.raises(SourceStopped, match=f"set TOCSIN_{missing}, or write a line"):
            list(first.incidents)
        assert up.asked == []


@pytest.mark.parametrize("answer", [{}, {"access_token": 5}, {"access_token": ""}, {"access_token": "a\nb"}])
def test_an_answer_without_a_token_is_none(answer: dict[str, Any]) -> None:
    with far(lambda _: Says(answer)) as up:
        first = next(Acled(base=up.base).read(asking(up, since=SINCE)))
        with pytest.raises(InputError, match="gave no access token"):
            list(first.incidents)


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_what_the_far_side_may_do_ends_in_one_clear_line(name: str) -> None:
    says, words = BAD_ANSWERS[name]
    acled = Service(ROW)
    with far(lambda asked: acled(asked) if asked.method == "POST" else says) as up:
        first = next(Acled(base=up.base).read(asking(up, since=SINCE)))
        with pytest.raises((InputError, SourceStopped, FetchFailed), match=words):
            list(first.incidents)
    assert first.report.stopped and "\n" not in first.report.stopped and "token-1" not in first.report.stopped


@pytest.mark.parametrize(
    "more", [{"success": False, "messages": ["quota"]}, {"status": 403, "error": "no"}, {"success": False}]
)
def test_a_failure_inside_a_good_answer_stops(service: tuple[Service, Far], more: dict[str, Any]) -> None:
    acled, up = service
    acled.more = more
    first = next(Acled(base=up.base).read(asking(up, since=SINCE)))
    with pytest.raises(InputError, match="reports a failure"):
        list(first.incidents)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"event_id_cnty": ""}, "event_id_cnty is empty"),
        ({"event_date": "04 March 2026"}, "is not a date of the form YYYY-MM-DD"),
        ({"event_date": "2027-03-04", "year": 2026}, "lies in the future"),
        ({"event_date": "2025-03-04"}, "are the columns shifted?"),
        ({"time_precision": 4}, "time_precision '4' is none of 1, 2, 3"),
        ({"fatalities": -2}, "fatalities -2 is below zero"),
        ({"fatalities": "several"}, "fatalities 'several' is not a whole number"),
        ({"latitude": "-98.1"}, "degrees up to 90"),
        ({"longitude": ""}, "one of them is empty"),
        ({"iso": 729}, "country 'Namibia' is NAM but iso 729 is SDN"),
        ({"iso": "NA"}, "numbers of ISO 3166, not letters"),
        ({"country": "Atlantis", "iso": 9999}, "is not in the country table"),
        ({"timestamp": (NOW - DAY) * 1000}, "is no time in seconds since 1970"),
        ({"timestamp": "yesterday"}, "timestamp 'yesterday' is not a whole number"),
        ({"notes": "\udfff"}, "half a character"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_reason(change: dict[str, Any], why: str) -> None:
    good = [ROW | {"event_id_cnty": f"NAM{n}"} for n in range(150)]
    acled = Service()
    acled.more = {}
    pages = {"1": [*good, ROW | change]}

    def answer(asked: Asked) -> Says:
        return acled(asked) if asked.method == "POST" else Says({"data": pages.get(asked.query["page"], [])})

    with far(answer) as up:
        first = next(Acled(base=up.base).read(asking(up, since=SINCE)))
        assert len(list(first.incidents)) == 150
    assert first.report.refused_rows == 1 and why in first.report.refused[0][1]


def test_what_is_not_stated_is_unknown_and_what_is_less_exact_is_longer() -> None:
    rows = [
        ROW | {"event_id_cnty": "1", "fatalities": "", "civilian_targeting": ""},
        ROW | {"event_id_cnty": "2", "time_precision": 3},
        {n: v for n, v in ROW.items() if n not in ("sub_event_type", "iso")} | {"event_id_cnty": "3"},
        ROW | {"event_id_cnty": "4", "civilian_targeting": None, "fatalities": None},
    ]
    with far(Service(*rows, size=1)) as up:
        (found, first), *_ = steps(Acled(base=up.base), asking(up, since=SINCE))
    one, two, three, four = found
    assert four.against_civilians is four.deaths is None
    assert (one.deaths, one.against_civilians) == (None, False)
    assert (two.happened.start, two.happened.end) == (date(2026, 3, 1), date(2026, 3, 31))
    assert two.happened.precision is Precision.MONTH
    assert (three.kind, three.iso3) == ("Violence against civilians", "NAM")
    assert set(first.report.missing_columns) == {"sub_event_type", "iso"}


def test_columns_that_nobody_knows_are_told_and_known_additions_are_not() -> None:
    with far(Service(ROW | {"population_best": 100, "mood": "grim"})) as up:
        (found, first), *_ = steps(Acled(base=up.base), asking(up, since=SINCE))
    assert first.report.unknown_columns == ("mood",)
    assert (found[0].columns["population_best"], found[0].columns["mood"]) == ("100", "grim")


def test_running_twice_changes_nothing_a_change_replaces_and_a_deletion_withdraws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: tuple[Service, Far]
) -> None:
    acled, up = service
    home = open_home(tmp_path)
    later = RECORDED + timedelta(days=7)
    first, second = gather(monkeypatch, home, up), gather(monkeypatch, home, up)
    acled.rows = [ROW | {"fatalities": 5, "timestamp": NOW + DAY}]
    acled.deleted = [{"event_id_cnty": "NAM9", "deleted_timestamp": str(NOW + DAY)}]
    third, fourth = (gather(monkeypatch, home, up, recorded=later) for _ in range(2))
    assert [run.written["incidents"] for run in (first, second, third, fourth)] == [1, 0, 1, 0]
    assert [run.written["withdrawals"] for run in (first, second, third, fourth)] == [0, 0, 1, 0]
    assert [i.deaths for i in home.lake.read("incidents", RECORDED)] == [3]
    (stands,) = home.lake.read("incidents", later)
    assert stands.deaths == 5 and stands.replaces
    (gone,) = home.lake.read("withdrawals", later)
    assert (gone.source, gone.external_id, gone.record, gone.by) == ("acled", "NAM9", "", "acled")
    assert gone.known.at == datetime.fromtimestamp(NOW + DAY, UTC)
    assert home.lake.read("events", later) == []


def test_deleted_rows_that_cannot_be_true_are_refused(service: tuple[Service, Far]) -> None:
    acled, up = service
    acled.deleted = [
        {"event_id_cnty": "NAM9", "deleted_timestamp": NOW},
        {"event_id_cnty": "NAM8", "deleted_timestamp": "soon"},
        {"event_id_cnty": "", "deleted_timestamp": NOW},
        "no object",
    ]
    *_, (gone, last) = steps(Acled(base=up.base), asking(up, since=SINCE))
    assert [w.external_id for w in gone] == ["NAM9"]
    assert (last.report.rows_read, last.report.refused_rows) == (4, 3)


def test_an_exported_table_says_the_same_as_the_interface(
    tmp_path: Path, service: tuple[Service, Far]
) -> None:
    acled, up = service
    acled.rows = [{name: value for name, value in ROW.items() if value != ""}]
    (found, _), *_ = steps(Acled(base=up.base), asking(up, since=SINCE))
    path = tmp_path / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [*reversed(COLUMNS)], delimiter=";")
        writer.writeheader()
        writer.writerow(ROW)
    exported, gathered = only(Acled(), asking(None, paths=(path,)))
    assert exported == found and gathered.report.refused_rows == 0
    path.write_bytes(b"<html>sign in</html>")
    with pytest.raises(InputError, match="web page or JSON"):
        only(Acled(), asking(None, paths=(path,)))


def test_nothing_of_it_is_written_outside_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: tuple[Service, Far]
) -> None:
    """Tokens, pages and rows lie in no other file, and no token lies in the home."""
    _, up = service
    for name in ("cwd", "tmp", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    for name, folder in (("TMPDIR", "tmp"), ("XDG_CACHE_HOME", "cache"), ("HOME", "cwd")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    home = open_home(tmp_path / "home")
    gather(monkeypatch, home, up)
    home.close()
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and tmp_path / "home" not in p.parents]
    assert outside == []
    kept = [p.read_bytes() for p in (tmp_path / "home").rglob("*") if p.is_file()]
    assert not [b for b in kept if b"token-1" in b or b"renewal-1" in b or PASSWORD.encode() in b]


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just([{"a": 1}])


class Anything(Service):
    """Answers with given rows on its first page, and with whatever else it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.first: list[Any] = []
        self.tokens_more: dict[str, Any] = {}

    def __call__(self, asked: Asked) -> Says:
        if asked.method == "POST":
            return Says(self.token(asked).body | self.tokens_more)
        first = asked.query["page"] == "1"
        return Says({"data": self.first if first else []} | (self.more if first else {}))


@pytest.fixture(scope="module")
def any_far() -> Iterator[Far]:
    with far(Anything()) as up:
        yield up


WRAPPER = ("status", "success", "messages", "error", "data", "data_query_restrictions", "count")
TOKEN = ("access_token", "refresh_token", "expires_in", "token_type")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(WRAPPER), ANY_JSON), st.dictionaries(st.sampled_from(TOKEN), ANY_JSON))
def test_any_answer_is_read_or_ends_in_one_clear_line(
    any_far: Far, more: dict[str, Any], token: dict[str, Any]
) -> None:
    acled: Any = any_far.answer
    acled.more, acled.tokens_more, acled.first = more, token, [ROW]
    try:
        for rows, taken in steps(Acled(base=any_far.base), asking(any_far, since=SINCE)):
            assert taken.report.used == len(rows)
    except (InputError, SourceStopped, FetchFailed) as error:
        assert "\n" not in str(error)
    finally:
        acled.more, acled.tokens_more = {}, {}


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), CELLS, max_size=5) | CELLS, max_size=5))
def test_any_row_is_used_ignored_or_refused(any_far: Far, changes: list[Any]) -> None:
    rows = [
        {**ROW, "event_id_cnty": f"N{n}", **c} if isinstance(c, dict) else c for n, c in enumerate(changes)
    ]
    any_far.answer.first = rows  # type: ignore[attr-defined]
    first = next(Acled(base=any_far.base).read(asking(any_far)))
    try:
        found = list(first.incidents)
    except InputError as error:
        assert "lacks the columns" in str(error) and not any(isinstance(c, dict) for c in changes)
        return
    assert first.report.used == len(found) and first.report.rows_read == len(rows)
    assert not [why for _, why in first.report.refused if UNJUDGED in why]


def test_countries_that_are_asked_for_alone_have_a_cursor_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: tuple[Service, Far]
) -> None:
    _, up = service
    home = open_home(tmp_path)
    gather(monkeypatch, home, up, only=("NAM",))
    assert {a.query["iso"] for a in up.asked if a.path.endswith("acled/read")} == {"516"}
    assert set(home.sources.cursor("acled")) == {"NAM year 2026", "NAM timestamp", "NAM deleted"}
    up.asked.clear()
    gather(monkeypatch, home, up)
    assert reads(up)[0] == {"year": "2026"}, "one country is not all"
    stopped = gather(monkeypatch, home, up, only=("NAMIBIA",))
    assert "unknown country 'NAMIBIA'" in stopped.report.stopped
