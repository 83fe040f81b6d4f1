"""Figures by state and year from UCDP, the World Bank, UNHCR and IDMC. An absent key is an empty cell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from country_year.states import FIRST, LAST, Cell, States
from tocsin.errors import InputError

Column = dict[Cell, float]
Table = dict[str, Column]

DYADS = "ucdp_ged251_dyad_country_year/ged251_dyad_country_year.parquet"
CONFLICTS = "structural/ucdp_acd.parquet"
ECONOMY = "structural/wdi_indicators.json"
POPULATION = "structural/population.csv"
PEOPLE = "displacement/unhcr_population.parquet"
IDMC = "displacement/unhcr_idmc.parquet"

GED_TOTAL = 3_957_143
GED_FIRST, UNHCR_IDP_FIRST, ASYLUM_FIRST, IDMC_FIRST = 1989, 1993, 2000, 2009
COUNTED_ELSEWHERE = {"PSE"}
ONE_SIDED_ACTOR = 25
DEATHS = (
    "sb_deaths",
    "ns_deaths",
    "os_deaths",
    "os_low",
    "os_high",
    "os_state_deaths",
    "os_nonstate_deaths",
    "os_actors",
)


def query(shared: Path, path: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of one input file, `{t}` in the query. Raises InputError when the file is not there."""
    source = shared / path
    if not source.exists():
        raise InputError("no such input", str(source), "give the folder of inputs as the first argument")
    with duckdb.connect() as engine:
        return engine.execute(sql.format(t=f"'{source}'")).fetchall()


def deaths(shared: Path, states: States) -> Table:
    """UCDP GED 25.1 best estimates by type of violence, by the state where the deaths happened.

    The type is read from the sides: civilians as side B are one-sided violence; a government on either side
    is state-based; all else non-state. A state in the system with no event in 1989 to 2024 is a zero of UCDP.
    """
    rows = query(
        shared,
        DYADS,
        "SELECT country, year, side_a, side_b, one_sided, sum(best), sum(low), sum(high) "
        "FROM {t} GROUP BY ALL",
    )
    if (total := sum(r[5] for r in rows)) != GED_TOTAL:
        raise InputError(f"best estimates sum to {total}, not {GED_TOTAL}", DYADS)
    names = (
        "sb_deaths",
        "ns_deaths",
        "os_deaths",
        "os_low",
        "os_high",
        "os_state_deaths",
        "os_nonstate_deaths",
    )
    table = {name: _zeros(states) for name in (*names, "os_actors")}
    by_actor: dict[tuple[Cell, str], int] = defaultdict(int)
    for country, year, side_a, side_b, one_sided, best, low, high in rows:
        cell = states.row_of_name(country, year)
        if not one_sided:
            governed = side_a.startswith("Government of") or side_b.startswith("Government of")
            table["sb_deaths" if governed else "ns_deaths"][cell] += best
            continue
        led = "os_state_deaths" if side_a.startswith("Government of") else "os_nonstate_deaths"
        for name, figure in (("os_deaths", best), ("os_low", low), ("os_high", high), (led, best)):
            table[name][cell] += figure
        by_actor[cell, side_a] += best
    for (cell, _), killed in by_actor.items():
        table["os_actors"][cell] += killed >= ONE_SIDED_ACTOR
    return table


def _zeros(states: States) -> Column:
    return {c: 0 for c in states.gw if c[1] >= GED_FIRST and c[0] not in COUNTED_ELSEWHERE}


def conflicts(shared: Path, states: States) -> Table:
    """UCDP/PRIO conflicts of a state's own government: how many, and the highest intensity (0, 1, 2).

    The file names no location, so a conflict is placed by its primary parties: both sides of an interstate
    one, the government of the others. Colonial (extrasystemic) wars were fought elsewhere and are left out.
    """
    rows = query(
        shared,
        CONFLICTS,
        "SELECT DISTINCT conflict_id, year::INT, intensity_level::INT, unnest([gwno_a, gwno_b])::INT AS gw "
        f"FROM {{t}} WHERE type_of_conflict <> 'extrasystemic' AND year BETWEEN {FIRST} AND {LAST}",
    )
    covered = {c: 0.0 for c in states.gw if c[0] not in COUNTED_ELSEWHERE}
    table = {"acd_conflicts": dict(covered), "acd_intensity": dict(covered)}
    for conflict, year, intensity, gw in rows:
        if gw is None:
            continue
        cell = states.row_of_gw(gw, year)
        if cell is None:
            raise InputError(f"conflict {conflict} names state {gw}, which has no row in {year}", CONFLICTS)
        table["acd_conflicts"][cell] += 1
        table["acd_intensity"][cell] = max(table["acd_intensity"][cell], intensity)
    return table


def population(shared: Path, states: States) -> Table:
    """World Bank mid-year population of the territory in today's borders."""
    rows = query(shared, POPULATION, 'SELECT "Country Code", "Year"::INT, "Value" FROM {t}')
    return {"population": {(i, y): float(v) for i, y, v in rows if (i, y) in states.gw and v is not None}}


def economy(shared: Path, states: States) -> Table:
    """World Bank growth of gross domestic product and trade, in percent, to two decimals."""
    found = json.loads((shared / ECONOMY).read_text(encoding="utf-8"))
    table: Table = {"gdp_growth": {}, "trade_pct_gdp": {}}
    for iso3, years in found.items():
        for row in years:
            cell = (iso3, row["year"])
            for name, column in table.items():
                if cell in states.gw and row.get(name) is not None:
                    column[cell] = round(row[name], 2)
    return table


def displacement(shared: Path, states: States) -> Table:
    """UNHCR's end-of-year stocks by origin and by host, and IDMC's stock of people displaced by conflict.

    A state that UNHCR does not list in a year stays empty: it is unknown, not zero. Asylum seekers counted
    before 2000 have no origin. Internally displaced people were not counted before 1993, and a nil count of
    them says only that UNHCR was not engaged: it stays empty too.
    """
    sums = "year::INT, sum(refugees), sum(asylum_seekers), sum(idps)"
    origin = query(shared, PEOPLE, f"SELECT coo_iso, {sums} FROM {{t}} GROUP BY 1, 2")
    host = query(shared, PEOPLE, f"SELECT coa_iso, {sums} FROM {{t}} GROUP BY 1, 2")
    idmc = query(shared, IDMC, "SELECT coo_iso, year::INT, sum(total) FROM {t} GROUP BY 1, 2")

    def column(rows: list[tuple[Any, ...]], at: int, keep: Callable[[int, float], bool]) -> Column:
        found: Column = {}
        for row in rows:
            cell = states.row(row[0], row[1])
            if cell is not None and row[at] is not None and keep(row[1], row[at]):
                found[cell] = found.get(cell, 0) + row[at]
        return found

    return {
        "refugees_origin": column(origin, 2, lambda year, n: True),
        "asylum_origin": column(origin, 3, lambda year, n: year >= ASYLUM_FIRST),
        "refugees_hosted": column(host, 2, lambda year, n: True),
        "idps": column(host, 4, lambda year, n: year >= UNHCR_IDP_FIRST and n > 0),
        "idps_idmc": column(idmc, 2, lambda year, n: year >= IDMC_FIRST),
    }
