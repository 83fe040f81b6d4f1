"""Two reports of one speech about past failures: one story, no alarm from memory, one present-time signal."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.tools import tocsin
from tests.shared_data import shared
from tocsin.clock import now
from tocsin.signals.signal import Signal, TimeStatus
from tocsin.store.desk import Desk
from tocsin.store.home import open_home

pytestmark = pytest.mark.slow

AGENCY = """Oslo, May 6 (Northern Wire) The head of the regional assembly said on Tuesday that no
government may look away
when civilians are hunted, and asked all members to pay for early warning.
"We bow our heads before the dead of Guatemala, and before those of East Timor, whom we failed," she told
a meeting held to
mark thirty years of work on prevention. "In Guatemala the embassies closed their files forty years ago,
and with them went
the last witnesses who could have spoken."
She praised the courts that followed, naming the trials of commanders from Liberia and Chad as proof that
"no office shields
a man for ever".
The assembly's new rule, she said, came out of the case of Angola, where reports were kept in a drawer.
"You see what it changes. In the past weeks, in the Central African Republic, the mission threw open its
camps and took in
families who were running from armed bands, when once we would have told them to wait outside," she said.
--Northern Wire
"""
OFFICE = """6 May 2014. The head of the regional assembly told a meeting in Oslo that the lessons of
its failures in Guatemala and in
East Timor must not be forgotten.

The meeting was held at the invitation of the Government of Norway. It was attended by officials, judges
and teachers.

“In Guatemala the embassies closed their files forty years ago, and with them went the last witnesses who
could have
spoken,” she told the meeting.

The new rule of the assembly came out of the case of Angola, where reports were kept in a drawer.

“You see what it changes. In the past weeks, in the Central African Republic, the mission threw open its
camps and took in
families who were running from armed bands, when once we would have told them to wait outside.”

The chair closed by asking members to sign the treaties they had not yet signed.
"""


@dataclass(frozen=True)
class Seen:
    records: int
    stories: int
    signals: list[Signal]
    levels: dict[str, str]
    alarms: set[str]

    def present(self, iso3: str) -> list[Signal]:
        return [s for s in self.signals if s.iso3 == iso3 and s.time is TimeStatus.PRESENT]

    def times(self, iso3: str) -> set[str]:
        return {s.time.value for s in self.signals if s.iso3 == iso3}


def turn(home: Path, folder: Path | None, published: str, as_of: str) -> Seen:
    if folder:
        said = tocsin(home, "gather", "--from", str(folder), "--published", published)
        assert said.returncode == 0, said.stderr
    said = tocsin(home, "run", "--as-of", as_of, "--json")
    assert said.returncode == 0, said.stderr
    report = json.loads(said.stdout)
    opened = open_home(home)
    desk = Desk(opened, report["run"])
    levels = {d.iso3: d.level.value for d in desk.decisions()}
    seen = Seen(
        len(opened.lake.read("records", now())),
        report["stories"],
        desk.signals(),
        levels,
        {a.iso3 for a in desk.alarms()},
    )
    opened.close()
    return seen


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    base = tmp_path_factory.mktemp("seeds")
    renamed = base / "renamed"
    renamed.mkdir()
    for n, path in enumerate(sorted(shared("seeds").glob("*.txt"))):
        shutil.copy(path, renamed / f"zz-{9 - n}.txt")
    return (
        turn(base / "a", renamed, "2014-04-02", "2014-04-03"),
        turn(base / "b", None, "2014-04-02", "2014-04-03"),
    )


def test_the_two_reports_are_two_records_and_one_story(seeds: tuple[Seen, Seen]) -> None:
    assert (seeds[0].records, seeds[0].stories) == (2, 1)


@pytest.mark.parametrize("iso3", ["RWA", "BIH", "LKA", "SLE", "KHM", "BEL"])
def test_memory_courts_and_hosts_raise_nothing(seeds: tuple[Seen, Seen], iso3: str) -> None:
    read, unread = seeds
    assert not read.present(iso3)
    assert read.levels[iso3] == unread.levels[iso3]
    assert (iso3 in read.alarms) == (iso3 in unread.alarms)


def test_rwanda_and_srebrenica_are_marked_as_past(seeds: tuple[Seen, Seen]) -> None:
    assert seeds[0].times("RWA") == seeds[0].times("BIH") == {"past"}


def test_south_sudan_has_a_present_signal_that_is_also_a_protective_act(seeds: tuple[Seen, Seen]) -> None:
    found = seeds[0].present("SSD")
    assert any(s.protective and s.indicator and "fleeing violence" in s.quote for s in found)


def test_a_speech_about_other_countries_behaves_alike(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "x1.txt").write_text(AGENCY, "utf-8")
    (folder / "x2.txt").write_text(OFFICE, "utf-8")
    read = turn(tmp_path / "home", folder, "2014-05-07", "2014-05-08")
    unread = turn(tmp_path / "none", None, "2014-05-07", "2014-05-08")
    assert (read.records, read.stories) == (2, 1)
    for iso3 in ("GTM", "TLS", "LBR", "TCD", "AGO", "NOR"):
        assert not read.present(iso3), iso3
        assert read.levels[iso3] == unread.levels[iso3]
    assert read.times("GTM") == read.times("TLS") == {"past"}
    assert any(s.protective and s.indicator for s in read.present("CAF"))
