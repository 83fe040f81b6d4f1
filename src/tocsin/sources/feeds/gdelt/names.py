"""The names of GDELT 2 files: an instant, a kind, whether the words were translated, packed or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tocsin.errors import InputError

FIRST = {False: datetime(2015, 2, 18, 23, tzinfo=UTC), True: datetime(2015, 2, 18, 22, 45, tzinfo=UTC)}
"""The first slice of GDELT 2, by whether its words were translated."""

ENDINGS = {"export": "export.CSV", "mentions": "mentions.CSV", "gkg": "gkg.csv"}
"""How the publisher spells the end of a name, by kind."""

TABLES = {"export": "gdelt_events", "mentions": "gdelt_mentions", "gkg": "gdelt_gkg"}

READ_BY = {"export": "gdelt", "mentions": "gdelt", "gkg": "gdelt_gkg"}
"""Which source reads a kind."""

_NAME = re.compile(
    r"(?P<stamp>\d{14})(?P<translated>\.translation)?\.(?P<kind>export|mentions|gkg)\.csv(?P<packed>\.zip)?",
    re.IGNORECASE | re.ASCII,
)
_LIKE = re.compile(r"(?:.*\.)?(?P<kind>export|mentions|gkg)\.csv(?:\.zip)?", re.IGNORECASE | re.DOTALL)
_DAILY = re.compile(r"\d{8}\.(?:export|gkg)\.csv(?:\.zip)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class FileName:
    """What a name says. `at` is the end of the quarter of an hour that the file tells of, UTC."""

    at: datetime
    translated: bool
    kind: str
    packed: bool = False

    @property
    def slice(self) -> str:
        """The name as the publisher spells it, unpacked: the same for a file and its archive."""
        words = ".translation" if self.translated else ""
        return f"{self.at:%Y%m%d%H%M%S}{words}.{ENDINGS[self.kind]}"

    @property
    def table(self) -> str:
        """The layout of its rows."""
        return TABLES[self.kind]


@dataclass(frozen=True, slots=True)
class Offer:
    """One file that can be had: listed by the publisher, or brought as `path`.

    `address` is the publisher's, or the name of the file brought. `md5` is what the publisher says it is.
    """

    file: FileName
    address: str
    md5: str = ""
    size: int = 0
    path: Path | None = None

    def line(self) -> str:
        """The same as a line of the publisher's list."""
        return f"{self.size} {self.md5} {self.address}"


def file_name(name: str) -> FileName:
    """What the name of a GDELT 2 file says. Raises InputError for any other."""
    found = _NAME.fullmatch(name)
    if not found:
        raise InputError(*_fault(name))
    stamp = found["stamp"]
    try:
        month, day, hour, minute, second = (int(stamp[n : n + 2]) for n in range(4, 14, 2))
        at = datetime(int(stamp[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"states an impossible instant ({error})", name, "is it the publisher's?") from error
    if at < FIRST[True]:
        raise InputError(f"states an instant before GDELT 2 began ({FIRST[True]:%Y-%m-%d %H:%M})", name)
    return FileName(at, bool(found["translated"]), found["kind"].lower(), bool(found["packed"]))


def kind_of(name: str) -> str:
    """The kind (`export`, `mentions`, `gkg`) that a name ends in, whatever is before; empty for none."""
    found = _LIKE.fullmatch(name)
    return found["kind"].lower() if found else ""


def dated(name: str) -> bool:
    """Whether a name is that of a GDELT file and of nothing else: it begins with its instant or day."""
    return bool(_NAME.fullmatch(name) or _DAILY.fullmatch(name))


def _fault(name: str) -> tuple[str, str, str]:
    if _DAILY.fullmatch(name):
        return "is a daily file of GDELT 1, whose columns are others", name, "bring the files of GDELT 2"
    remedy = "name it as the publisher does: YYYYMMDDhhmmss.export.CSV, .mentions.CSV or .gkg.csv"
    return "states no instant, so nobody knows when it was out", name, remedy
