"""tocsin warn raise on a home: evidence that is there, two people, one alarm, no name where none may be."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.alarms.told import a_forecast
from tests.assessment.made import a_signal
from tests.cli.tools import environment
from tests.store.made import record
from tests.web.desk import belief, decision, reading
from tocsin.acts import Acts, faults
from tocsin.alarms.alarm import Alarm, AlarmState, Level
from tocsin.alarms.bulletin import LANGUAGES, Scope
from tocsin.alarms.telling import tell
from tocsin.cli.main import app
from tocsin.clock import day_moment, now, today
from tocsin.errors import TocsinError
from tocsin.flow import propose
from tocsin.store.desk import Desk
from tocsin.store.dossiers import Dossiers
from tocsin.store.home import Home, open_home
from tocsin.store.models import TurnRow
from tocsin.store.turns import Stamp
from tocsin.store.withdrawing import Withdrawing

EXPERT, WHY = "Wilhelmina Quill", "The elders say that Wilhelmina Quill was told to leave the valley."
FIRST, SECOND, THIRD = (
    record(n, (today() - timedelta(days=2)).isoformat(), f"They left {n}.") for n in (1, 2, 3)
)
Run = Callable[..., str]


def made_home(folder: Path) -> None:
    """A home after a turn in which no rule fired on two present claims of two origins about Namibia."""
    seen = day_moment(today() - timedelta(days=2))
    home = open_home(folder)
    for name in (EXPERT, "Ada", "Ben"):
        home.ledger.add_user(name, "desk officer")
    claims = [
        replace(a_signal(n), record=r.id, iso3=iso3, quote=r.text, published=seen, known=seen)
        for n, (r, iso3) in enumerate(((FIRST, "NAM"), (SECOND, "NAM"), (THIRD, "BWA")), 1)
    ]
    coded = [
        replace(reading(r, [c]), id=f"cod-{r.id}", known=r.known)
        for r, c in zip((FIRST, SECOND), claims, strict=False)
    ]
    home.lake.write({"records": [FIRST, SECOND, THIRD], "signals": claims, "coded": coded}, "words")
    a_turn(home, "live-1")
    home.close()


def a_turn(home: Home, run: str) -> None:
    """What a turn leaves of one place: a forecast, a belief, and a decision that no rule carried."""
    at = now()
    stamp: dict[str, Any] = {"run": run, "as_of": at, "recorded": at}
    forecast = a_forecast(id=f"forecast-{run}", iso3="NAM", run=run)
    made: dict[str, list[Any]] = {
        "forecasts": [forecast],
        "assessments": [replace(belief("NAM", 3, ("sig-1",)), **stamp, id=f"ass-{run}")],
        "decisions": [replace(decision("NAM", Level.NONE), **stamp, origins=1, id=f"dec-{run}")],
    }
    home.lake.write(made, "a turn")
    plain = at.replace(tzinfo=None)
    body = {"run": run, "coder_version": "1", "started": at.isoformat()}
    row = TurnRow(run=run, replay=False, as_of=plain, ended=plain, generation=1, body=body)
    home.ledger.add_turn(row, [], {"forecasts": [forecast]}, at)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raise") / "home"
    made_home(folder)
    return folder


@pytest.fixture
def home(lived: Path, tmp_path: Path) -> Iterator[Home]:
    shutil.copytree(lived, tmp_path / "home")
    opened = open_home(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def run(home: Home, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this home: what it says on either side, errors included."""
    for name, value in environment(home.folder).items():
        monkeypatch.setenv(name, value)

    def told(*words: str) -> str:
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            try:
                app(["warn", *words], standalone_mode=False)
            except TocsinError as error:
                said.write(f"refused: {error}")
        return said.getvalue()

    return told


def words(
    *evidence: str, level: str = "alarm", why: str = WHY, who: str = EXPERT, place: str = "NAM"
) -> list[str]:
    named = [word for id in evidence for word in ("--evidence", id)]
    return ["raise", place, "--level", level, "--as", who, "--why", why, *named]


def standing(home: Home) -> Alarm:
    (found,) = home.ledger.alarms()
    return found


def test_it_proposes_and_two_people_issue_it(home: Home, run: Run) -> None:
    said = run(*words("sig-1", SECOND.id, "forecast-live-1"))
    alarm = standing(home)
    assert f"{alarm.id} is proposed at alarm" in said and "it waits for people" in said
    assert (alarm.state, alarm.rule, alarm.origins) == (AlarmState.PROPOSED, "expert", 2)
    assert alarm.reasons == ("sig-1", SECOND.id, "sig-2", "forecast-live-1")
    assert (alarm.moved_by, alarm.why, alarm.in_force) == (EXPERT, WHY, 0)
    assert home.ledger.engagements() == [] and "waits for two people" in run("text", alarm.id)
    run("sign", alarm.id, "--as", EXPERT)
    assert standing(home).state is AlarmState.PROPOSED
    run("sign", alarm.id, "--as", "Ada")
    assert standing(home).state is AlarmState.ISSUED and home.ledger.engagements()
    assert faults(home) == []


def test_one_voice_is_not_enough_for_an_alarm_and_who_raised_it_cannot_override(home: Home, run: Run) -> None:
    said = run(*words("sig-1"))
    assert "two signers do not issue it: it rests on 1 independent origin" in said
    id = standing(home).id
    run("sign", id, "--as", "Ada")
    run("sign", id, "--as", "Ben")
    assert standing(home).state is AlarmState.PROPOSED
    assert "another person must override" in run("override", id, "--as", EXPERT, "--why", "no time")
    assert "issued by override" in run("override", id, "--as", "Ben", "--why", "no time")


def test_the_newest_decision_counts_with_its_origins_where_it_is_named(home: Home, run: Run) -> None:
    run(*words("dec-live-1"))
    assert (standing(home).origins, standing(home).reasons) == (1, ("dec-live-1",))


REFUSED = {
    "evidence that is not there": (words("sig-9"), "'sig-9'"),
    "one id of two that is not there": (words("sig-1", "rec-none"), "'rec-none'"),
    "an id of no kind": (words("alm-1"), "'alm-1'"),
    "no evidence": (words(" "), "needs evidence"),
    "a claim about another place": (words("sig-3"), "sig-3 cannot be evidence: it is about BWA"),
    "nobody known": (words("sig-1", who="Nobody"), "'Nobody'"),
    "no reason": (words("sig-1", why=" "), "needs a reason"),
    "a crime as a fact": (words("sig-1", why="This is genocide."), "may not state a crime as a fact"),
    "an unknown place": (words("sig-1", place="QQQ"), "'QQQ'"),
    "a level that asks nobody": (words("sig-1", level="risk"), "'risk'"),
    "an unknown level": (words("sig-1", level="panic"), "'panic'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_one_line_with(case: str, home: Home, run: Run) -> None:
    given, line = REFUSED[case]
    said = run(*given)
    assert said.startswith("refused: ") and line in said and "\n" not in said
    assert home.ledger.alarms() == []


def test_what_was_taken_back_is_no_evidence_and_is_told_when_it_comes_later(home: Home, run: Run) -> None:
    run(*words("sig-1", SECOND.id))
    taken = Withdrawing(home).withdraw(SECOND.id, "Ada", "another year")
    assert "withdrawn" in taken
    for id in ("sig-2", SECOND.id):
        assert f"refused: {id} cannot be evidence: {SECOND.id}, withdrawn by Ada" in run(
            *words(id, level="ongoing")
        )
    (flag,) = Desk(home).withdrawing.flags([standing(home)])[standing(home).id]
    assert flag.record == SECOND.id


def test_a_record_without_a_claim_is_flagged_too(home: Home, run: Run) -> None:
    run(*words(THIRD.id, level="warning"))
    assert standing(home).reasons == (THIRD.id,), "its claim is about another place"
    Withdrawing(home).withdraw(THIRD.id, "Ada", "another year")
    assert standing(home).id in Desk(home).withdrawing.flags([standing(home)])


def test_a_claim_that_a_reviewer_called_wrong_is_no_evidence_from_the_next_turn_on(
    home: Home, run: Run
) -> None:
    Acts(home).reviewing.wrong("sig-2", "Ada", "the words say otherwise")
    a_turn(home, "live-2")
    assert "refused: sig-2 cannot be evidence: a reviewer took it back" in run(*words("sig-2"))
    run(*words("sig-1", SECOND.id))
    assert (standing(home).reasons, standing(home).origins) == (("sig-1", SECOND.id), 1)
    assert standing(home).run == "live-2"


def test_a_standing_alarm_is_raised_and_never_lowered(home: Home, run: Run) -> None:
    run(*words("sig-1", level="alarm"))
    first = standing(home)
    assert "already: sign it" in run(*words("sig-1", level="alarm"))
    assert "nobody lowers by hand" in run(*words("sig-1", level="warning"))
    run(*words("sig-1", level="ongoing", who="Ben"))
    assert (standing(home).id, standing(home).revision) == (first.id, 2)


def test_a_later_turn_leaves_it_until_its_last_day_and_raises_it_when_a_rule_gives_more(
    home: Home, run: Run
) -> None:
    run(*words("sig-1", level="alarm"))
    first = standing(home)

    def put(days: int, level: Level) -> list[Alarm]:
        at = first.recorded + timedelta(days=days)
        stamp = Stamp("live-9", at, at, False)
        rule = {Level.NONE: "", Level.WARNING: "warning-onset", Level.ONGOING: "ongoing-deaths"}[level]
        made = replace(decision("NAM", level), as_of=at, recorded=at, run="live-9", rule=rule)
        return propose(home, stamp, [made])

    assert put(1, Level.NONE) == put(20, Level.WARNING) == put(30, Level.NONE) == []
    (higher,) = put(2, Level.ONGOING)
    assert (higher.id, higher.rule, higher.level) == (first.id, "ongoing-deaths", Level.ONGOING)
    (over,) = put(31, Level.NONE)
    assert (over.id, over.state) == (first.id, AlarmState.EXPIRED)


def test_the_log_hides_the_name_and_the_reason(home: Home, run: Run, tmp_path: Path) -> None:
    run(*words("sig-1", SECOND.id))
    run("sign", standing(home).id, "--as", "Ada")
    run("sign", standing(home).id, "--as", "Ben")
    with home.ledger.engine.connect() as connection:
        bodies = list(connection.execute(text("SELECT body FROM log")).scalars())
    log = "\n".join(bodies)
    assert standing(home).id in log and "Quill" not in log and "elders" not in log
    (raised, *_) = [row for b in bodies if (row := json.loads(b)["row"]).get("rule") == "expert"]
    assert set(raised["moved_by"]) == set(raised["why"]) == {"hmac_sha256"}
    assert list(home.custody.verified().faults) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_names_the_expert_to_those_inside_alone(language: str, home: Home, run: Run) -> None:
    run(*words("sig-1", SECOND.id))
    for name in ("Ada", "Ben"):
        run("sign", standing(home).id, "--as", name)
    dossier = Dossiers(home).newest(standing(home).id)
    assert (dossier.expert, dossier.judgement) == (EXPERT, WHY)
    for scope in Scope:
        told = "\n".join(s.text for s in tell(dossier, language, scope).statements)
        assert (EXPERT in told) == (scope is Scope.PRIVATE)
        assert "The elders say that" in told
    assert EXPERT not in run("text", standing(home).id, "--language", language)
