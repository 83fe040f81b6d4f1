"""The files of the lake: immutable parts, and the manifest that says which of them count.

A commit syncs its parts and then replaces `manifest.json` by an atomic rename: rows are there exactly when
the manifest names their part. What no manifest names is the debris of a killed run, or parts that were merged
into one; the next writer sweeps it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tocsin.errors import HomeDamaged, NewerHome

SCHEMA = 1
STAGING = "staging"


@dataclass(frozen=True, slots=True)
class Part:
    """One immutable Parquet file: table, file name, SHA-256, number of rows."""

    table: str
    file: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of the lake: its number and the parts it is made of."""

    number: int
    parts: tuple[Part, ...]

    def of(self, table: str) -> list[Part]:
        """The parts of one table, oldest first."""
        return [p for p in self.parts if p.table == table]


def newest(folder: Path) -> Generation:
    """The newest committed state. Raises NewerHome or HomeDamaged."""
    path = folder / "manifest.json"
    try:
        stored = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Generation(0, ())
    except ValueError as e:
        raise HomeDamaged(f"{path}: the manifest is not JSON ({e}); restore it from a backup") from e
    try:
        if stored["schema"] > SCHEMA:
            raise NewerHome(f"{path}: schema {stored['schema']} is newer than {SCHEMA}; update tocsin")
        return Generation(stored["generation"], tuple(Part(**p) for p in stored["parts"]))
    except (KeyError, TypeError) as e:
        raise HomeDamaged(f"{path}: the manifest lacks {e}; restore it from a backup") from e


def commit(folder: Path, generation: Generation) -> None:
    """Make a state the newest one."""
    lines = ",\n".join(" " + json.dumps(asdict(p)) for p in generation.parts)
    head = f'"schema": {SCHEMA}, "generation": {generation.number}'
    temporary = folder / f"manifest.{uuid.uuid4().hex}.tmp"
    try:
        temporary.write_text(f'{{{head}, "parts": [\n{lines}\n]}}\n', "utf-8")
        sync(temporary)
        for table in {p.table for p in generation.parts}:
            sync(folder / table)
        temporary.replace(folder / "manifest.json")
    finally:
        temporary.unlink(missing_ok=True)
    sync(folder)


def settled(folder: Path, table: str, written: Path, rows: int) -> Part:
    """A finished file as a part of its table: moved there under a name of its own, synced, hashed."""
    (folder / table).mkdir(parents=True, exist_ok=True)
    file = f"{table}/{uuid.uuid4().hex}.parquet"
    sync(written)
    part = Part(table, file, digest(written), rows)
    written.replace(folder / file)
    return part


def faults(folder: Path, generation: Generation) -> list[str]:
    """Every part that is missing or does not match its hash, in words; empty when all is well."""
    found = []
    for part in generation.parts:
        path = folder / part.file
        if not path.exists():
            found.append(f"{path}: missing ({part.rows} rows of {part.table})")
        elif digest(path) != part.sha256:
            found.append(f"{path}: changed since it was written ({part.rows} rows of {part.table})")
    return found


def sweep(folder: Path, generation: Generation) -> None:
    """Remove what killed writers left; only the holder of the lock writes outside `staging`."""
    named = {p.file for p in generation.parts} | {"manifest.json"}
    for path in [*folder.glob("*/*"), *folder.glob("manifest.*")]:
        name = path.relative_to(folder).as_posix()
        if name in named or (path.parent.name == STAGING and _alive(path.name)):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A folder for files that are read and thrown away; one that a killed process left is swept."""
    own = folder / STAGING / f"{os.getpid()}-{uuid.uuid4().hex}"
    own.mkdir(parents=True)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


def spool(folder: Path, ending: str) -> Path:
    """A new name in `staging` that says whose it is."""
    staging = folder / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    return staging / f"{os.getpid()}-{uuid.uuid4().hex}-{ending}"


def digest(path: Path) -> str:
    """The SHA-256 of a file, whatever its size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have the operating system write it out."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _alive(name: str) -> bool:
    try:
        os.kill(int(name.split("-", maxsplit=1)[0]), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
