"""The public record of alarms as lines, as JSON and as rows: the same record gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from tocsin.evaluation.alarm_record import AlarmRecord, Beginning, Ending, Tally, Told
from tocsin.evaluation.lines import place_name

HEADS = {
    "misses": "MISSES: it began and no alarm of warning or above was in force",
    "same_year": "SAME YEAR: it began in the year in which an alarm was issued, before it or after",
    "met": "MET: it began where an alarm of warning or above was in force",
}
COUNTS = (
    "issued",
    "borne out",
    "same year",
    "went on",
    "false alarms",
    "open",
    "false per true",
    "median lead",
)
NOTHING = "none among what is known"


def as_json(record: AlarmRecord) -> dict[str, Any]:
    """The record as plain values, misses first. What has no meaning is null."""
    told: dict[str, Any] = _plain(asdict(record))
    told["all"]["false_per_true"] = record.all.per_true
    for name in ("years", "rules"):
        tallies: Mapping[Any, Tally] = getattr(record, name)
        for key, tally in tallies.items():
            told[name][str(key)]["false_per_true"] = tally.per_true
    return told


def as_rows(record: AlarmRecord) -> Iterator[dict[str, Any]]:
    """One flat row for every issued alarm."""
    for t in record.alarms:
        row = {**asdict(t), "steps": "; ".join(moves(t)), "ending": t.ending.value}
        yield {name: "" if value is None else str(value) for name, value in row.items()}


def as_lines(record: AlarmRecord) -> Iterator[str]:
    """The record for a reader: what began, misses first, then every alarm with its outcome, then counts."""
    yield "Issued alarms, and what then happened"
    yield from _head(record)
    for name, head in HEADS.items():
        found: Sequence[Beginning] = getattr(record, name)
        yield from ("", f"{head} ({len(found)})")
        yield from [_begun(one) for one in found] or [NOTHING]
    yield from ("", f"ALARMS, the newest first ({len(record.alarms)})")
    yield from [line for one in record.alarms for line in _alarm(one)] or ["none was issued"]
    yield from ("", f"{'':24}" + "".join(f"{name:>15}" for name in COUNTS))
    yield _tally("all", record.all)
    for parts in (record.years, record.rules):
        yield from (_tally(str(key), tally) for key, tally in parts.items())
    yield from ("", f"{'began in':24}{'missed':>15}{'same year':>15}{'met':>15}")
    for year, n in record.beginnings.items():
        yield f"{year:<24}" + "".join(f"{n[how]:>15}" for how in ("missed", "same year", "met"))


def counts(t: Tally) -> tuple[str, ...]:
    """The counts of a tally, in the order of COUNTS."""
    numbers = (t.issued, t.borne_out, t.same_year, t.went_on, t.false, t.open)
    ratio = "none" if t.per_true is None else f"{t.per_true:.1f}"
    return (*map(str, numbers), ratio, days(t.lead))


def days(lead: float | None) -> str:
    """A lead in words."""
    return "none" if lead is None else f"{lead:.0f} days"


def when(one: Beginning) -> str:
    """The year or the month in which something began."""
    return f"{one.began:%Y}" if one.told == "year" else f"{one.began:%Y-%m}"


def moves(told: Told) -> Iterator[str]:
    """Every change of an alarm: the day, the state and level, and who could make it; no names."""
    for step in told.steps:
        yield f"{step.on} {step.state} at {step.level} by {step.by}"


def became(told: Told) -> str:
    """What became of an alarm, in words."""
    if told.began is None:
        return told.ending.value
    lead = "" if told.lead is None else f", {told.lead} days after it was issued"
    told_by = f"{told.began:%Y}" if (told.began.month, told.began.day) == (1, 1) else f"{told.began:%Y-%m}"
    return f"{told.ending.value}: it began in {told_by}{lead}"


def _head(record: AlarmRecord) -> Iterator[str]:
    if record.first is None:
        yield "no turn has ended yet; run: tocsin run"
        return
    yield f"watch     from {record.first} to {record.as_of}"
    yield (
        f"alarms    {record.all.issued} issued of {record.proposals} proposed; {record.refused} refused, "
        f"{record.unsigned} lapsed unsigned; {record.overrides} by override, {record.dissents} dissents"
    )
    yield f"near      {record.near_misses} times a rule came within a tenth of its threshold and did not fire"
    yield (
        f"open      {record.all.open}: what then happened is not known, which is not the same as nothing "
        "having happened"
    )
    yield f"told by   {'; '.join(record.datasets)}"


def _begun(one: Beginning) -> str:
    lead = "" if one.lead is None else f"  {one.lead} days of standing before it"
    return f"  {when(one):8} {one.iso3} {place_name(one.iso3)}{lead}"


def _alarm(t: Told) -> Iterator[str]:
    extra = f"; {t.dissents} dissent(s)" if t.dissents else ""
    yield (
        f"  {t.issued} {t.iso3} {place_name(t.iso3)}: {t.level}, rule {t.rule}, in force to {t.until}, "
        f"now {t.state}; {became(t)}{extra}"
    )
    yield from (f"    {move}" for move in moves(t))


def _tally(name: str, t: Tally) -> str:
    return f"{name:24}" + "".join(f"{cell:>15}" for cell in counts(t))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Ending):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
