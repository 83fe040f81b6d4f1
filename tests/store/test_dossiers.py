"""What a dossier from a home promises: words with their source, who signed what, and nothing taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.alarms.told import a_forecast
from tests.assessment.made import a_signal
from tests.cli.tools import tocsin
from tests.store.made import alarm as stored
from tests.store.made import record
from tocsin.alarms.alarm import Alarm, AlarmState, Signature
from tocsin.alarms.bulletin import LANGUAGES, Scope
from tocsin.alarms.telling import tell
from tocsin.errors import UnknownId
from tocsin.store.dossiers import Dossiers
from tocsin.store.home import Home, open_home
from tocsin.store.withdrawing import Withdrawing

FIRST = replace(record(1, "2026-01-04", "They burned the village."), address="https://example.org/1")
SECOND = replace(record(2, "2026-01-05", "Houses were marked."), sensitivity="internal")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    for name in ("ada", "ben", "cai", "dora"):
        made.ledger.add_user(name, "desk officer")
    signals = [
        replace(a_signal(n), record=r.id, iso3="NAM", quote=r.text, published=r.published, known=r.known)
        for n, r in enumerate((FIRST, SECOND), 1)
    ]
    made.lake.write({"records": [FIRST, SECOND], "signals": signals}, "words")
    made.lake.write({"forecasts": [a_forecast(iso3="NAM")]}, "forecasts")
    yield made
    made.close()


def issued(home: Home, *signatures: Signature) -> Alarm:
    proposal = replace(stored(1), iso3="NAM", reasons=("sig-1", "sig-2", "fct-1"))
    made = replace(
        proposal,
        revision=2,
        state=AlarmState.ISSUED,
        moved_by="ben",
        recorded=proposal.recorded + timedelta(hours=1),
    )
    home.ledger.add(proposal, *(replace(s, alarm=made.id) for s in signatures), made)
    return made


def signature(signer: str, consents: bool = True, reason: str = "seen", revision: int = 1) -> Signature:
    return Signature("", signer, consents, reason, stored(1).recorded + timedelta(minutes=5), revision)


def test_claims_come_with_words_source_day_and_link(home: Home) -> None:
    dossier = Dossiers(home, base="https://tocsin.example").of(issued(home))
    first, second = sorted(dossier.quotes, key=lambda q: q.signal)
    assert (first.words, first.title, first.url) == ("They burned the village.", "Report 1", FIRST.address)
    assert first.published is not None and first.published.isoformat() == "2026-01-04"
    assert second.sensitivity == "internal"
    assert [f.id for f in dossier.forecasts] == ["fct-1"]
    assert set(dossier.names) == set(LANGUAGES)
    assert dossier.self_url == f"https://tocsin.example/alarm/{dossier.alarm.id}"
    told = " ".join(s.text for s in tell(dossier, "fr", Scope.RESTRICTED).statements)
    assert "They burned the village." in told and "Houses were marked." not in told


def test_signatures_of_the_revision_are_told_and_those_of_another_are_not(home: Home) -> None:
    made = issued(
        home,
        signature("ada"),
        signature("ben"),
        signature("cai", False, "too early"),
        signature("dora", False, "of an older proposal", revision=9),
    )
    dossier = Dossiers(home).newest(made.id)
    assert dossier.signers == ("ada", "ben")
    assert dossier.dissents == ("too early",)
    assert dossier.override == "" and dossier.self_url == ""


def test_an_override_is_told_with_its_reason(home: Home) -> None:
    made = issued(home, signature("ben", reason="override: no time to lose"))
    assert Dossiers(home).of(made).override == "no time to lose"


def test_what_was_taken_back_is_quoted_no_more_and_said(home: Home) -> None:
    made = issued(home)
    Withdrawing(home).withdraw(FIRST.id, "ada", "the photograph is of another year")
    dossier = Dossiers(home).of(made)
    assert [q.signal for q in dossier.quotes] == ["sig-2"]
    assert dossier.withdrawn.startswith("Rests on 1 withdrawn record")
    assert "photograph" not in dossier.withdrawn and "ada" not in dossier.withdrawn
    told = " ".join(s.text for s in tell(dossier, "en", Scope.PRIVATE).statements)
    assert "They burned" not in told and "was taken back" in told


def test_an_alarm_that_is_not_there_is_named(home: Home) -> None:
    with pytest.raises(UnknownId, match="alm-none"):
        Dossiers(home).newest("alm-none")


def test_the_command_line_tells_it_as_a_letter(home: Home) -> None:
    made = issued(home, signature("ada"), signature("ben"))
    home.close()
    told = tocsin(home.folder, "warn", "text", made.id, "--language", "ar", "--scope", "private")
    assert made.id in told.stdout and "ada" in told.stdout and "They burned the village." in told.stdout
    public = tocsin(home.folder, "warn", "text", made.id, "--json").stdout
    assert "They burned" not in public and '"evidence"' in public
    page = tocsin(home.folder, "warn", "text", made.id, "--html").stdout
    assert page.startswith("<!doctype html>")
    wrong = tocsin(home.folder, "warn", "text", made.id, "--language", "de")
    assert wrong.returncode == 2 and "language of alarms 'de'" in wrong.stderr
