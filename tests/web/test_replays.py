"""The page of named cases: three tables, time lines that need no script, readable on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from starlette.testclient import TestClient

from tests.web.desk import MemoryDesk, small_desk
from tocsin.alarms.alarm import Level
from tocsin.evaluation.replay import Given, Step, Stretch, Walk
from tocsin.evaluation.replay_cases import cases
from tocsin.evaluation.replay_told import LIMITS, replays
from tocsin.web.app import create_app
from tocsin.web.replays import HEIGHT, line

HOME = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    def opened(run: str | None) -> MemoryDesk:
        return small_desk(run or "live")

    with TestClient(create_app(opened, None, b"s" * 32), HOME, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def html(client: TestClient) -> str:
    got = client.get("/replays")
    assert got.status_code == 200
    return got.text


def test_the_three_results_stand_one_after_the_other_with_their_own_headings(html: str) -> None:
    spots = [html.index(f'<h2 id="{part}"') for part in ("a", "b", "c", "read")]
    assert spots == sorted(spots)
    ids = [r.case.id for r in replays().forecast]
    for start, end in ((spots[0], spots[1]), (spots[1], spots[2])):
        told = re.findall(r'class="code">(\w+)<', html[start:end])
        assert told == ids == [c.id for c in cases()]
    assert "People who knew the end chose the signs" in html[spots[1] : spots[2]]
    assert len(re.findall(r'class="code">', html[spots[2] : spots[3]])) == 20
    assert all(limit.replace("'", "&#39;") in html for limit in LIMITS)


def test_every_walk_has_a_time_line_that_is_told_in_words_and_needs_no_script(html: str) -> None:
    found = re.findall(r'<svg class="timeline".*?</svg>', html, re.S)
    assert len(found) == 2 * len(cases()) + 20
    assert all(
        re.search(r'role="img" aria-label="[^"]+: (none|risk|warning|alarm|ongoing) from \d', s)
        for s in found
    )
    assert "<script" not in html and "style=" not in html


def test_false_alarms_are_named_in_the_tables_of_controls(html: str) -> None:
    false = sum(r.false_alarm and r.tested for r in (*replays().forecast, *replays().signs))
    assert html.count("FALSE ALARM") == false


def test_a_time_line_covers_every_day_once_and_a_higher_level_is_a_higher_step() -> None:
    stretch = Stretch("made", "Made", "KEN", date(2020, 1, 1), date(2020, 1, 10))
    blank = Step(stretch.first, Level.NONE, "", ("Said.",), "", (), (), {}, 0)
    levels = {1: Level.NONE, 3: Level.WARNING, 4: Level.WARNING, 8: Level.ONGOING}
    steps = tuple(replace(blank, day=date(2020, 1, d), level=level) for d, level in levels.items())
    drawn = line(Walk(stretch, Given.SIGNS, steps, 0, 0), date(2020, 1, 9))
    assert [(b.level, b.x, b.width) for b in drawn.bars] == [
        ("none", 0, 2),
        ("warning", 2, 5),
        ("ongoing", 7, 3),
    ]
    heights = [b.height for b in drawn.bars]
    assert heights == sorted(heights) and all(b.y + b.height == HEIGHT and b.height > 0 for b in drawn.bars)
    assert (
        drawn.mark == 8
        and drawn.told == "none from 2020-01-01, warning from 2020-01-03, ongoing from 2020-01-08"
    )


def test_the_track_record_links_to_it_also_within_a_replay(client: TestClient) -> None:
    assert 'href="/replays"' in client.get("/track-record").text
    assert 'href="/replay/replay-1/replays"' in client.get("/replay/replay-1/track-record").text
    assert client.get("/replay/replay-1/replays").status_code == 200
