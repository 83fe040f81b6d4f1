"""Feeds: where data come from. One module a provider, one fact sheet a source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from tocsin.errors import UnknownId
from tocsin.sources.contract import Source
from tocsin.sources.factsheet import catalog
from tocsin.sources.feeds.gdelt.names import READ_BY, dated, kind_of

TABLES = (".csv", ".zip", ".xlsx", ".parquet")
ARCHIVED = (".warc", ".warc.gz")
SYNDICATED = (".rss", ".atom", ".xml", ".rdf")
NAMED = (
    (re.compile(r"ngecEvents.*\.(txt|zip)$", re.IGNORECASE), "polecat"),
    (re.compile(r"(events\.(19|20)\d\d\..*|(19|20)\d{6}-icews-events)\.(tab|zip)$", re.IGNORECASE), "icews"),
)
"""How the files of some publishers are named, and who reads them."""


_READERS = {
    "acled": "acled.Acled",
    "acled_cast": "outlooks.cast.Cast",
    "conflictforecast": "outlooks.conflictforecast.ConflictForecast",
    "coups": "conditions.leaders.Coups",
    "earlywarningproject": "outlooks.earlywarningproject.EarlyWarningProject",
    "epr": "epr.Epr",
    "feeds": "rss.Feeds",
    "fewsnet": "conditions.food.FewsNet",
    "folder": "folder.Folder",
    "gdelt": "gdelt.source.Gdelt",
    "gdelt_gkg": "gdelt.source.GdeltGkg",
    "hapi": "hapi.Hapi",
    "icews": "icews.Icews",
    "idmc": "conditions.unhcr.Idmc",
    "idps": "conditions.hapi.Idps",
    "inform": "conditions.inform.Inform",
    "ipc": "conditions.food.Ipc",
    "leaders": "conditions.leaders.Leaders",
    "pages": "pages.Pages",
    "polecat": "polecat.Polecat",
    "presence": "presence.Noted",
    "reliefweb": "reliefweb.ReliefWeb",
    "ucdp": "ucdp.Ucdp",
    "unhcr": "conditions.unhcr.Unhcr",
    "vdem": "conditions.vdem.Vdem",
    "views": "outlooks.views.Views",
    "worldbank": "conditions.worldbank.WorldBank",
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

    Web archives go to `pages`, files named as GDELT, POLECAT and ICEWS name theirs to those sources. A folder
    is looked through; a source without files is left out.
    """
    sorted_paths: dict[str, list[Path]] = {}
    for path in paths:
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            sorted_paths.setdefault(_reader(file), []).append(file)
    return {name: tuple(files) for name, files in sorted_paths.items()}


def _reader(file: Path) -> str:
    if dated(file.name):
        return READ_BY[kind_of(file.name)]
    for pattern, name in NAMED:
        if pattern.match(file.name):
            return name
    if file.name.lower().endswith(ARCHIVED):
        return "pages"
    ending = file.suffix.lower()
    return "ucdp" if ending in TABLES else "feeds" if ending in SYNDICATED else "folder"
