"""One writer a home at a time: a lock that names its process and dies with it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tocsin.clock import now
from tocsin.errors import HomeBusy
from tocsin.settings import settings


@contextmanager
def writing(lock: Path, who: str) -> Iterator[None]:
    """Hold the writer's lock. The kernel frees it when the process dies, so a stale lock cannot block.

    Raises HomeBusy, naming the holder, when it is not free within TOCSIN_LOCK_SECONDS.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = lock.with_suffix(".holder.json")
    seconds = settings().lock_seconds
    guard = FileLock(lock, timeout=seconds)
    try:
        guard.acquire()
    except Timeout:
        raise HomeBusy(
            f"{lock.parent}: {_named(holder)} has been writing for over {seconds:g} s; try again"
        ) from None
    try:
        holder.write_text(json.dumps({"pid": os.getpid(), "who": who, "since": now().isoformat()}), "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        guard.release()


def _named(holder: Path) -> str:
    try:
        held = json.loads(holder.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return "another process"
    return f"process {held['pid']} ({held['who']}, since {held['since']})"
