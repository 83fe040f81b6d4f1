"""EPR Core: ethnic groups' access to power by state and years, from the copy that the user has.

Columns as in the EPR Core codebook (Vogt et al. 2015, Journal of Conflict Resolution 59 (7)): gwid,
statename, from, to, group, groupid, gwgroupid, umbrella, size, status, reg_aut. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tocsin.clock import Moment, Period, Precision
from tocsin.errors import InputError, UnknownId
from tocsin.evidence import content_id
from tocsin.geography import by_gw
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.groups import GroupStatus, Status
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.delimited import delimited

SOURCE = "epr"
NEEDED = ("gwid", "statename", "from", "to", "group", "gwgroupid", "size", "status", "reg_aut")
KEPT = ("groupid", "umbrella")
FLAGS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False, "": None, "na": None}
_RELEASE = re.compile(r"EPR[-_ ]?(?:Core[-_ ]?)?((?:19|20)\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Epr:
    """The source `epr`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Standings of groups, lazily, one file after the other, in one step."""
        tally = Tally(SOURCE)
        yield Gathered(SOURCE, tally, groups=tally.guarded(_groups(request, tally)))


def _groups(request: Request, tally: Tally) -> Iterator[GroupStatus]:
    if not request.paths:
        raise tally.stop("is read from your own copy only; bring the CSV file with --from")
    for path in _files(request.paths):
        release, known = _release(path, request, tally)
        try:
            stream = path.open("rb")
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error
        with stream:
            table = delimited(stream, str(path))
            lacking = [name for name in NEEDED if name not in table.columns]
            if lacking:
                raise InputError(f"lacks {', '.join(lacking)}", str(path), "is this the EPR Core table?")
            tally.columns([c for c in table.columns if c not in (*NEEDED, *KEPT)], ())
            for row in table.rows:
                tally.read()
                try:
                    if row.fault:
                        raise RowRefused(row.fault)
                    found = _standing(row.values, release, known, request.recorded)
                except RowRefused as refusal:
                    tally.refuse(f"{path.name}, row {row.number}", str(refusal))
                    continue
                tally.use()
                yield found
    if not tally.rows_read:
        tally.note(NOTHING)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.csv")) if path.is_dir() else (path,)


def _release(path: Path, request: Request, tally: Tally) -> tuple[str, Moment]:
    """The release a file's name or the option states, and when a reader could have it: by that year's end."""
    label = request.release or next((found[1] for found in [_RELEASE.search(path.name)] if found), "")
    if request.published:
        return label, request.published
    if re.fullmatch(r"(19|20)\d{2}", label):
        return label, Moment(datetime(int(label), 1, 1, tzinfo=UTC), Precision.YEAR)
    tally.note(f"{path.name} names no release; known from today (--release 2021 or --published to date it)")
    return label, Moment(request.recorded, Precision.INSTANT)


def _standing(row: Mapping[str, str], release: str, known: Moment, recorded: datetime) -> GroupStatus:
    first, last = _year(row, "from"), _year(row, "to")
    if last < first:
        raise RowRefused(f"to {last} is before from {first}")
    if not row["group"].strip():
        raise RowRefused("group is empty")
    try:
        status = Status(row["status"].strip().upper())
    except ValueError:
        raise RowRefused(f"status {row['status'][:40]!r} is none of {', '.join(Status)}") from None
    return GroupStatus(
        id=content_id("grp", SOURCE, {**row, "release": release}),
        source=SOURCE,
        external_id=row["gwgroupid"],
        release=release,
        iso3=_iso3(row, first, last),
        country=row["statename"],
        group=row["group"].strip(),
        happened=Period(date(first, 1, 1), date(last, 12, 31), Precision.YEAR),
        size=_size(row["size"]),
        status=status,
        autonomous=_flag(row["reg_aut"]),
        known=known,
        recorded=recorded,
        columns={name: row[name] for name in KEPT if name in row},
    )


def _year(row: Mapping[str, str], name: str) -> int:
    if not re.fullmatch(r"(19|20)\d{2}", row[name].strip()):
        raise RowRefused(f"{name} {row[name][:40]!r} is not a year")
    return int(row[name])


def _iso3(row: Mapping[str, str], first: int, last: int) -> str:
    """The state that bore the Gleditsch-Ward number in those years."""
    if not row["gwid"].strip().isdigit():
        raise RowRefused(f"gwid {row['gwid'][:40]!r} is not a whole number")
    for year in range(last, first - 1, -1):
        try:
            return by_gw(int(row["gwid"]), date(year, 12, 31)).iso3
        except UnknownId:
            continue
    raise RowRefused(f"no state bore the number {row['gwid']} ({row['statename']!r}) from {first} to {last}")


def _size(text: str) -> float | None:
    if text.strip().lower() in ("", "na"):
        return None
    if not re.fullmatch(r"\d(\.\d+)?([eE]-?\d+)?|\.\d+", text.strip()) or float(text) > 1:
        raise RowRefused(f"size {text[:40]!r} is not a share of the population (0 to 1)")
    return float(text)


def _flag(text: str) -> bool | None:
    if text.strip().lower() not in FLAGS:
        raise RowRefused(f"reg_aut {text[:40]!r} is neither true nor false")
    return FLAGS[text.strip().lower()]
