"""Rows that are JSON objects, as a table: every value one text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from tocsin.sources.readers import table

_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})T00:00(?::00(?:\.0+)?)?Z?")


def objects(items: Sequence[Any], name: str, before: int = 0, *, sparse: bool = False) -> table.Table:
    """The table of a page of objects; its columns are all names that any of them has.

    Rows are numbered from `before` + 1. An item that is no object is a row with a fault. What an object lacks
    or gives as null is an empty cell or, in `sparse` rows, no cell.
    """
    columns = tuple(dict.fromkeys(key for item in items if isinstance(item, dict) for key in item))
    return table.Table(name, columns, _rows(items, columns, before, sparse))


def _rows(items: Sequence[Any], columns: tuple[str, ...], before: int, sparse: bool) -> Iterator[table.Row]:
    for number, item in enumerate(items, before + 1):
        if isinstance(item, dict):
            given = [c for c in columns if item.get(c) is not None] if sparse else columns
            yield table.Row(number, {column: _text(item.get(column)) for column in given})
        else:
            yield table.Row(number, {}, fault="is not a JSON object")


def _text(value: Any) -> str:
    if isinstance(value, str):
        midnight = _MIDNIGHT.fullmatch(value)
        return midnight[1] if midnight else table.plain(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return table.plain(value)
