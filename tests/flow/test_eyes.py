"""Over turns on a real home: a mission is expelled, reports stop, a flood of new sites comes; nothing falls.

Publishers and reports are made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.cli.tools import tocsin
from tocsin.alarms.alarm import Decision
from tocsin.assessment.belief import Assessment, FactorReading, Uncertainty
from tocsin.clock import Moment, as_of_end, now, today
from tocsin.evidence import sha256
from tocsin.flow import gather, turn
from tocsin.sources.contract import Request
from tocsin.sources.record import Record
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home

pytestmark = pytest.mark.slow

SILENT, TALKING = "Chad", "Kenya"
DAYS, SINCE = 100, 21
"""How long the home has been read, and how long ago the reports about one place stopped."""
FLOOD = re.compile(r"Set aside: [234]\d new origins in 1 day")
DEEDS = (
    "shot farmers at a well",
    "burned homes of herders",
    "killed traders on a road",
    "beat elders to death",
)


def report(n: int, place: str, origin: str, days_ago: int) -> Record:
    text = f"On day {n} armed men {DEEDS[n % 4]} in {place}. Witness accounts number {n * 7919}."
    at = Moment(as_of_end(today() - timedelta(days=days_ago)))
    return Record(
        id=f"rec-{place}-{n}", source="folder", address=f"{n}.txt", title="", text=text, language="en",
        raw_sha256=sha256(text.encode()), licence="own words", sensitivity="public", origin=origin,
        published=at, known=at, recorded=now(),
    )  # fmt: skip


def chatter(n: int) -> str:
    """Harmless words that no other number has in this order."""
    things = "rain market school bus river bread radio goat lamp chair road drum tree boat shoe salt door"
    drawn = Random(n)
    said = (drawn.sample(things.split(), 3) for _ in range(12))
    return " ".join(f"{a.capitalize()} {b} {c}." for a, b, c in said)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Every day a report by one of two papers about each place, until those about one place stop."""
    made = open_home(tmp_path_factory.mktemp("eyes") / "home")
    told = [report(1000 + n, TALKING, f"paper-{n % 2}", n) for n in range(DAYS, 0, -1)]
    told += [report(2000 + n, SILENT, f"paper-{n % 2}", n) for n in range(DAYS, SINCE, -1)]
    made.lake.write({"records": told}, "test")
    yield made
    made.close()


def seen(home: Home) -> tuple[Assessment, Decision]:
    desk = Desk(home)
    return desk.assessments("TCD")[0], next(d for d in desk.decisions() if d.iso3 == "TCD")


def reading(belief: Assessment, factor: str) -> FactorReading:
    return next(r for r in belief.readings if r.factor == factor)


def test_silence_and_a_flood_raise_the_uncertainty_and_lower_nothing(home: Home, tmp_path: Path) -> None:
    before_silence = as_of_end(today() - timedelta(days=SINCE))
    turn(home, before_silence, False, lambda line: None, at=before_silence)
    then, level = seen(home)
    assert level.level.step > 0 and then.uncertainty is not Uncertainty.HIGH
    assert reading(then, "RF7").absences == ()

    path = tmp_path / "gone.csv"
    day = (today() - timedelta(days=SINCE - 1)).isoformat()
    path.write_text(
        "country,body,witness,change,by,since,published,address\n"
        f"TCD,The mission,mission,expelled,state,{day},{day},https://example.org/notice\n"
    )
    request = Request((path,), None, None, now(), True, None)
    assert gather(home, "presence", request).written["presence"] == 1
    report_of_turn = turn(home, now(), False, lambda line: None)
    silent, held = seen(home)
    assert held.level.step >= level.level.step
    assert silent.uncertainty is Uncertainty.HIGH and "TCD" in report_of_turn["uncertain"]["high"]
    assert silent.uncertain_because[0] == "Reports dropped, and those who could see are gone."
    for factor in ("RF6", "RF7"):
        assert reading(silent, factor).strength >= max(0.5, reading(then, factor).strength)
        assert "expelled by the state" in reading(silent, factor).absences[0][1]
    assert "Fewer can see: mission: expelled by the state" in " ".join(held.unknowns)
    assert not any("example.org" in line for line in held.unknowns)

    flood = [report(5000 + n, SILENT, f"site-{n}.example", 2) for n in range(40)]
    home.lake.write(
        {"records": [replace(r, text=f"{r.text} {chatter(n)}") for n, r in enumerate(flood)]}, "test"
    )
    turn(home, now(), False, lambda line: None)
    flooded, after = seen(home)
    assert (after.level, after.origins) == (held.level, held.origins)
    assert any(FLOOD.match(why) for why in flooded.uncertain_because)
    assert flooded.coverage.records == silent.coverage.records
    assert flooded.uncertainty is Uncertainty.HIGH


def test_the_command_tells_what_is_seen_and_what_is_not(home: Home) -> None:
    said = tocsin(home.folder, "check", "coverage", "--json")
    assert said.returncode == 0
    rows = {row["iso3"]: row for row in map(json.loads, said.stdout.splitlines())}
    assert sum(row["member"] for row in rows.values()) == 193 and len(rows) > 193
    assert rows["FJI"]["data"] == rows["FJI"]["last_seen"] == "no data"
    assert rows["KEN"]["groups"]["words"]["last_seen"] == (today() - timedelta(days=1)).isoformat()
    assert not any(word in said.stdout for word in ("low risk", '"level"', '"probability"'))
    assert "193 UN members: 191 with no data" in said.stderr
    plain = tocsin(home.folder, "check", "coverage")
    assert plain.stdout.count("nothing is known, which is not low risk") > 190
    assert "193 UN members: 191 with no data in this home" in plain.stdout.splitlines()[-1]
    past = tocsin(home.folder, "check", "coverage", "--json", "--as-of", "2011-07-13")
    assert sum(json.loads(line)["member"] for line in past.stdout.splitlines()) == 192
    assert tocsin(home.folder, "check", "coverage", "--as-of", "2999-01-01").returncode == 2


def test_the_pages_show_the_uncertainty_beside_the_level_and_the_coverage(home: Home) -> None:
    from starlette.testclient import TestClient

    from tocsin.acts import Acts
    from tocsin.web.app import create_app

    app = create_app(lambda run: Desk(home, run or "live"), Acts(home), b"s" * 32)
    with TestClient(app, "http://127.0.0.1:8000") as client:
        page = client.get("/country/TCD").text
        assert "Uncertainty high:" in page and "expelled by the state" in page
        assert "does not know that less is seen now" in page and FLOOD.search(page)
        sources = client.get("/sources").text
        assert "193 UN members: 191 with no data" in sources and sources.count("no data: unknown") > 190
    told = tocsin(home.folder, "assess", "--place", "TCD").stdout
    assert "unsure    high: " in told and FLOOD.search(told)
