"""A copy of the log in a folder: `log.jsonl` and `heads.jsonl`, one canonical JSON object a line.

A line that is not byte for byte what its content would be written as is a fault: so is every changed byte.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tocsin.errors import InputError, NotAllowed
from tocsin.evidence.custody import Entry, Head, Log
from tocsin.evidence.ids import canonical

ENTRIES, HEADS = "log.jsonl", "heads.jsonl"
LONGEST = 8 * 1024 * 1024
"""Bytes of one line at most."""
_HASH = re.compile("[0-9a-f]{64}")

T = TypeVar("T")


def write_copy(folder: Path, entries: Iterable[Entry], heads: Iterable[Head]) -> None:
    """Write a copy into a folder that is new or empty. Raises NotAllowed for another one."""
    if folder.exists() and any(folder.iterdir()):
        raise NotAllowed(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / HEADS).open("wb") as into:
        into.writelines(_line(_head_row(head)) for head in heads)
    with (folder / ENTRIES).open("wb") as into:
        into.writelines(_line(_entry_row(one)) for one in entries)


def read_copy(folder: Path) -> tuple[Log, list[Head]]:
    """The entries and heads of a copy; lines that cannot be read are faults of the log.

    Raises InputError when a file is not there or cannot be opened.
    """
    faults: list[str] = []
    log = Log(_read(folder / ENTRIES, faults, _entry, _entry_row))
    heads = list(_read(folder / HEADS, faults, _head, _head_row))
    log.faults += faults
    return log, heads


def _line(row: Mapping[str, Any]) -> bytes:
    return (canonical(row) + "\n").encode("utf-8", "surrogatepass")


def _entry_row(one: Entry) -> dict[str, Any]:
    return {"seq": one.seq, "leaf": one.leaf, "body": one.body}


def _head_row(head: Head) -> dict[str, Any]:
    token = base64.b64encode(head.token).decode()
    row = {"seq": head.seq, "size": head.size, "root": head.root, "at": head.at}
    return row | {"authority": head.authority, "token": token}


def _entry(row: Mapping[str, Any]) -> Entry:
    body = row["body"]
    return Entry(_number(row["seq"]), _hash(row["leaf"]), None if body is None else _text(body))


def _head(row: Mapping[str, Any]) -> Head:
    token = base64.b64decode(_text(row["token"]), validate=True)
    told = _hash(row["root"]), _text(row["at"]), _text(row["authority"])
    return Head(_number(row["seq"]), _number(row["size"]), *told, token)


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a number from 0")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    return value


def _hash(value: Any) -> str:
    if not _HASH.fullmatch(_text(value)):
        raise ValueError("not a hash")
    return str(value)


def _read(
    path: Path, faults: list[str], make: Callable[[Mapping[str, Any]], T], row: Callable[[T], dict[str, Any]]
) -> Iterator[T]:
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST + 1):
                number += 1
                try:
                    one = make(json.loads(line))
                    same = len(line) <= LONGEST and _line(row(one)) == line
                except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
                    same = False
                if same:
                    yield one
                else:
                    faults.append(f"{path.name} line {number} is not as it was written")
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})",
            str(path),
            "name a folder that custody export wrote",
        ) from error
