"""What the data forms promise: one shape, a map that reads right, a table no spreadsheet runs, no harm."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.laid import POINT, SIGNERS, WORDS, bulletin, history, made, of, proposed
from tests.alarms.made import later
from tests.alarms.test_feed import ANY, alive
from tocsin.alarms.alarm import Alarm, Level
from tocsin.alarms.bulletin import LANGUAGES
from tocsin.alarms.edition import Edition, document, edition
from tocsin.alarms.exports import COLUMNS, FORMULA, as_csv, as_geojson, as_json
from tocsin.alarms.forms import FORMS
from tocsin.alarms.issued import Issue
from tocsin.alarms.watch import override
from tocsin.geography import countries

SCHEMA: dict[str, Any] = json.loads(files("tocsin.alarms").joinpath("alarms.schema.json").read_text("utf-8"))
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
WORDS_OF_SCHEMA = {
    "$schema", "title", "description", "$defs", "$ref", "type", "required", "additionalProperties",
    "properties", "items", "enum", "const", "pattern", "minLength", "minimum", "maximum",
}  # fmt: skip
HASHTAG = re.compile(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*")
PRESENT = sorted(c.iso3 for c in countries() if c.valid_to is None and c.status != "continued")


def wrong(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """Where a value breaks a schema: the part of JSON Schema 2020-12 that ours uses, and not more."""
    assert set(schema) <= WORDS_OF_SCHEMA, f"the checker does not know {set(schema) - WORDS_OF_SCHEMA}"
    if "$ref" in schema:
        yield from wrong(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], at)
    if not is_a(value, schema.get("type", "")):
        yield f"{at} is no {schema['type']}: {value!r}"
    elif not fits(value, schema):
        yield f"{at} is {value!r}"
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from wrong(one, schema.get("items", {}), f"{at}[{number}]")
    if isinstance(value, dict):
        yield from wrong_members(value, schema, at)


def wrong_members(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}.{key} is missing" for key in schema.get("required", []) if key not in value)
    for key, one in value.items():
        known = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
        yield from (
            [f"{at}.{key} is not in the schema"] if known is False else wrong(one, known, f"{at}.{key}")
        )


def is_a(value: Any, kind: str) -> bool:
    number = kind in ("integer", "number")
    return isinstance(value, KINDS.get(kind, object)) and not (number and isinstance(value, bool))


def fits(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        return False
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        return False
    return value in schema.get("enum", [value]) and value == schema.get("const", value)


def hostile(text: str) -> Edition:
    alarm = replace(alive()[-1], rule=text)
    return Edition((Issue((bulletin(alarm, headline=text),)),), "https://tocsin.example", alarm.recorded)


def test_the_json_has_the_shape_of_its_schema_and_every_language() -> None:
    body = json.loads(as_json(made(history(), alive("SSD"), alive("KIR"), alive("XKX"))))
    assert not list(wrong(body, SCHEMA)) and len(body["alarms"]) == 4
    assert body["alarms"][0]["forecasts"][0]["rank"] == 5 and body["alarms"][0]["certainty"] == "Possible"
    assert {tuple(a["texts"]) for a in body["alarms"]} == {LANGUAGES}
    assert {a["id"]: a["in_force"] for a in body["alarms"]}[history()[0].id] is False
    assert body["alarms"][0]["texts"]["ar"]["direction"] == "rtl"


def test_an_empty_edition_has_the_shape_too_and_says_that_nothing_is_listed_is_not_safety() -> None:
    body = json.loads(as_json(made()))
    assert not list(wrong(body, SCHEMA)) and body["alarms"] == [] and "not" in body["note"]


def test_the_checker_of_the_shape_finds_what_is_wrong() -> None:
    body = json.loads(as_json(made(alive())))
    for harm in ({"schema": 2}, {"alarms": [{}]}, {"more": 1}, {"updated": "yesterday"}, {"untold": [1]}):
        assert list(wrong({**body, **harm}, SCHEMA)), harm
    del body["note"]
    assert list(wrong(body, SCHEMA))


@given(iso3=st.sampled_from(PRESENT), level=st.sampled_from(list(Level)))
def test_the_map_is_geojson_with_whole_countries_and_the_right_hand_rule(iso3: str, level: Level) -> None:
    alarm = replace(alive()[-1], iso3=iso3, level=level)
    body = json.loads(as_geojson(Edition((Issue((bulletin(alarm),)),), "https://x.example", alarm.recorded)))
    assert body["type"] == "FeatureCollection" and set(body) == {"type", "features"}
    (feature,) = body["features"]
    assert (
        feature["type"] == "Feature" and feature["id"] == alarm.id and feature["properties"]["iso3"] == iso3
    )
    if feature["geometry"] is None:
        return
    assert feature["geometry"]["type"] == "MultiPolygon", "no point, whatever the size of the country"
    for (ring,) in feature["geometry"]["coordinates"]:
        assert ring[0] == ring[-1] and len(ring) >= 4 and shapely.LinearRing(ring).is_ccw
        assert all(-181 <= lon <= 181 and -90 <= lat <= 90 for lon, lat in ring)
        west, _, east, _ = shapely.LinearRing(ring).bounds
        assert east - west < 180


def test_the_map_writes_longitude_first() -> None:
    (feature,) = json.loads(as_geojson(made(history())))["features"]
    whole = shapely.geometry.shape(feature["geometry"])
    assert whole.contains(shapely.Point(32.5, 15.5)) and not whole.contains(shapely.Point(15.5, 32.5))


def test_the_table_has_a_row_of_hashtags_under_its_headings() -> None:
    heads, tags, *rows = csv.reader(io.StringIO(as_csv(made(history(), alive("SSD"))).decode("utf-8")))
    assert len(heads) == len(tags) == len(set(tags)) and all(HASHTAG.fullmatch(tag) for tag in tags)
    assert {"#country+code+v_iso3", "#severity+level", "#date+start"} <= set(tags)
    told = [dict(zip(tags, row, strict=True)) for row in rows]
    assert {r["#country+code+v_iso3"] for r in told} == {"SDN", "SSD"}
    assert {r["#status+alarm"]: r["#status+inforce"] for r in told} == {"cancelled": "no", "issued": "yes"}


@given(text=ANY | st.sampled_from(FORMULA).flatmap(lambda f: ANY.map(lambda t: f"{f}{t}")))
def test_no_cell_is_run_by_a_spreadsheet(text: str) -> None:
    _, _, *rows = csv.reader(io.StringIO(as_csv(hostile(text)).decode("utf-8"), newline=""))
    (row,) = rows
    assert len(row) == len(COLUMNS)
    assert not [cell for cell in row if cell.strip().startswith(FORMULA)]
    assert not [cell for cell in row if any(c in cell for c in "\r\n\t\0")]


@pytest.mark.parametrize("text", ["=1+1", "\t=1", " @SUM(A1)", "+4", "-4", "＝1"])
def test_a_formula_is_shown_and_not_run(text: str) -> None:
    _, _, row = csv.reader(io.StringIO(as_csv(hostile(text)).decode("utf-8"), newline=""))
    assert row[[key for _, _, key in COLUMNS].index("headline")].startswith("'")


@given(text=ANY)
def test_any_text_gives_json_that_can_be_read(text: str) -> None:
    for form in (as_json, as_geojson):
        assert json.loads(form(hostile(text)))


FORMS_OF_ONE: list[Callable[[Edition], bytes]] = [
    *(make for make, _ in FORMS.values()),
    lambda e: b"".join(document(issue, "a@tocsin.example") for issue in e.issues),
]


def raised(iso3: str, level: Level, by_two: bool) -> list[Alarm]:
    """Issued, and a change to it that waits, with what must stay inside in every text that people typed."""
    why = f"they told me at {POINT}: “{WORDS}”"
    first = proposed(iso3, level, id=f"alm-{iso3}")
    issued = override(first, SIGNERS[0], why, later(first, 1))
    if by_two:
        issued = replace(issued, why=f"signed by {' and '.join(SIGNERS)}; dissent of {SIGNERS[1]}: {why}")
    waiting = replace(
        issued,
        revision=3,
        state=first.state,
        level=Level.ONGOING,
        sentences=("Waiting for a signature.",),
        rule="rule-of-the-change",
        recorded=later(issued, 1),
    )
    return [first, issued, waiting]


@given(
    iso3=st.sampled_from(PRESENT),
    level=st.sampled_from([Level.WARNING, Level.ALARM]),
    by_two=st.booleans(),
    form=st.sampled_from(FORMS_OF_ONE),
)
def test_no_public_form_holds_words_signers_points_or_proposals(
    iso3: str, level: Level, by_two: bool, form: Callable[[Edition], bytes]
) -> None:
    every = raised(iso3, level, by_two)
    found = edition([every], of, "https://tocsin.example", every[-1].recorded)
    assert [i.alarm.revision for i in found.issues] == [2], found.untold
    told = form(found).decode("utf-8")
    assert every[0].id in told and "hidden in the school" not in told and "Uniquename" not in told
    assert "12.345" not in told and "23.456" not in told
    assert "Waiting for a signature" not in told and "rule-of-the-change" not in told
    assert not re.search(r'"Point"|georss|<geo:|<circle>[^<]* [0-9](\.[0-9]+)?</circle>', told)
