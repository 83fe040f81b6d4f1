"""Do no harm, as tests: nothing here can hold a person, a shelter or a target; every source was thought over.

Rules that a room can break alone are tested in that room: independent origins and silence in alarms, two
signers in alarms and in the turn, as-of reads in the store, the norm of use on command line and pages.
"""

import json
import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest

from tocsin.alarms.alarm import Alarm, Decision, NearMiss, Signature
from tocsin.assessment.belief import Assessment, Coverage, FactorReading
from tocsin.forecasting.forecast import Forecast
from tocsin.response.engagement import Engagement
from tocsin.signals.coded import CodedRecord
from tocsin.signals.signal import Claim, Signal
from tocsin.sources import catalog
from tocsin.sources.record import Event, Record
from tocsin.web.app import create_app

ROOT = Path(__file__).resolve().parents[1]
NOUNS = (
    Record, Event, CodedRecord, Signal, Claim, Forecast, Assessment, Coverage, FactorReading, Alarm, Decision,
    NearMiss, Signature, Engagement,
)  # fmt: skip
PERSON = re.compile(r"phone|email|face|device|passport|birth|home_address|gps|witness|person|imei|biometric")
ALLOWED = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "PDDL-1.0")


@pytest.mark.parametrize("noun", NOUNS)
def test_no_noun_has_a_field_for_a_person(noun: type) -> None:
    assert not [f.name for f in fields(noun) if PERSON.search(f.name)]


@pytest.mark.parametrize("noun", [Forecast, Assessment, Alarm, Decision])
def test_what_is_scored_is_a_place_and_never_a_person(noun: type) -> None:
    names = {f.name for f in fields(noun)}
    assert "iso3" in names and not names & {"actor", "individual", "name", "suspect"}


def test_no_address_of_the_dashboard_is_about_a_person_or_a_shelter() -> None:
    app = create_app(lambda run: None, None, b"x" * 32)  # type: ignore[arg-type, return-value]
    paths = set(app.openapi()["paths"])
    assert any("country" in path for path in paths)
    assert not [p for p in paths if re.search(r"person|reporter|source/|shelter|route|leaderboard", p)]


def test_every_source_says_who_could_use_it_to_hurt_whom() -> None:
    for sheet in catalog().values():
        assert len(sheet.review.split()) >= 5, sheet.id
        assert sheet.licence and sheet.grade and sheet.sensitivity


def test_nothing_ships_without_a_licence_that_allows_it() -> None:
    manifest = json.loads(files("tocsin.forecasting").joinpath("data", "manifest.json").read_text("utf-8"))
    for source in manifest["inputs"]:
        assert source["licence"] in ALLOWED or "re-keyed" in json.dumps(source), source


def test_the_norm_of_use_is_where_people_begin() -> None:
    said = " ".join((ROOT / "README.md").read_text("utf-8").split())
    for word in ("targeting", "border", "surveillance", "norm, not a lock"):
        assert word in said
