"""The home: one folder with the ledger, the lake, and one sub-folder for each replay.

home.json         schema of the home
ledger.sqlite     state that people change
lake/             what was observed
archive/          raw answers behind records (WARC)
replays/RUN/      a replay's own ledger and lake: live and replayed rows never meet
backups/          copies made before a migration
"""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy.exc import DatabaseError, OperationalError

from tocsin.clock import now
from tocsin.errors import HomeDamaged, HomeError, NewerHome, UnknownId
from tocsin.store.archive import Archive
from tocsin.store.custody import Custody
from tocsin.store.figures import FigureActs
from tocsin.store.lake import Lake
from tocsin.store.ledger import Ledger, behind, migrate, open_engine
from tocsin.store.lock import writing
from tocsin.store.reviews import ReviewLog
from tocsin.store.sourcelog import SourceLog

SCHEMA = 1


@dataclass(frozen=True)
class Home:
    """An opened home (or one replay inside it). `open_home` checks and prepares it."""

    folder: Path
    run: str = "live"

    @cached_property
    def lake(self) -> Lake:
        """What was observed, and what turns made of it."""
        return Lake(self.folder / "lake", self.lock)

    @cached_property
    def archive(self) -> Archive:
        """Raw answers that records name in `kept`."""
        return Archive(self.folder / "archive")

    @cached_property
    def ledger(self) -> Ledger:
        """State that people change."""
        return Ledger(open_engine(f"sqlite:///{self.folder / 'ledger.sqlite'}"))

    @cached_property
    def custody(self) -> Custody:
        """The log of what was decided and sealed."""
        return Custody(self.ledger.engine, self.lock)

    @cached_property
    def sources(self) -> SourceLog:
        """What each source gave, each time."""
        return SourceLog(self.ledger.engine)

    @cached_property
    def reviews(self) -> ReviewLog:
        """What people said of the machine's readings."""
        return ReviewLog(self.ledger.engine)

    @cached_property
    def figure_acts(self) -> FigureActs:
        """What people did to casualty figures."""
        return FigureActs(self.ledger.engine)

    @property
    def lock(self) -> Path:
        """The writer's lock."""
        return self.folder / "writer.lock"

    def replay(self, run: str) -> Home:
        """The replay of that name. Raises UnknownId when there is none."""
        folder = self.folder / "replays" / run
        if run not in self.replays():
            raise UnknownId("replay", run, self.replays())
        _check_schema(folder / "home.json")
        return Home(folder, run)

    def replays(self) -> list[str]:
        """Names of the replays, oldest first; one that was killed has no finished turn."""
        return sorted(p.parent.name for p in (self.folder / "replays").glob("*/home.json"))

    def close(self) -> None:
        """Let go of the ledger's file."""
        self.ledger.engine.dispose()


def open_home(folder: Path, run: str = "live") -> Home:
    """Open a home, making or migrating it where needed.

    Raises NewerHome for one made by a newer version, HomeDamaged for one that cannot be read, HomeError when
    the folder cannot be written.
    """
    home = Home(folder, run)
    marker = folder / "home.json"
    try:
        if marker.exists():
            _check_schema(marker)
        else:
            _prepare(home, marker)
        _ready(home)
        home.lake.generation()
    except (DatabaseError, sqlite3.DatabaseError) as e:
        home.close()
        raise _ledger_fault(folder, e) from e
    except OSError as e:
        home.close()
        raise HomeError(f"{folder}: {e.strerror or e}; the home must be a folder that can be written") from e
    return home


def _prepare(home: Home, marker: Path) -> None:
    home.folder.mkdir(parents=True, exist_ok=True)
    with writing(home.lock, "making the home"):
        migrate(home.ledger.engine, None)
        body = json.dumps({"schema": SCHEMA, "made": now().isoformat()}) + "\n"
        temporary = marker.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(body, "utf-8")
        temporary.replace(marker)


def _ready(home: Home) -> None:
    if not (home.folder / "ledger.sqlite").exists():
        raise HomeDamaged(f"{home.folder}: ledger.sqlite is missing; restore it from a backup")
    backups = home.folder / "backups"
    stamp = now().strftime("%Y%m%dT%H%M%S")
    if behind(home.ledger.engine):
        backups.mkdir(exist_ok=True)
        with writing(home.lock, "migrating the home"):
            migrate(home.ledger.engine, backups / f"ledger-{stamp}.sqlite")


def _check_schema(marker: Path) -> None:
    try:
        schema = int(json.loads(marker.read_text("utf-8"))["schema"])
    except (ValueError, KeyError) as e:
        raise HomeDamaged(f"{marker}: cannot be read ({e}); restore it from a backup") from e
    if schema > SCHEMA:
        raise NewerHome(f"{marker}: this home has schema {schema}, this tocsin knows {SCHEMA}; update tocsin")


def _ledger_fault(folder: Path, error: Exception) -> HomeError:
    said = str(getattr(error, "orig", error))
    if isinstance(error, OperationalError) and any(
        w in said for w in ("full", "readonly", "I/O", "unable to open", "locked")
    ):
        return HomeError(f"{folder}: {said}; make room or make the home writable")
    return HomeDamaged(f"{folder / 'ledger.sqlite'}: {said}; restore it from a backup")
