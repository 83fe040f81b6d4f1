"""GDELT from its publisher into a real home: whole, once, as of an instant, and again after being killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.cli.tools import environment
from tests.shared_data import shared
from tests.sources.gdelt_site import Shelf, Site, answers, catalogue, named, packed, point_to, serving
from tocsin.flow import Gathering, gather
from tocsin.store.home import Home, open_home
from tocsin.store.slicelog import HeldSlices

REAL = {
    "20191024143000.export.CSV": "20191024143000.export.CSV",
    "20191024143000.mentions.CSV": "mentions.CSV",
    "20191024143000.gkg.csv": "gkg.csv",
    "20191024143000.translation.export.CSV": "translingual.export.CSV",
    "20191024143000.translation.mentions.CSV": "translingual.mentions.CSV",
    "20191024143000.translation.gkg.csv": "translingual.gkg.csv",
}
ROWS = {"gdelt_events": 2211, "gdelt_mentions": 200, "gdelt_gkg": 200}
THEN = datetime(2019, 10, 24, 14, 40, tzinfo=UTC)
COMMAND = """
import sys
from pathlib import Path
from tocsin.sources import factsheet
factsheet.CATALOG = Path(sys.argv.pop(1))
from tocsin.cli.main import main
main()
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as up:
        yield up


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def publish_real(site: Site) -> None:
    """The real files, as if they were one slice; those of other slices keep their own instants inside."""
    folder = shared("data/gdelt_raw_samples")
    for name, sample in REAL.items():
        site.put(f"{name}.zip", packed({name: (folder / sample).read_bytes()}))
        kind = "masterfilelist-translation.txt" if "translation" in name else "masterfilelist.txt"
        site.files[kind] += site.line(f"{name}.zip").encode()
        site.files[kind.replace("masterfilelist", "lastupdate")] += site.line(f"{name}.zip").encode()


def run(home: Home, site: Site, name: str = "gdelt", since: date | None = None) -> Gathering:
    request = Shelf(site).request(since=since, recorded=THEN)
    wide = site.fetcher()
    wide.limits = replace(wide.limits, wire_bytes=20_000_000, body_bytes=40_000_000)
    return gather(home, name, replace(request, held=None, validators={}, cursor={}, fetch=wide))


def test_real_slices_come_whole_and_twice_changes_nothing(
    home: Home, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_real(site)
    point_to(site, tmp_path, monkeypatch)
    for name, tables in (("gdelt", ["gdelt_events", "gdelt_mentions"]), ("gdelt_gkg", ["gdelt_gkg"])):
        first = run(home, site, name)
        assert not first.report.refused_rows and not first.report.stopped, first.report
        assert {t: n for t, n in first.written.items() if t in ROWS} == {t: ROWS[t] for t in tables}
        assert first.report.rows_read == sum(ROWS[t] for t in tables)
        before = home.lake.generation().number
        site.asked()
        for since in (None, date(2019, 10, 24)):
            again = run(home, site, name, since)
            assert not any(again.written.values()) and not again.report.rows_read
        assert not [n for n in site.asked() if n.endswith(".zip")] and home.lake.generation().number == before
    assert sorted(HeldSlices(home.lake.ask, "gdelt").slices(date(2019, 10, 24))) == sorted(
        n for n in REAL if "gkg" not in n
    )
    names_persons = {"Persons", "V2Persons", "AllNames", "Quotations", "Extras"}
    kept = set(next(home.lake.stored("gdelt_gkg")))
    assert not names_persons & kept and {"V2Themes", "V2Locations", "happened"} <= kept


def test_a_file_that_does_not_come_is_written_down_and_comes_later(
    home: Home, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(site, tmp_path, monkeypatch)
    site.publish("20191024143000")
    site.publish("20191024143000", translated=True)
    lost = f"{named('20191024143000', 'export')}.zip"
    site.faults[lost] = [answers(404)]
    assert run(home, site).written["gdelt_events"] == 2
    assert "404" in home.sources.health()["gdelt"]
    site.faults.clear()
    assert run(home, site).written["gdelt_events"] == 2
    assert not home.sources.health()["gdelt"]


def command(folder: Path, home: Path, site: Site, *words: str) -> subprocess.Popen[str]:
    env = environment(home) | {"TOCSIN_OFFLINE": "0", "TOCSIN_ALLOW_HOSTS": site.host}
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder), "gather", "gdelt", *words],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_backfill_that_is_killed_goes_on_with_the_day_it_had_not_finished(
    site: Site, tmp_path: Path
) -> None:
    folder = catalogue(site, tmp_path / "catalog")
    days = [f"202611{day}" for day in ("10", "11", "12")]
    for day in days:
        for hour in ("0000", "0600"):
            site.publish(f"{day}{hour}00")
            site.publish(f"{day}{hour}00", translated=True)
    held = f"{named('20261112060000', 'mentions')}.zip"

    def hang(handler: object, _: bytes) -> None:
        site.seen.append((held, 0))
        time.sleep(60)

    site.faults[held] = [hang]
    words = ("--since", "2026-11-10")
    first = command(folder, tmp_path / "home", site, *words)
    while held not in [name for name, _ in site.seen]:
        assert first.poll() is None, first.communicate()
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    site.faults.clear()
    site.asked()
    second = command(folder, tmp_path / "home", site, *words, "--json")
    out, told = second.communicate(timeout=120)
    assert second.returncode == 0, told
    account = json.loads(out)
    assert account["written"]["gdelt_events"] == 8 and account["inputs"] == 8, "the last day alone"
    assert not [n for n in site.asked() if n.startswith(("20261110", "20261111"))]
    home = open_home(tmp_path / "home")
    kept = [HeldSlices(home.lake.ask, "gdelt").slices(date(2026, 11, day)) for day in (10, 11, 12)]
    assert [len(slices) for slices in kept] == [8, 8, 8]
    assert not [path for path in (tmp_path / "home").rglob("*.CSV*")]
    home.close()
