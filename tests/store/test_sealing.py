"""Seals on a home: `check home` finds, in one line, whatever was done to a sealed forecast or to a seal."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.tools import tocsin
from tests.web.desk import forecast
from tocsin.acts import faults
from tocsin.evidence import canonical, sha256
from tocsin.forecasting.forecast import Forecast
from tocsin.store.home import Home, open_home
from tocsin.store.ledger import open_engine
from tocsin.store.models import TurnRow
from tocsin.store.rows import to_row
from tocsin.store.sealing import FIRST_FIELDS

ROWS = "{rows}"
SUDAN = "FROM {rows} WHERE iso3 = 'SDN'"
SWAPPED = "CASE iso3 WHEN 'SDN' THEN 'live-2-SSD' WHEN 'SSD' THEN 'live-2-SDN' ELSE id END"
PLACES = ("FRA", "SDN", "SSD")
FIELDS = (
    "probability",
    "low",
    "base_rate",
    "rank",
    "of",
    "iso3",
    "manifest",
    "window",
    "baselines",
    "recorded",
)


def batch(run: str) -> list[Forecast]:
    made = [forecast(iso3, "one_sided_100", 12, 0.1 * n, n) for n, iso3 in enumerate(PLACES, 1)]
    return [replace(f, id=f"{run}-{f.iso3}", run=run) for f in made]


def a_turn(home: Home, run: str) -> list[Forecast]:
    made, at = batch(run), datetime(2026, 3, 1, 12, tzinfo=UTC)
    home.lake.write({"forecasts": made}, "test")
    plain = at.replace(tzinfo=None)
    row = TurnRow(run=run, replay=False, as_of=plain, ended=plain, generation=1, body={})
    home.ledger.add_turn(row, [], {"forecasts": made}, at)
    return made


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = open_home(tmp_path_factory.mktemp("sealed") / "home")
    for run in ("live-1", "live-2", "live-3"):
        a_turn(home, run)
    assert faults(home) == []
    home.close()
    return home.folder


@pytest.fixture
def home(sealed: Path, tmp_path: Path) -> Home:
    return copied(sealed, tmp_path)


def copied(sealed: Path, into: Path) -> Home:
    import shutil

    shutil.copytree(sealed, into / "home")
    return open_home(into / "home")


def rewrite(home: Home, run: str, query: str) -> None:
    """Put what a query makes of a run's forecasts in their place, and mend the manifest as a forger would."""
    manifest = home.lake.folder / "manifest.json"
    told = json.loads(manifest.read_text())
    for part in told["parts"]:
        path = home.lake.folder / part["file"]
        with duckdb.connect() as con:
            rows = con.read_parquet(str(path))
            if rows.filter(f"run = '{run}'").shape[0] == 0:
                continue
            made = con.sql(query.format(rows=f"read_parquet('{path}')"))
            made.write_parquet(str(path) + ".new")
            part["rows"] = int(con.read_parquet(str(path) + ".new").shape[0])
        Path(str(path) + ".new").replace(path)
        part["sha256"] = sha256(path.read_bytes())
    manifest.write_text(json.dumps(told))


def forge(home: Home, *statements: str) -> None:
    """Change the ledger past its guards, as somebody with the file could."""
    home.close()
    db = sqlite3.connect(home.folder / "ledger.sqlite")
    for table in ("seals", "turns"):
        for act in ("update", "delete"):
            db.execute(f"DROP TRIGGER keep_{table}_{act}")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    run=st.sampled_from(["live-1", "live-2", "live-3"]),
    iso3=st.sampled_from(PLACES),
    field=st.sampled_from(FIELDS),
)
def test_one_changed_value_of_one_stored_forecast_is_found(
    sealed: Path, tmp_path_factory: pytest.TempPathFactory, run: str, iso3: str, field: str
) -> None:
    home = copied(sealed, tmp_path_factory.mktemp("forged"))
    last = {
        "probability": "probability + 1e-9",
        "recorded": f"{field} + INTERVAL 1 MICROSECOND",
        "iso3": "'FRB'",
    }
    new = last.get(
        field, f'"{field}" + 1' if field in ("rank", "of", "low", "base_rate") else f"\"{field}\" || ' '"
    )
    one = f"CASE WHEN id = '{run}-{iso3}' THEN {new} ELSE \"{field}\" END"
    query = f'SELECT * REPLACE ({one} AS "{field}") FROM {{rows}}'
    rewrite(home, run, query)
    (line,) = faults(home)
    assert run in line and "1 changed" in line and f"{run}-{iso3}" in line
    home.close()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * FROM {rows} WHERE iso3 <> 'SDN'", "1 missing (live-2-SDN)"),
        ("SELECT * FROM {rows} WHERE run <> 'live-2'", "3 missing"),
        (f"FROM {ROWS} UNION ALL SELECT * REPLACE ('new' AS id) {SUDAN}", "1 added (new)"),
        (f"FROM {ROWS} UNION ALL SELECT * {SUDAN}", "1 added (live-2-SDN)"),
        (f"SELECT * REPLACE ({SWAPPED} AS id) FROM {ROWS}", "2 changed"),
    ],
)
def test_a_forecast_removed_added_or_moved_is_found_in_one_line(home: Home, query: str, told: str) -> None:
    rewrite(home, "live-2", query)
    (line,) = faults(home)
    assert told in line and "seal 2" in line
    home.close()


def test_a_changed_byte_of_the_file_is_found_whatever_it_holds(home: Home) -> None:
    part = home.lake.generation().of("forecasts")[1]
    path = home.lake.folder / part.file
    raw = path.read_bytes()
    path.write_bytes(raw[:200] + bytes([raw[200] ^ 1]) + raw[201:])
    (line,) = faults(home)
    assert part.file in line
    home.close()


@pytest.mark.parametrize("run", ["live-1", "live-2", "live-3"])
def test_a_removed_seal_is_found_also_the_newest(home: Home, run: str) -> None:
    forge(home, f"DELETE FROM seals WHERE run = '{run}'")
    found = faults(home)
    assert any(f"the seal of the forecasts of {run} is missing" in line for line in found)
    assert len(found) == (2 if run == "live-3" else 3), "and the chain does not close over the gap"
    assert found[-1].startswith("log: ") and "logs a row that is not there" in found[-1]
    said = tocsin(home.folder, "check", "home")
    assert said.returncode == 2 and run in said.stderr
    home.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seals SET recorded = '2020-01-01 00:00:00.000000' WHERE seq = 2",
        "UPDATE seals SET run = 'live-9' WHERE seq = 2",
        "UPDATE seals SET body = replace(body, 'live-2-SDN', 'live-2-SDM') WHERE seq = 2",
        "UPDATE seals SET body = '{}' WHERE seq = 2",
        "UPDATE seals SET seq = seq + 10 WHERE seq = 2",
    ],
)
def test_a_changed_or_moved_seal_is_found(home: Home, statement: str) -> None:
    forge(home, statement)
    assert faults(home)
    home.close()


def test_a_turn_that_was_killed_between_the_stores_is_no_fault(home: Home) -> None:
    home.lake.write({"forecasts": batch("live-4")}, "test")
    assert faults(home) == []
    home.close()


def test_seals_made_before_rows_were_hashed_one_by_one_still_verify(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "home.json").write_text('{"schema": 1}')
    config = Config()
    config.set_main_option("script_location", str(Path(open_home.__code__.co_filename).parent / "migrations"))
    with open_engine(f"sqlite:///{folder / 'ledger.sqlite'}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    made = batch("live-1")
    rows = [
        {k: v for k, v in to_row(f).items() if k in FIRST_FIELDS} for f in sorted(made, key=lambda f: f.id)
    ]
    digest = sha256(canonical(rows).encode())
    link = sha256(canonical(["", "live-1", "forecasts", digest]).encode())
    db = sqlite3.connect(folder / "ledger.sqlite")
    at = "2026-01-01 00:00:00.000000"
    db.execute("INSERT INTO turns VALUES ('live-1', 0, ?, ?, 1, '{}')", (at, at))
    db.execute("INSERT INTO seals VALUES (1, 'live-1', 'forecasts', 3, ?, '', ?, ?)", (digest, link, at))
    db.commit()
    db.close()
    home = open_home(folder)
    home.lake.write({"forecasts": made}, "test")
    a_turn(home, "live-2")
    assert faults(home) == [] and [s.schema for s in home.ledger.seals()] == [0, 1]
    rewrite(home, "live-1", "SELECT * REPLACE (probability + 0.1 AS probability) FROM {rows}")
    (line,) = faults(home)
    assert "live-1" in line
    home.close()
