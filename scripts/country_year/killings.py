"""Mass-killing episodes re-keyed to our own table of facts, and the yearly labels made from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from country_year.figures import Table
from country_year.states import FIRST, HERE, Cell, States, read_csv
from tocsin.errors import InputError

EVENTS = "mass_killing/mass_killing_episodes.csv"
LABELS_LAST = 2023


@dataclass(frozen=True, slots=True)
class Episode:
    """One mass killing: `end_year` is None while it goes on; `led_by` is `state` or `nonstate`."""

    id: str
    iso3: str
    start_year: int
    end_year: int | None
    led_by: str


def episodes(shared: Path, states: States) -> tuple[Episode, ...]:
    """The list's episodes with place, years and kind of perpetrator alone, under ids of our own."""
    fixes = {r["event"]: r["iso3"] for r in read_csv(HERE / "episode_places.csv")}
    found = []
    for row in read_csv(shared / EVENTS):
        start, end = int(row["startyear"]), int(float(row["endyear"])) if row["endyear"] else None
        led_by = {"State-Led": "state", "Non-State-Led": "nonstate"}[row["led_by"]]
        iso3 = fixes.get(row["code"]) or _place(row, start, states)
        found.append((iso3, start, end, led_by))
    taken: Counter[str] = Counter()
    made = []
    for iso3, start, end, led_by in sorted(found, key=lambda e: (e[0], e[1], e[3], e[2] or 9999)):
        stem = f"{iso3}-{start}-{led_by}"
        taken[stem] += 1
        made.append(Episode(f"{stem}-{taken[stem]}", iso3, start, end, led_by))
    return tuple(made)


def _place(row: dict[str, str], start: int, states: States) -> str:
    cell = states.row_of_gw(int(row["location_cow"]), max(start, FIRST))
    if cell is None:
        raise InputError(
            f"place {row['location_cow']} of {row['code']} is no state of {start}",
            EVENTS,
            "add it to episode_places.csv",
        )
    return cell[0]


def labels(found: tuple[Episode, ...], states: States) -> Table:
    """Onset, ongoing and history by state and year, to the list's last year; later years stay empty."""
    covered = sorted(c for c in states.gw if c[1] <= LABELS_LAST)
    names = ("mk_onset", "mk_onset_state_led", "mk_ongoing", "mk_ever")
    table: Table = {name: dict.fromkeys(covered, 0) for name in names}
    table["years_since_mk"] = {}
    for episode in found:
        _mark(episode, table)
    latest: dict[int, int] = {}
    for e in (e for e in found if e.start_year < FIRST):
        gw = states.gw[e.iso3, FIRST]
        latest[gw] = max(latest.get(gw, 0), min(e.end_year or LABELS_LAST, FIRST - 1))
    for cell in sorted(covered, key=lambda c: c[1]):
        gw, year = states.gw[cell], cell[1]
        if table["mk_ongoing"][cell]:
            latest[gw] = year
        if gw in latest:
            table["mk_ever"][cell] = 1
            table["years_since_mk"][cell] = year - latest[gw]
    return table


def _mark(episode: Episode, table: Table) -> None:
    start: Cell = (episode.iso3, episode.start_year)
    if episode.start_year >= FIRST and start not in table["mk_onset"]:
        raise InputError(f"{episode.id} starts where no state had a row", EVENTS)
    if start in table["mk_onset"]:
        table["mk_onset"][start] = 1
        if episode.led_by == "state":
            table["mk_onset_state_led"][start] = 1
    for year in range(episode.start_year, (episode.end_year or LABELS_LAST) + 1):
        if (episode.iso3, year) in table["mk_ongoing"]:
            table["mk_ongoing"][episode.iso3, year] = 1
