"""What the verbs show: looking makes nothing, a replay is no proposal, documents cannot move the cursor."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.tools import tocsin
from tocsin.cli.home import shown
from tocsin.cli.report import lines_of
from tocsin.errors import UnknownId

pytestmark = pytest.mark.slow

LOOKS = (
    ["check", "home"],
    ["assess"],
    ["warn"],
    ["follow"],
    ["users", "list"],
    ["warn", "sign", "a", "--as", "b"],
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("looked") / "home"
    assert tocsin(folder, "run").returncode == 0
    yield folder


@pytest.mark.parametrize("words", LOOKS)
def test_looking_makes_no_home(tmp_path: Path, words: list[str]) -> None:
    said = tocsin(tmp_path / "home", *words)
    assert said.returncode == 2 and "no home here yet" in said.stderr
    assert not (tmp_path / "home").exists()


def test_controls_of_a_terminal_and_of_direction_are_shown_as_what_they_are_not() -> None:
    assert shown("a\x1b[31mb\x9bc\u202ed\u2066e\x7f") == "a\ufffd[31mb\ufffdc\ufffdd\ufffde\ufffd"
    assert shown("one\r\ntwo\nthree\tfour\u2028five") == "one two three four five"
    assert shown("Côte d’Ivoire, السودان") == "Côte d’Ivoire, السودان"


def test_a_document_cannot_move_the_cursor(tmp_path: Path) -> None:
    text = "Soldiers killed 20 \x1b[2Jcivilians in Kenya\u202e today.\n"
    plain = tocsin(tmp_path, "code", stdin=text)
    assert "civilians in Kenya" in plain.stdout and not set("\x1b\u202e") & set(plain.stdout)
    rows = tocsin(tmp_path, "code", "--json", stdin=json.dumps({"id": "\x9b1", "text": text}) + "\n")
    assert not set("\x1b\x9b\u202e") & set(rows.stdout)
    assert json.loads(rows.stdout)["id"] == "\x9b1", "a value stays what it was"


def test_coded_text_names_each_factor_and_indicator(tmp_path: Path) -> None:
    said = tocsin(
        tmp_path, "code", stdin="Soldiers in Kenya killed 20 civilians in their homes today."
    ).stdout
    assert "decided on the whole text" in said
    assert "Signs of a widespread or systematic attack" in said
    assert "Patterned violence against civilians" in said


@pytest.mark.parametrize(
    ("given", "known", "told"),
    [
        ("best", ["code_status"], ""),
        ("ucpd", ["ucdp", "feeds", "folder"], "; did you mean ucdp?"),
        ("RWD", ["RWA", "SDN", "WSM"], "; did you mean RWA?"),
        ("alm-12", ["alm-129f", "alm-77aa"], "; did you mean alm-129f?"),
    ],
)
def test_only_near_ids_are_suggested(given: str, known: list[str], told: str) -> None:
    assert str(UnknownId("id", given, known)) == f"unknown id {given!r}{told}"


def test_a_folder_without_files_is_refused_and_not_replaced_by_the_network(tmp_path: Path) -> None:
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    (tmp_path / "empty" / ".git" / "config").write_text("x")
    said = tocsin(tmp_path / "home", "gather", "--from", str(tmp_path / "empty"))
    assert said.returncode == 2 and "empty holds no file that can be read" in said.stderr


def test_a_source_that_stops_says_so_once(tmp_path: Path) -> None:
    said = tocsin(tmp_path / "home", "gather", "ucdp")
    assert said.returncode == 2 and said.stderr.count("stopped") == 1


def test_a_name_is_added_once_whatever_its_case(tmp_path: Path) -> None:
    assert tocsin(tmp_path / "home", "users", "add", " ada ").returncode == 0
    again = tocsin(tmp_path / "home", "users", "add", "Ada")
    assert again.returncode == 2 and "ada is already there" in again.stderr


def test_a_place_is_found_by_name_and_no_data_is_said_in_both_views(home: Path) -> None:
    assert (
        tocsin(home, "assess", "--place", "hti").stdout == tocsin(home, "assess", "--place", "Haiti").stdout
    )
    assert "(VAT)" in (one := tocsin(home, "assess", "--place", "VAT").stdout)
    assert "level     no data" in one
    listed = tocsin(home, "assess", "--sort", "name").stdout
    assert "VAT  no data" in listed


def test_the_list_is_ordered_by_level_or_by_rank(home: Path) -> None:
    steps = {"ongoing": 4, "alarm": 3, "warning": 2, "risk": 1, "none": 0, "no": -1}
    levels = [steps[line.split()[1]] for line in tocsin(home, "assess").stdout.splitlines()]
    assert levels == sorted(levels, reverse=True)
    by_risk = tocsin(home, "assess", "--sort", "risk").stdout.splitlines()
    ranks = [int(line.split("rank")[1].split()[0]) for line in by_risk if "rank   -" not in line]
    assert ranks == sorted(ranks) and ranks[0] == 1


def test_a_replay_tells_its_id_is_listed_and_cannot_be_signed(home: Path) -> None:
    said = tocsin(home, "assess", "--as-of", "2011-01-31", "--place", "COD")
    run = next(w for w in said.stderr.split() if w.startswith("replay-")).rstrip(";")
    assert run in tocsin(home, "check", "home").stdout
    assert tocsin(home, "assess", "--replay", run, "--place", "COD").stdout == said.stdout
    alarm = json.loads(tocsin(home, "warn", "--replay", run, "--json").stdout.splitlines()[0])["id"]
    tocsin(home, "users", "add", "ada")
    for verb in ("sign", "override", "refuse"):
        refused = tocsin(home, "warn", verb, alarm, "--as", "ada", "--why", "It is plain.")
        assert refused.returncode == 2 and "belongs to a replay" in refused.stderr


def test_the_report_asks_for_signatures_only_where_there_is_something_to_sign() -> None:
    report = {
        "replay": True, "run": "replay-1", "as_of": "2011-01-31", "records": 1, "stories": 1, "signals": 1,
        "present_signals": 0, "places": 1, "without_words": 0, "no_data": ["VAT"], "figures_known": {},
        "forecasts": 0, "levels": {"none": ["VAT"]}, "due": ["e"], "sources_down": {},
        "unread_languages": {"am": 2}, "alarms": [
            {"iso3": "COD", "level": "risk", "state": "proposed", "sentences": [], "id": "alm-1"}],
    }  # fmt: skip
    replayed = "\n".join(lines_of(report))
    assert "1 proposal in this replay; see: tocsin warn --replay replay-1" in replayed
    assert "2 in am" in replayed
    assert "1 record in 1 story, 1 signal" in replayed and "1 engagement or review" in replayed
    live = "\n".join(lines_of({**report, "replay": False, "waiting": 3, "alarms": []}))
    assert "3 proposals wait for signatures" in live and "0 alarm revisions made" in live


def test_what_nearly_fired_can_be_read(home: Path) -> None:
    said = tocsin(home, "warn", "near", "--json")
    missed = [json.loads(line) for line in said.stdout.splitlines()]
    assert said.returncode == 0 and missed
    assert all(0.9 * m["threshold"] <= m["measured"] < m["threshold"] for m in missed)


def test_an_alarm_comes_with_options_and_their_side_effects(home: Path) -> None:
    alarm = json.loads(tocsin(home, "warn", "--json").stdout.splitlines()[0])
    told = tocsin(home, "follow", "options", alarm["id"]).stdout.splitlines()
    assert len(told) >= 6 and all("side effect: " in line for line in told[1::2])
