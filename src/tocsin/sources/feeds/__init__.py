"""Feeds: where data come from. One module a provider, one fact sheet a source."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from tocsin.errors import UnknownId
from tocsin.sources.contract import Source
from tocsin.sources.factsheet import catalog

TABLES = (".csv", ".zip", ".xlsx", ".parquet")
SYNDICATED = (".rss", ".atom", ".xml", ".rdf")


_READERS = {
    "epr": "epr.Epr",
    "feeds": "rss.Feeds",
    "folder": "folder.Folder",
    "ucdp": "ucdp.Ucdp",
}
"""Module and class of each fact sheet's function; a module loads when its source is first asked for."""


def source(name: str) -> Source:
    """The source of a fact sheet's id. Raises UnknownId."""
    if name not in catalog():
        raise UnknownId("source", name, catalog())
    module, _, kind = _READERS[name].rpartition(".")
    made: Source = getattr(import_module(f"{__name__}.{module}"), kind)()
    return made


def sort_paths(paths: Iterable[Path]) -> dict[str, tuple[Path, ...]]:
    """Which source reads which path when none is named: tables `ucdp`, XML `feeds`, all else `folder`.

    A folder is looked through; a source without files is left out.
    """
    sorted_paths: dict[str, list[Path]] = {}
    for path in paths:
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            ending = file.suffix.lower()
            name = "ucdp" if ending in TABLES else "feeds" if ending in SYNDICATED else "folder"
            sorted_paths.setdefault(name, []).append(file)
    return {name: tuple(files) for name, files in sorted_paths.items()}
