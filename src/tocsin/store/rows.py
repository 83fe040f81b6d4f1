"""Nouns as rows and back: one mapping for the lake and the ledger.

A row has one column a field. Nested values (tuples, mappings, other nouns) are JSON text; a `Moment` is JSON
text plus a `<field>_end` timestamp to filter on; times are UTC without a zone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

from tocsin.clock import Moment
from tocsin.errors import HomeDamaged

_SCALARS = {
    bool: "BOOLEAN",
    int: "BIGINT",
    float: "DOUBLE",
    str: "VARCHAR",
    datetime: "TIMESTAMP",
    date: "DATE",
}


@cache
def _adapter(noun: Any) -> TypeAdapter[Any]:
    return TypeAdapter(noun)


@cache
def _kinds(noun: Any) -> dict[str, Any]:
    hints = get_type_hints(noun)
    return {f.name: _bare(hints[f.name]) for f in fields(noun)}


@cache
def _optional(noun: Any) -> frozenset[str]:
    hints = get_type_hints(noun)
    return frozenset(f.name for f in fields(noun) if type(None) in get_args(hints[f.name]))


def _bare(hint: Any) -> Any:
    inner = [a for a in get_args(hint) if a is not type(None)]
    return inner[0] if type(None) in get_args(hint) and len(inner) == 1 else hint


def _scalar(kind: Any) -> str | None:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "VARCHAR"
    return _SCALARS.get(kind) if isinstance(kind, type) else None


@cache
def columns(noun: type) -> dict[str, str]:
    """Column name to SQL type for the rows of a noun."""
    out: dict[str, str] = {}
    for name, kind in _kinds(noun).items():
        out[name] = _scalar(kind) or "VARCHAR"
        if kind is Moment:
            out[f"{name}_end"] = "TIMESTAMP"
    return out


def to_row(value: Any) -> dict[str, Any]:
    """The row of a noun: JSON-able values, in the order of `columns`."""
    kinds = _kinds(_noun(value))
    row: dict[str, Any] = {}
    for name, plain in _adapter(_noun(value)).dump_python(value, mode="json").items():
        kind = kinds[name]
        if kind is datetime:
            row[name] = _utc_text(getattr(value, name))
        elif _scalar(kind) or plain is None:
            row[name] = plain
        else:
            row[name] = json.dumps(plain, ensure_ascii=False, sort_keys=True)
        if kind is Moment:
            moment = getattr(value, name)
            row[f"{name}_end"] = _utc_text(moment.end if moment else None)
    return row


def from_row(noun: type, row: Mapping[str, Any]) -> Any:
    """The noun of a row. Raises HomeDamaged when the row does not make one."""
    plain: dict[str, Any] = {}
    for name, kind in _kinds(noun).items():
        value = row.get(name)
        if value is None and name not in _optional(noun):
            # A part that is older than the field: the field's default stands.
            continue
        if kind is datetime and isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            value = value if value.tzinfo else value.replace(tzinfo=UTC)
        elif isinstance(value, str) and not _scalar(kind):
            value = json.loads(value)
        plain[name] = value
    try:
        return _adapter(noun).validate_python(plain)
    except ValueError as e:
        raise HomeDamaged(f"a stored {noun.__name__} {row.get('id', '?')} cannot be read: {e}") from e


def _noun(value: Any) -> Any:
    return type(value)


def _utc_text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() if at else None
