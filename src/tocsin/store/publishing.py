"""What a home publishes: its edition at a time, and the CAP documents of all public revisions, signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.edition import Edition, document, edition, issue
from tocsin.alarms.issued import Issue, issued
from tocsin.alarms.signing import Signer, sign, signer
from tocsin.errors import UnknownId
from tocsin.store.dossiers import Dossiers
from tocsin.store.home import Home


def key_folder(home: Path) -> Path:
    """Where the key of a home lies. Backups do not hold it."""
    return home / "keys"


class Publishing:
    """The public side of a live home.

    `base` is the address under which it is found, without a slash at its end; `sender` names who publishes in
    CAP documents; `linked` says whether the dashboard is found at `base` too.
    """

    def __init__(self, home: Home, base: str, sender: str, linked: bool = False) -> None:
        self._home, self.base, self.sender = home, base.rstrip("/"), sender
        self._of = Dossiers(home, base=self.base if linked else "").of

    @cached_property
    def signer(self) -> Signer | None:
        """The key of the home, None when it has none. Raises UserError for one that others can read."""
        return signer(key_folder(self._home.folder))

    def edition(self, made: datetime) -> Edition:
        """What is listed at a time."""
        return edition(self._histories(), self._of, self.base, made)

    def rows(self) -> list[str]:
        """Every public revision of every alarm that ever was issued, oldest first of each."""
        return [alarm.row for history in self._histories() for alarm in issued(history)]

    def issue(self, row: str) -> Issue:
        """One public revision by its row. Raises UnknownId for a proposal as for what never was."""
        id, _, _ = row.rpartition(".")
        public = issued(self._history(id))
        for alarm in public:
            if alarm.row == row:
                return issue(alarm, public, self._of)
        raise UnknownId("public alarm", row, (a.row for a in public))

    def document(self, of: Issue) -> bytes:
        """The CAP document of an issue, signed when the home has a key."""
        plain = document(of, self.sender)
        return sign(plain, self.signer) if self.signer else plain

    def _histories(self) -> Iterator[list[Alarm]]:
        for newest in sorted(self._home.ledger.alarms(), key=lambda a: a.id):
            yield self._history(newest.id)

    def _history(self, id: str) -> list[Alarm]:
        try:
            return self._home.ledger.alarms(id)
        except UnknownId:
            return []
