"""A copy of a home that verifies: taken while readers read on, and opened by pointing TOCSIN_HOME at it."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import text

from tocsin.errors import NotAllowed
from tocsin.store.home import Home
from tocsin.store.lock import writing


def back_up(home: Home, target: Path) -> None:
    """Copy a home and its replays into `target`, which must be new or empty. Writers wait meanwhile.

    Raises NotAllowed when `target` holds something, OSError when there is no room; what was copied until then
    has no home.json and is no home.
    """
    if target.exists() and any(target.iterdir()):
        raise NotAllowed(f"{target} is not empty; name a new folder")
    target.mkdir(parents=True, exist_ok=True)
    with writing(home.lock, f"backup to {target}"):
        for name in home.replays():
            back_up(home.replay(name), target / "replays" / name)
        generation = home.lake.generation()
        for file in [p.file for p in generation.parts] + (["manifest.json"] if generation.parts else []):
            (target / "lake" / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(home.lake.folder / file, target / "lake" / file)
        for path in home.archive.files():
            copy = target / "archive" / path.relative_to(home.archive.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        with home.ledger.engine.connect() as connection:
            connection.execute(text("VACUUM INTO :to"), {"to": str(target / "ledger.sqlite")})
        shutil.copyfile(home.folder / "home.json", target / "home.json")
