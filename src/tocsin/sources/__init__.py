"""Sources: where records and events come from. Heavy names load when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tocsin.sources.contract import Gathered, Request, Source, SourceReport
from tocsin.sources.record import Event, Record, event_id, record_id

if TYPE_CHECKING:
    from tocsin.sources.factsheet import FactSheet, catalog, fact_sheet
    from tocsin.sources.feeds import sort_paths, source
    from tocsin.sources.feeds.ucdp_layers import layered

_HOMES = {
    "FactSheet": "tocsin.sources.factsheet",
    "catalog": "tocsin.sources.factsheet",
    "fact_sheet": "tocsin.sources.factsheet",
    "layered": "tocsin.sources.feeds.ucdp_layers",
    "sort_paths": "tocsin.sources.feeds",
    "source": "tocsin.sources.feeds",
}

__all__ = [
    "Event",
    "FactSheet",
    "Gathered",
    "Record",
    "Request",
    "Source",
    "SourceReport",
    "catalog",
    "event_id",
    "fact_sheet",
    "layered",
    "record_id",
    "sort_paths",
    "source",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tocsin.sources' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
