"""What we cannot see, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tocsin.assessment.belief import FactorReading, Missing
from tocsin.assessment.figures import Figure, weights
from tocsin.assessment.inputs import Inputs


def blind_spots(
    readings: Sequence[FactorReading],
    found: Mapping[str, Figure],
    inputs: Inputs,
) -> tuple[str, ...]:
    """Sentences on documents not read, figures that end, sources down and factors without a reading."""
    return (
        *_documents(inputs),
        *_figures(found, inputs.as_of, inputs.name),
        *(
            f"The source {source} is down: {why}."
            for source, why in sorted(inputs.source_health.items())
            if why
        ),
        *_factors(readings),
    )


def _documents(inputs: Inputs) -> tuple[str, ...]:
    name, records, newest = inputs.name, inputs.records_read, inputs.newest_record
    undated = sum(s.known is None for s in inputs.signals)
    table, day, said = weights(), inputs.as_of.date().isoformat(), []
    if records == 0:
        said.append(f"No document about {name} was read in the {table.window_days} days before {day}.")
        if newest:
            said.append(f"The newest document about {name} is of {newest}.")
    elif records < table.enough_records:
        said.append(
            f"Only {records} document(s) about {name} were read in the {table.window_days} days before {day}."
        )
    if undated:
        said.append(f"{undated} claim(s) without a date were not counted.")
    return tuple(said)


def _figures(found: Mapping[str, Figure], as_of: datetime, name: str) -> tuple[str, ...]:
    said = []
    for feed, publisher in weights().publishers.items():
        rules = [r for r in weights().figures if r.feed == feed]
        years = [found[r.column].year for r in rules if found[r.column].year is not None]
        if years:
            newest = max(y for y in years if y is not None)
            old = ", too old to count" if as_of.year - newest > max(r.oldest for r in rules) else ""
            said.append(f"{publisher[0].upper()}{publisher[1:]} figures end in {newest}{old}.")
        else:
            gaps = (found[r.column].missing.removeprefix("not covered:").strip() for r in rules)
            why = next((gap for gap in gaps if gap), "not covered")
            said.append(f"No {publisher} figures on {name} ({why}).")
    return tuple(said)


def _factors(readings: Sequence[FactorReading]) -> tuple[str, ...]:
    unread = [r.factor for r in readings if r.missing not in (None, Missing.NOT_APPLICABLE)]
    if not unread:
        return ()
    return (f"No reading of {', '.join(unread)}: nothing is known there, for better or worse.",)
