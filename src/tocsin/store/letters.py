"""What a dispatch says: the bulletin for its scope and language, as a letter or as the body of a webhook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.bulletin import LANGUAGES, Bulletin, Dossier, Scope
from tocsin.alarms.cap import CONTENT_TYPE, cap
from tocsin.alarms.exports import text_of
from tocsin.alarms.issued import earlier, identifier, issued, references
from tocsin.alarms.mail import letter
from tocsin.alarms.signing import Signer, sign, signer
from tocsin.alarms.telling import tell
from tocsin.errors import UnknownId
from tocsin.net.mail import Attachment, Envelope
from tocsin.response.dispatch import Channel, Dispatch, dispatch_id
from tocsin.store.dossiers import Dossiers
from tocsin.store.home import Home
from tocsin.store.outbox import Outbox
from tocsin.store.publishing import key_folder


class Letters:
    """The words of every dispatch of a live home.

    `sender` names who publishes in CAP documents, `base` is where the dashboard is found, "" for no links.
    """

    def __init__(self, home: Home, outbox: Outbox, sender: str, base: str = "") -> None:
        self._home, self._outbox, self._sender = home, outbox, sender
        self._of = Dossiers(home, base=base).of
        self._dossiers: dict[str, Dossier] = {}

    def bulletin(self, one: Dispatch, language: str = "") -> Bulletin:
        """What is said. Raises NotAllowed, InputError or UnknownId when it cannot be."""
        alarm = self._public(one)[-1]
        if alarm.row not in self._dossiers:
            self._dossiers[alarm.row] = self._of(alarm)
        return tell(self._dossiers[alarm.row], language or one.language, one.scope)

    def envelope(self, one: Dispatch, at: datetime) -> Envelope:
        """The letter, with the CAP document beside it, and the letters that it follows."""
        told = letter(self.bulletin(one))
        rows = [a.row for a in earlier(self._public(one), _revision(one))]
        taken = self._outbox.kept().told if rows else frozenset()
        before = [r for r in rows if (r, one.recipient, one.channel, one.address) in taken]
        name = f"{identifier(one.row, one.scope)}.xml"
        return Envelope(
            id=one.id,
            to=one.address,
            subject=told.subject,
            plain=told.plain,
            html=told.html,
            language=one.language,
            at=at,
            earlier=[dispatch_id(r, one.recipient, Channel.MAIL, one.address) for r in before],
            attached=[Attachment(name, CONTENT_TYPE, self.document(one))],
        )

    def hook(self, one: Dispatch) -> bytes:
        """The body of a webhook: its type, the time of the revision, and the bulletin in its language.

        The same bytes each time, as long as the record says the same.
        """
        alarm, said = self._public(one)[-1], self.bulletin(one)
        data: dict[str, Any] = {
            "dispatch": one.id,
            "alarm": alarm.id,
            "revision": alarm.revision,
            "state": alarm.state.value,
            "level": alarm.level.value,
            "iso3": alarm.iso3,
            "place": said.place,
            "crime_family": alarm.crime_family,
            "expires": (alarm.in_force_until or alarm.expires).isoformat(),
            "recipient": one.recipient,
            "scope": one.scope.value,
            "language": one.language,
            "text": text_of(said),
            "cap": self.document(one).decode(),
        }
        at = alarm.recorded.isoformat(timespec="seconds")
        body = {"type": f"alarm.{alarm.state.value}", "timestamp": at, "data": data}
        return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()

    def document(self, one: Dispatch) -> bytes:
        """The CAP document for its scope, its own language first, signed when the home has a key."""
        order = (one.language, *(code for code in LANGUAGES if code != one.language))
        public, to = self._public(one), (one.body,) if one.scope is Scope.PRIVATE else ()
        plain = cap(
            [self.bulletin(one, code) for code in order],
            public[-1].recorded,
            self._sender,
            references(earlier(public, public[-1].revision), one.scope, self._sender, to),
            addresses=to,
        )
        return sign(plain, self._signer) if self._signer else plain

    @cached_property
    def _signer(self) -> Signer | None:
        return signer(key_folder(self._home.folder))

    def _public(self, one: Dispatch) -> Sequence[Alarm]:
        """The public revisions of its alarm up to the one it tells of. Raises UnknownId when it is none."""
        public = issued(self._home.ledger.alarms(one.alarm))
        rows = [a.row for a in public]
        if one.row not in rows:
            raise UnknownId("public revision", one.row, rows)
        return public[: rows.index(one.row) + 1]


def _revision(one: Dispatch) -> int:
    return int(one.row.rpartition(".")[2])
