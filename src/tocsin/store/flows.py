"""Reports counted out of the lake, by group, source, country and day, and what a turn makes of them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw

from tocsin.assessment.belief import Assessment
from tocsin.assessment.coverage import Covered, Looked, coverage
from tocsin.assessment.doubt import EYES
from tocsin.assessment.everywhere import Watched, places
from tocsin.assessment.figures import figures_from_panel, weights
from tocsin.clock import Moment, Precision, as_of_end, today
from tocsin.signals.coded import CodedRecord
from tocsin.signals.voices import Spoken, Voices
from tocsin.sources import catalog
from tocsin.sources.reportflow import Counts, windows_of
from tocsin.store.home import Home
from tocsin.store.lake import Lake
from tocsin.store.sliced import sliced
from tocsin.store.turns import Stamp

Reports = Mapping[str, Mapping[str, Counts]]
"""Group of sources (events, words, conditions) to source to country to day to reports."""

NOUNS = {"events": "events", "incidents": "events", "conditions": "conditions"}
"""Tables of nouns with a country, and the group of a source that has no fact sheet."""

SLICES = {"gdelt_events": "gdelt"}
"""Tables of slices with a country, and their source."""


def watched(home: Home, view: Home, stamp: Stamp, coded: Sequence[CodedRecord]) -> Watched:
    """The eyes and ears on every place as a turn sees them; a replay knows of no runs of sources."""
    every = reports(home.lake, stamp.as_of, coded)
    told = steady(every, coded, stamp.as_of)
    ran = None if stamp.replay else last_good_runs(home)
    everywhere, until = sorted(places(stamp.as_of.date())), stamp.as_of.date()
    by_group = [windows_of(g, told[g], everywhere, until, ran) for g in EYES if told.get(g)]
    held = [n for by in every.values() for c in by.values() for days in c.values() for n in days.values()]
    return Watched(
        flow={iso3: tuple(w for found in by_group for w in found[iso3]) for iso3 in everywhere},
        presence=home.lake.read("presence", stamp.as_of),
        before={a.iso3: a for a in last_beliefs(view, stamp.as_of)},
        in_home=sum(held),
        health={} if stamp.replay else home.sources.health(),
    )


def last_beliefs(view: Home, as_of: datetime) -> list[Assessment]:
    """What the newest finished turn that did not look from later than `as_of` believed."""
    turns = view.ledger.turns(limit=50)
    run = next((t.run for t in turns if t.as_of <= as_of.replace(tzinfo=None)), "")
    return view.lake.read("assessments", as_of, where={"run": run}) if run else []


def last_good_runs(home: Home) -> dict[str, date]:
    """The day on which each source was last read without stopping."""
    found: dict[str, date] = {}
    for run in home.sources.runs():
        if not run.stopped:
            found[run.source] = max(run.started.date(), found.get(run.source, date.min))
    return found


def reports(lake: Lake, as_of: datetime, coded: Iterable[Spoken]) -> dict[str, dict[str, Counts]]:
    """Every report known at `as_of`: documents by the countries they name, events and values by their own."""
    found: dict[str, dict[str, Counts]] = defaultdict(dict)
    for source, words in _words(coded, as_of).items():
        found[_group(source, "words")][source] = words
    for table, group in NOUNS.items():
        for source, counts in _counted(_first_known(lake, table, as_of)).items():
            found[_group(source, group)][source] = counts
    for table, source in SLICES.items():
        rows = sliced(lake, table, as_of, _by_day)
        for counts in _counted({**row, "source": source} for row in rows).values():
            found[_group(source, "events")][source] = counts
    return dict(found)


def steady(told: Reports, coded: Iterable[Spoken], as_of: datetime) -> dict[str, Mapping[str, Counts]]:
    """The reports that make the flow: of words only those by origins that are not new here."""
    known = list(coded)
    voices = Voices(known, as_of)
    words = _words((c for c in known if voices.steady(c)), as_of)
    ours = {source: counts for source, counts in words.items() if _group(source, "words") == "words"}
    return {**told, "words": ours}


def _group(source: str, otherwise: str) -> str:
    sheet = catalog().get(source)
    return sheet.group if sheet else otherwise


def _words(coded: Iterable[Spoken], as_of: datetime) -> dict[str, dict[str, Counter[date]]]:
    found: dict[str, dict[str, Counter[date]]] = defaultdict(lambda: defaultdict(Counter))
    for c in coded:
        if c.known is not None and c.known.end <= as_of:
            for iso3 in c.countries:
                found[c.source][iso3][c.known.end.date()] += 1
    return found


def _first_known(lake: Lake, table: str, as_of: datetime) -> list[dict[str, Any]]:
    """Rows a source, country and day, each row of the source counted on the day it was first known."""

    at = as_of.astimezone(UTC).replace(tzinfo=None)

    def question(frame: Any) -> Any:
        known = frame.filter(nw.col("known_end") <= at)
        first = known.group_by("source", "external_id", "iso3").agg(nw.col("known_end").min().alias("first"))
        dated = first.with_columns(nw.col("first").cast(nw.Date).alias("day"))
        return dated.group_by("source", "iso3", "day").agg(nw.len().alias("n"))

    return lake.ask(table, question)


def _by_day(frame: Any) -> Any:
    """Rows a country and day of a table of slices, counted by the engine."""
    dated = frame.with_columns(nw.col("known").cast(nw.Date).alias("day"))
    return dated.group_by("iso3", "day").agg(nw.len().alias("n"))


def _counted(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, dict[date, int]]]:
    found: dict[str, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        if row["iso3"]:
            found[row["source"]][row["iso3"]][row["day"]] = int(row["n"])
    return found


class Watching:
    """What a home sees of every place as of an instant, by the readings that its newest turn uses.

    `made` holds what turns made: the home itself, or a replay in it.
    """

    def __init__(self, home: Home, made: Home, until: datetime | None = None) -> None:
        self._home, self._made, self._until = home, made, until

    def coverage(self) -> list[Covered]:
        """Every member of the United Nations, what is missed most first, then the other states."""
        as_of = self._until or as_of_end(today())
        coded = self._coded(as_of)
        live = self._made is self._home and as_of.date() >= today()
        told = reports(self._home.lake, as_of, coded)
        looked = Looked(
            reports=told,
            steady=steady(told, coded, as_of),
            coded=coded,
            presence=self._home.lake.read("presence", as_of),
            ran=last_good_runs(self._home) if live else None,
            newest_figure=_newest_figure(as_of),
        )
        return coverage(looked, as_of)

    def _coded(self, as_of: datetime) -> list[Document]:
        turns = self._made.ledger.turns(limit=1)
        version = turns[0].body["coder_version"] if turns else ""
        at = as_of.astimezone(UTC).replace(tzinfo=None)

        def known(frame: Any) -> Any:
            of_turn = frame.filter((nw.col("coder_version") == version) & (nw.col("known_end") <= at))
            return of_turn.select("record", "source", "origin", "copy", "story", "countries", "known_end")

        return [_document(row) for row in self._made.lake.ask("coded", known)] if version else []


@dataclass(frozen=True, slots=True)
class Document:
    """A few columns of a coded record: a home holds too many to be made into whole nouns for one page."""

    record: str
    source: str
    origin: str
    copy: str
    story: str
    countries: tuple[str, ...]
    known: Moment | None


def _document(row: Mapping[str, Any]) -> Document:
    return Document(
        record=row["record"],
        source=row["source"],
        origin=row["origin"],
        copy=row["copy"] or "",
        story=row["story"],
        countries=tuple(json.loads(row["countries"])),
        known=Moment(row["known_end"].replace(tzinfo=UTC), Precision.INSTANT),
    )


def _newest_figure(as_of: datetime) -> Callable[[str], int | None]:
    """The newest year with a figure on violence in the shipped table, by place."""
    from tocsin.forecasting.panel import load_panel

    panel = load_panel()

    def newest(iso3: str) -> int | None:
        figures = figures_from_panel(panel, iso3, as_of)
        return max((year for c in weights().core if (year := figures(c).year)), default=None)

    return newest
