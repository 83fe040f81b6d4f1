"""The pages behind the summaries of feeds: new ones, spread over hosts, none twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.sources.given import request
from tests.store.made import record
from tocsin.clock import parse_moment
from tocsin.sources.contract import Wanted
from tocsin.sources.record import Record
from tocsin.store.home import Home, open_home
from tocsin.store.pages import SUMMARY, ready, wanted_pages

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def entry(n: int, host: str = "body.example", known: str = "2026-11-19", **changes: Any) -> Record:
    made = record(n, known, text=f"A summary {n}.")
    given = {"source": "feeds", "address": f"https://{host}/{n}", "origin": "a body"} | changes
    return replace(made, id=f"rec-{n}", **given)


def addresses(home: Home, most: int = 100, **given: Any) -> list[str]:
    return [w.address for w in wanted_pages(home.lake, AS_OF, most, **given)]


def test_a_page_is_wanted_with_what_its_record_says(home: Home) -> None:
    one = entry(1, sensitivity="internal")
    home.lake.write({"records": [one]}, "test")
    published = parse_moment("2026-11-19")
    wanted = Wanted("https://body.example/1", "a body", one.licence, "internal", published)
    assert wanted_pages(home.lake, AS_OF, 9) == (wanted,)


def test_only_new_summaries_of_the_week_are_followed(home: Home) -> None:
    rows = [
        entry(1),
        entry(2, known="2026-11-12"),
        entry(3, known="2026-11-21"),
        entry(4, text="x" * SUMMARY),
        entry(5, source="folder"),
        entry(6, address="urn:uuid:6"),
        entry(7),
        entry(8, address="https://body.example/1#part"),
        entry(9, source="pages", external_id="https://body.example/7"),
        entry(10),
        entry(11),
    ]
    home.lake.write({"records": rows}, "test")
    tried = {"https://body.example/10": "2026-11-18", "https://body.example/11": "2026-11-02"}
    assert sorted(addresses(home, tried=tried)) == ["https://body.example/1", "https://body.example/11"]


def test_hosts_take_turns_and_the_newest_come_first(home: Home) -> None:
    days = {1: "17", 2: "18", 3: "19"}
    rows = [entry(n, known=f"2026-11-{day}") for n, day in days.items()]
    rows += [entry(10 + n, "other.example", known=f"2026-11-{day}") for n, day in days.items()]
    home.lake.write({"records": rows}, "test")
    hosts = [a.split("/")[2] for a in addresses(home, 4)]
    assert sorted(hosts[:2]) == sorted(hosts[2:]) == ["body.example", "other.example"]
    assert {a.rpartition("/")[2] for a in addresses(home, 2)} == {"3", "13"}


def test_a_source_gets_what_the_home_knows_of_it(home: Home) -> None:
    home.lake.write({"records": [entry(1)]}, "test")
    asked = request()
    assert (
        ready(home, "feeds", asked, home.folder).pages == ()
        and ready(home, "feeds", asked, home.folder).keeper is home.archive
    )
    assert [w.address for w in ready(home, "pages", asked, home.folder).pages] == ["https://body.example/1"]
    named = replace(asked, pages=(Wanted("https://other.example/"),))
    assert ready(home, "pages", named, home.folder).pages == named.pages
    assert ready(home, "pages", replace(asked, paths=(Path("x.warc"),)), home.folder).pages == ()
