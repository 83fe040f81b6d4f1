"""The interface of UCDP: complete releases, the same events as from files, and no other host."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.sources.event_server import ANY_JSON, BAD_ANSWERS, Asked, Far, Says, asking, far
from tests.sources.given import events, ged_row, write
from tocsin import flow
from tocsin.errors import FetchFailed, InputError, SourceStopped
from tocsin.net import GuardedFetcher
from tocsin.net.manners import Manners
from tocsin.sources import catalog, source
from tocsin.sources.contract import UNJUDGED
from tocsin.sources.feeds.ucdp import Ucdp
from tocsin.store.home import open_home

CANDIDATE = "data/ucdp_candidate/candidate_v26_0_2_full49.parquet"
TOKEN = "a-token-that-nobody-may-see"
DAYS = {"year": "2026", "date_start": "2026-01-05", "date_end": "2026-01-05", "code_status": "Candidate"}


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_UCDP_TOKEN", TOKEN)


class Pages:
    """Releases behind the interface, cut into pages; `change` spoils an answer before it goes out."""

    def __init__(self, releases: Mapping[str, Sequence[Any]] | None = None, size: int = 1000) -> None:
        self.releases = dict(releases or {})
        self.size = size
        self.base = ""
        self.change: Any = lambda answer, page: answer

    def __call__(self, asked: Asked) -> Says:
        release = asked.path.rpartition("/")[2]
        rows = self.releases.get(release)
        if rows is None:
            return Says(status=404)
        if asked.headers.get("x-ucdp-access-token") != TOKEN:
            return Says(status=401)
        page, pages = int(asked.query["page"]), -(-len(rows) // self.size)
        more = f"{self.base}{asked.path}?pagesize=1000&page={page + 1}" if page + 1 < pages else ""
        answer = {"TotalCount": len(rows), "TotalPages": pages, "PreviousPageUrl": "", "NextPageUrl": more}
        answer["Result"] = rows[page * self.size : (page + 1) * self.size]
        return Says(self.change(answer, page))


def json_row(**values: object) -> dict[str, Any]:
    """An invented row as the interface writes it: numbers as numbers, days as instants."""
    row: dict[str, Any] = dict(ged_row(**(DAYS | values)))
    for name in ("id", "year", "type_of_violence", "country_id", "best", "high", "low", "deaths_civilians"):
        row[name] = int(row[name])
    for name in ("latitude", "longitude"):
        row[name] = float(row[name])
    for name in ("date_start", "date_end"):
        row[name] = f"{row[name][:10]}T00:00:00"
    return row


@pytest.fixture
def three() -> Iterator[tuple[Pages, Far]]:
    """A release of five rows on three pages."""
    pages = Pages({"26.0.1": [json_row(id=n) for n in range(1, 6)]}, 2)
    with far(pages) as up:
        pages.base = up.base
        yield pages, up


@pytest.fixture(scope="module")
def spoilt_far() -> Iterator[Far]:
    with far(Pages()) as up:
        yield up


def step(server: Far, number: int = 1, **changes: Any) -> Any:
    """One step of the source, the annual release being number 0."""
    return list(Ucdp(base=server.base).read(asking(server, **changes)))[number]


def test_the_real_candidate_release_gives_the_same_events_by_file_and_by_interface(tmp_path: Path) -> None:
    path = shared(CANDIDATE)
    table = duckdb.read_parquet(str(path))
    rows = [dict(zip(table.columns, cells, strict=True)) for cells in table.fetchall()]
    for row in rows:
        row |= {n: v.isoformat() for n, v in row.items() if isinstance(v, datetime)}
    pages = Pages({"26.0.2": rows}, 500)
    with far(pages) as up:
        pages.base = up.base
        taken = step(up, 2)
        found = list(taken.events)
    by_file, _ = events(path)
    assert found == by_file and len(found) == 1298
    assert taken.report.refused_rows == 0 and not taken.report.unknown_columns
    padded = [{n: "" if v is None else _padded(n, v) for n, v in row.items()} for row in rows]
    by_bulk, _ = events(write(tmp_path / "GEDEvent_v26_0_2.csv", *padded, columns=tuple(table.columns)))
    assert by_bulk == found


def _padded(name: str, value: Any) -> str:
    """As bulk files write it: six decimals, 0 and 1, days with a midnight."""
    if isinstance(value, bool):
        return str(int(value))
    if name in ("latitude", "longitude"):
        return f"{value:.6f}"
    return f"{str(value)[:10]} 00:00:00.000" if name in ("date_start", "date_end") else str(value)


def test_all_pages_of_a_release_are_one_step(three: tuple[Pages, Far]) -> None:
    _, up = three
    told: list[tuple[str, int, int | None]] = []
    taken = step(up, progress=lambda *what: told.append(what))
    assert [e.external_id for e in taken.events] == ["1", "2", "3", "4", "5"]
    assert [a.query["page"] for a in up.asked] == ["0", "1", "2"]
    assert {a.query["pagesize"] for a in up.asked} == {"1000"}
    assert told[-1] == ("ucdp 26.0.1: pages", 3, 3)


def test_pages_without_end_are_stopped() -> None:
    def answer(asked: Asked) -> Says:
        page = int(asked.query["page"])
        follows = f"http://{asked.headers['host']}{asked.path}?page={page + 1}"
        whole = {"TotalCount": 3, "TotalPages": 3, "NextPageUrl": follows}
        return Says(whole | {"Result": [json_row(id=page + 1)]})

    with far(answer) as up:
        taken = step(up)
        with pytest.raises(InputError, match="4 rows came of 3"):
            list(taken.events)
        assert len(up.asked) == 4


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda a, p: a | {"NextPageUrl": "http://elsewhere.example/api?page=1"}, "is not followed"),
        (lambda a, p: a | {"NextPageUrl": a["NextPageUrl"].replace("26.0.1", "26.0.9")}, "is not followed"),
        (lambda a, p: a | {"NextPageUrl": a["NextPageUrl"].replace("page=1", "page=2")}, "out of order"),
        (lambda a, p: a | {"NextPageUrl": "http://[x/"}, "no address"),
        (lambda a, p: a | {"TotalCount": 5 + p}, "earlier pages said 5"),
        (lambda a, p: a | {"TotalCount": 6}, "5 rows came of 6"),
        (lambda a, p: a | {"TotalCount": 4}, "5 rows came of 4"),
        (lambda a, p: a | {"TotalCount": "many"}, "does not say how many rows"),
        (lambda a, p: a | ({"Result": []} if p == 1 else {}), "is empty, and another page follows"),
        (lambda a, p: a | ({"NextPageUrl": ""} if p == 1 else {}), "4 rows came of 5"),
        (lambda a, p: a | ({"Result": [json_row(id=1)]} if p == 2 else {}), "1 rows came twice"),
    ],
)
def test_pages_that_do_not_make_up_the_release_stop_it(
    three: tuple[Pages, Far], spoil: Any, why: str
) -> None:
    pages, up = three
    pages.change = spoil
    taken = step(up)
    with pytest.raises(InputError, match=why):
        list(taken.events)
    assert why in taken.report.stopped
    assert all(a.path.endswith("26.0.1") for a in up.asked)


@pytest.mark.parametrize("name", [n for n in BAD_ANSWERS if n != "not there"])
def test_what_the_far_side_may_do_ends_in_one_clear_line(name: str) -> None:
    says, words = BAD_ANSWERS[name]
    with far(lambda _: says) as up:
        taken = step(up)
        with pytest.raises((InputError, SourceStopped, FetchFailed), match=words):
            list(taken.events)
    assert taken.report.stopped and "\n" not in taken.report.stopped and TOKEN not in taken.report.stopped


def test_a_refused_token_says_what_to_check_and_is_not_shown() -> None:
    with far(lambda _: Says(status=401)) as up:
        taken = step(up)
        with pytest.raises(SourceStopped, match="check TOCSIN_UCDP_TOKEN"):
            list(taken.events)
        assert up.asked[0].headers["x-ucdp-access-token"] == TOKEN
    assert TOKEN not in str(taken.report)


def test_a_candidate_release_that_is_not_there_is_noted_and_the_next_one_is_read() -> None:
    pages = Pages({"26.0.2": [json_row(id=7)]})
    with far(pages) as up:
        missing, there = step(up, 1), step(up, 2)
        assert list(missing.events) == [] and "26.0.1 is not there" in str(missing.report.notes)
        assert [e.release for e in there.events] == ["26.0.2"]


def test_the_annual_release_is_asked_from_a_day_on_and_keeps_what_reaches_into_it() -> None:
    long = json_row(id=1, year=2024, date_start="2024-11-01", date_end="2025-02-01", date_prec=5)
    old = json_row(id=2, year=2024, date_start="2024-11-01", date_end="2024-11-02")
    with far(Pages({"26.1": [long, old]})) as up:
        taken = step(up, 0, since=date(2025, 1, 1))
        assert [(e.external_id, e.release, e.layer) for e in taken.events] == [("1", "26.1", "annual")]
        assert up.asked[0].query["StartDate"] == "2024-01-01"
    assert taken.report.ignored == {"ended before 2025-01-01": 1}


def test_an_annual_release_that_is_not_there_stops() -> None:
    with far(lambda _: Says(status=404)) as up:
        taken = step(up, 0, since=date(2025, 1, 1))
        with pytest.raises(FetchFailed, match="404"):
            list(taken.events)


def test_bad_rows_are_refused_one_by_one_in_any_order_of_columns_and_rows() -> None:
    good: list[Any] = [json_row(id=n) for n in range(1, 200)]
    turned = [dict(reversed(row.items())) for row in reversed(good)]
    bad: list[Any] = [
        json_row(id=900) | {"latitude": 122.5},
        json_row(id=901) | {"best": -1},
        json_row(id=902) | {"best": None},
    ]
    bad += [
        json_row(id=903) | {"date_start": "2026-13-05T00:00:00"},
        "no object",
        json_row(id=904) | {"side_a": "\ud800"},
    ]
    with far(Pages({"26.0.1": good})) as up, far(Pages({"26.0.1": [*bad, *turned]})) as other:
        plain, mixed = step(up), step(other)
        found, again = list(plain.events), list(mixed.events)
    assert {e.id for e in found} == {e.id for e in again} and len(found) == 199
    whys = [why for _, why in mixed.report.refused]
    assert mixed.report.refused_rows == len(bad) == len(whys)
    for words in (
        "latitude",
        "below zero",
        "best is empty",
        "not a date",
        "not a JSON object",
        "half a char",
    ):
        assert [why for why in whys if words in why], words


def test_running_twice_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages({"26.1": [json_row(id=1, year=2025, date_start="2025-05-01", date_end="2025-05-01")]})
    pages.releases["26.0.1"] = [json_row(id=2)]
    home = open_home(tmp_path)
    with far(pages) as up:
        monkeypatch.setattr(flow, "source_named", lambda _: Ucdp(base=up.base))
        first = flow.gather(home, "ucdp", asking(up, since=date(2025, 1, 1)))
        second = flow.gather(home, "ucdp", asking(up, since=date(2025, 1, 1)))
    assert (first.written["events"], second.written["events"]) == (2, 0)
    assert not first.report.stopped and not second.report.stopped


def test_without_a_token_the_bulk_files_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_UCDP_TOKEN")
    with far(lambda _: Says(status=404)) as up:
        (taken,) = Ucdp(base=up.base).read(asking(up))
        with pytest.raises(FetchFailed):
            list(taken.events)
        assert up.asked[0].path == "/downloads/ged/ged261-csv.zip"


CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)
)


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from([*ged_row(), "more"]), CELLS, max_size=8) | CELLS, max_size=6)
)
def test_any_row_is_used_ignored_or_refused(spoilt_far: Far, changes: list[Any]) -> None:
    spoilt: Any = spoilt_far.answer
    spoilt.releases["26.0.1"] = [
        json_row(id=n) | c if isinstance(c, dict) else c for n, c in enumerate(changes, 1)
    ]
    taken = step(spoilt_far)
    try:
        found = list(taken.events)
    except InputError:
        return
    assert taken.report.used == len(found) and taken.report.rows_read == len(changes)
    assert not [why for _, why in taken.report.refused if UNJUDGED in why]


PAGE = ("TotalCount", "TotalPages", "NextPageUrl", "Result")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(PAGE), ANY_JSON, max_size=3))
def test_any_answer_is_read_or_ends_in_one_clear_line(spoilt_far: Far, values: dict[str, Any]) -> None:
    pages: Any = spoilt_far.answer
    pages.releases["26.0.1"], pages.change = [json_row()], lambda answer, page: answer | values
    taken = step(spoilt_far)
    try:
        assert len(list(taken.events)) == taken.report.used
    except InputError as error:
        assert "\n" not in str(error) and taken.report.stopped
    finally:
        pages.change = lambda answer, page: answer


def test_events_are_made_of_ucdp_rows_alone() -> None:
    """The monthly panels read the table of events: no other data set may ever be in it."""
    package = Path(flow.__file__).parent
    makers = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Event":
                makers.add(path.name)
    assert makers == {"ucdp_row.py"}


def test_no_other_source_of_events_yields_an_event() -> None:
    for sheet in catalog().values():
        if sheet.group == "events" and sheet.id != "ucdp":
            with suppress(SourceStopped):
                assert next(source(sheet.id).read(asking(None, offline=True))).events == ()


def test_an_answer_of_another_host_is_not_taken() -> None:
    whole = {"TotalCount": 1, "TotalPages": 1, "NextPageUrl": "", "Result": [json_row()]}
    with far(lambda _: Says(whole)) as other:
        moved = Says(status=302, headers={"Location": f"{other.base}/api/gedevents/26.0.1"})
        with far(lambda _: moved) as up:
            fetch = GuardedFetcher(allow=[up.host, other.host], manners=Manners(wait=lambda _: None))
            taken = step(up, fetch=fetch)
            with pytest.raises(InputError, match="answered by another host"):
                list(taken.events)
        assert [a for a in other.asked if "x-ucdp-access-token" in a.headers] == []
        assert len(other.asked) == 1


def test_a_source_without_parts_says_so(three: tuple[Pages, Far]) -> None:
    _, up = three
    taken = step(up, only=("NAM",))
    with pytest.raises(SourceStopped, match="has no parts, so ucdp/NAM cannot be read"):
        list(taken.events)
