"""Corrections on the way into the lake: what a source says anew of what it said before is a new row.

A row is known again by its source and the source's own id. One that says the same changes nothing; one that
says something else names the row it replaces, also when it goes back to what was said before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from tocsin.evidence import content_id
from tocsin.sources.contract import Gathered
from tocsin.sources.record import Record
from tocsin.store.lake import Lake, Standing
from tocsin.store.tables import TABLES


def tables(lake: Lake, gathered: Gathered) -> Mapping[str, Iterable[Any]]:
    """What one step of a source yields, by table, corrections marked as such."""
    told: dict[str, Iterable[Any]] = {
        "records": _dated_later(gathered.records, partial(lake.undated, "records")),
        "events": gathered.events,
        "groups": gathered.groups,
        "incidents": gathered.incidents,
        "conditions": gathered.conditions,
        "outlooks": gathered.outlooks,
        "presence": gathered.presence,
        "withdrawals": gathered.withdrawals,
    }
    for table in (name for name in told if TABLES[name].corrected):
        told[table] = corrected(told[table], partial(lake.standing, table, gathered.source))
    return told


def corrected(nouns: Iterable[Any], standing: Callable[[], Mapping[str, Standing]]) -> Iterator[Any]:
    """The rows that are new, each naming the row it replaces. `standing` gives what stands, when first asked.

    A version that was known before the one that stands (an older release, read later) replaces nothing.
    """
    there: dict[str, Standing] | None = None
    for noun in nouns:
        if there is None:
            there = dict(standing())
        stands = there.get(noun.external_id)
        if not noun.external_id or (stands and _older(noun, stands)):
            yield noun
        elif stands is None or not _same(noun.id, stands):
            made = replace(noun, id=_anew(noun.id, stands.id), replaces=stands.id) if stands else noun
            there[noun.external_id] = Standing(made.id, made.replaces, _end(made))
            yield made


def _older(noun: Any, stands: Standing) -> bool:
    end = _end(noun)
    return end is not None and stands.known is not None and end < stands.known


def _end(noun: Any) -> datetime | None:
    return noun.known.end if noun.known else None


def _same(id: str, stands: Standing) -> bool:
    """Whether the standing row says the same: its id is that of its words, and of the row it replaced."""
    return stands.id == (_anew(id, stands.replaces) if stands.replaces else id)


def _anew(id: str, replaces: str) -> str:
    return content_id(id.partition("-")[0], id, replaces)


def _dated_later(records: Iterable[Record], undated: Callable[[], Set[str]]) -> Iterator[Record]:
    """A document that was kept without a date and now has one is a correction: a new row for the old.

    `undated` gives the ids of those without a date, when first asked: most steps bring no document.
    """
    there: Set[str] | None = None
    for record in records:
        there = undated() if there is None else there
        corrects = record.known is not None and record.id in there
        dated = content_id("rec", record.id, str(record.known))
        yield replace(record, id=dated, replaces=record.id) if corrects else record
