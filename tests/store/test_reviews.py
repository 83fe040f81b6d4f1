"""Reviews in the home: append-only, seen from when they were made, and kept when a record is read anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from tests.signals.reviewed import NOON, RECORD, OneCoder, agrees, claim, denies, read, says, subject
from tocsin.assessment.words import risks
from tocsin.clock import as_of_end, now
from tocsin.errors import NotAllowed, UnknownId
from tocsin.signals.coded import CodedRecord
from tocsin.signals.corrected import reviewed
from tocsin.signals.review import Judgement, Review
from tocsin.signals.signal import Signal, TimeStatus
from tocsin.store import ledger, models
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.ledger import open_engine
from tocsin.store.models import TurnRow


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    for name in ("ada", "ben", "cai"):
        made.ledger.add_user(name, "monitor")
    made.lake.write({"records": [RECORD]}, "test")
    yield made
    made.close()


def a_turn(home: Home, version: str, **reads: Any) -> None:
    """What a turn writes that reads the record by one coder version."""
    reading, signals = read(version, **reads)
    home.lake.write({"coded": [reading], "signals": signals}, "test")
    at = now().replace(tzinfo=None)
    body = {"coder_version": version, "started": now().isoformat()}
    row = TurnRow(run=f"live-{version}", replay=False, as_of=at, ended=at, generation=1, body=body)
    home.ledger.add_turn(row, [], {}, now())


def rows_of(
    home: Home, version: str, as_of: datetime
) -> tuple[list[CodedRecord], list[Signal], list[Review]]:
    """What a later step is given: the rows of one coder version, and the reviews made until then."""
    where = {"coder_version": version}
    seen = home.lake.read("coded", as_of, where=where)
    return seen, home.lake.read("signals", as_of, where=where), home.reviews.known(as_of)


def test_a_review_is_read_again_as_it_was_written(home: Home) -> None:
    made = [agrees("ada"), says("ben", 1, countries=()), denies("ada", 2), says("cai", 3, factors=("RF14",))]
    for review in made:
        home.reviews.add(review)
    assert home.reviews.known(NOON + timedelta(days=1)) == made
    assert home.reviews.known(NOON + timedelta(days=1), "rec-another") == []


def test_a_review_is_never_changed_doubled_or_removed(home: Home) -> None:
    home.reviews.add(agrees("ada"))
    with pytest.raises(NotAllowed):
        home.reviews.add(agrees("ada"))
    home.close()
    db = sqlite3.connect(home.folder / "ledger.sqlite")
    for act in ("UPDATE reviews SET body = '{}'", "DELETE FROM reviews"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(act)
    db.close()


def test_only_somebody_who_is_named_in_the_home_reviews(home: Home) -> None:
    a_turn(home, "1")
    with pytest.raises(UnknownId, match="tocsin users add"):
        Desk(home).reviewing.confirm(RECORD.id, "zoe")
    with pytest.raises(NotAllowed):
        home.reviews.add(agrees("zoe"))
    assert Desk(home).reviewing.reviews() == []


def test_a_turn_as_of_an_earlier_instant_does_not_see_a_later_review(home: Home) -> None:
    a_turn(home, "1")
    home.reviews.add(denies("ada"))
    before, after = NOON - timedelta(seconds=1), NOON
    assert risks(reviewed(*rows_of(home, "1", before))[1], NOON, ["RF11"])
    assert not risks(reviewed(*rows_of(home, "1", after))[1], NOON, ["RF11"])


def test_a_record_read_anew_keeps_its_old_reading_and_its_reviews_and_later_steps_use_the_newest(
    home: Home,
) -> None:
    a_turn(home, "1")
    home.reviews.add(denies("ada"))
    home.reviews.add(agrees("ben", 1, subject(claim=1)))
    a_turn(home, "2", claims=(claim("11.1", "Armed"), claim("1.2", "Armed")))
    desk = Desk(home).reviewing
    assert [c.coder_version for c in desk.readings(RECORD.id)] == ["1", "2"]
    assert {s.coder_version for s in desk.claims(RECORD.id)} == {"1", "2"}
    for version in ("1", "2"):
        kept = [s for s in desk.claims(RECORD.id) if s.coder_version == version]
        assert kept == sorted(read_claims(version), key=lambda s: (s.start, s.id)), "as it was written"
    used = Desk(home).signals()
    assert {(s.indicator, s.coder_version, s.review) for s in used} == {
        ("11.1", "2", "rejected"),
        ("1.2", "2", "machine"),
        ("14.4", "1", "person"),
    }


def read_claims(version: str) -> list[Signal]:
    newer: dict[str, Any] = (
        {"claims": (claim("11.1", "Armed"), claim("1.2", "Armed"))} if version == "2" else {}
    )
    return read(version, **newer)[1]


def test_the_desk_shows_what_its_turn_used_and_not_a_review_made_after_it(home: Home) -> None:
    a_turn(home, "1")
    desk = Desk(home)
    target = desk.reviewing.claims(RECORD.id)[0].id
    desk.reviewing.wrong(target, "ada", "it is not said")
    assert {s.review for s in Desk(home).signals()} == {"machine"}
    assert [r.signal for r in Desk(home).reviewing.reviews(RECORD.id)] == [target]
    a_turn(home, "2")
    assert {s.review for s in Desk(home).signals(record=RECORD.id)} == {"machine", "rejected"}


def test_a_claim_moved_to_another_country_is_found_there(home: Home) -> None:
    a_turn(home, "1")
    reviewing = Desk(home).reviewing
    reviewing.correct(RECORD.id, "ada", Judgement(countries=("SDN",)), "the camp is in the north")
    a_turn(home, "2")
    assert not Desk(home).signals("SSD") and len(Desk(home).signals("SDN")) == 2


def test_what_is_not_there_or_not_coded_cannot_be_reviewed(home: Home) -> None:
    reviewing = Desk(home).reviewing
    with pytest.raises(NotAllowed, match="tocsin run"):
        reviewing.confirm(RECORD.id, "ada")
    for target in ("rec-none", "sig-none"):
        with pytest.raises(UnknownId):
            reviewing.confirm(target, "ada")


def test_the_words_of_a_review_are_those_of_the_reading_it_names(home: Home) -> None:
    a_turn(home, "1")
    a_turn(home, "2")
    reviewing = Desk(home).reviewing
    old = next(s for s in reviewing.claims(RECORD.id) if s.coder_version == "1")
    reviewing.confirm(old.id, "ada")
    reviewing.correct(RECORD.id, "ada", Judgement(time=TimeStatus.PAST), "last year")
    first, second = reviewing.reviews()
    assert (first.coder, first.coder_version, first.of) == (OneCoder.name, "1", old)
    assert (second.coder_version, second.signal) == ("2", "")
    assert as_of_end(second.made.date()) >= second.made and second.made.tzinfo == UTC


def test_a_home_from_before_reviews_of_records_is_migrated_with_its_triggers(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(Path(ledger.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    ledger.migrate(engine, tmp_path / "copy.sqlite")
    assert not ledger.behind(engine) and models.HEAD in ledger.KNOWN_REVISIONS
    engine.dispose()
    db = sqlite3.connect(tmp_path / "old.sqlite")
    named = {row[1] for row in db.execute("PRAGMA table_info(reviews)")}
    triggers = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    db.close()
    assert {"id", "record", "signal", "reviewer", "recorded", "body"} <= named
    assert {"keep_reviews_update", "keep_reviews_delete"} <= triggers
    assert (tmp_path / "copy.sqlite").exists(), "a copy was made first"
