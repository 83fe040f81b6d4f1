"""The language-model coder: asks once, keeps the answer, and tells only what the text bears out."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tocsin.errors import AddressRefused, AnswerUnread, FetchFailed, NotAllowed, UserError
from tocsin.evidence import canonical, sha256
from tocsin.framework import framework
from tocsin.net import GuardedFetcher, Limits
from tocsin.settings import secret, settings
from tocsin.signals.endpoint.answer import Answer, schema
from tocsin.signals.endpoint.chat import Chat
from tocsin.signals.endpoint.kept import Kept
from tocsin.signals.endpoint.prompt import prompt
from tocsin.signals.endpoint.quotes import SMUGGLED, blanked, instructions
from tocsin.signals.endpoint.reading import Told, told
from tocsin.signals.signal import Reading, Relevance, TimeStatus
from tocsin.sources.record import Record

LIMITS = Limits(wire_bytes=4 * 1024 * 1024, body_bytes=8 * 1024 * 1024, seconds=300, idle_seconds=120)
READER = "1"
"""Raised by hand when the code of this folder gives other readings from the same answers."""
OPEN = "public"
GIVE_UP = 5
"""After so many failures of the server in a row it is asked no more: a dead one would hold up all else."""
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class EndpointCoder:
    """Codes a record by asking a language model; see `endpoint_coder` for one made from the settings.

    `version` names prompt, model, and the hash of schema, framework, reviewed words and reader. `private`
    says that the model runs on a host named as allowed, so that records that are not public may go there.
    `tally` counts over all records what was asked, kept, instructed, and what was dropped by reason.
    """

    def __init__(self, chat: Chat, kept: Kept, private: bool = False) -> None:
        self.name = "endpoint"
        self.version = version(chat.model)
        self.tally: Counter[str] = Counter()
        self._chat, self._kept, self._private = chat, kept, private
        self._failures = 0

    def code(self, record: Record) -> Reading:
        """The reading of one record.

        Raises FetchFailed when the server failed (AnswerUnread: this answer only), AddressRefused
        offline without a kept answer, NotAllowed for a record that may not be sent, InputError for a damaged
        file.
        """
        return self.told(record).reading

    @property
    def down(self) -> bool:
        """Whether the server failed so often in a row that it is not asked again."""
        return self._failures >= GIVE_UP

    def known(self, record: Record) -> bool:
        """Whether the record can be read without asking: its answer is kept, or it has no words."""
        _, _, messages = self._question(record)
        return messages is None or self._kept.path(self.version, messages).exists()

    def told(self, record: Record) -> Told:
        """The reading of one record with what of the answer did not hold; raises as `code` does."""
        text, instructed, messages = self._question(record)
        if messages is None:
            self.tally["instructed"] += instructed
            return Told(_wordless(record.id), {}, instructed)
        answer = self._kept.get(self.version, messages)
        if answer is None:
            answer = self._asked(record, messages)
            self._kept.put(self.version, messages, answer)
        else:
            self.tally["kept"] += 1
        found = told(record.id, text, answer)
        self.tally.update({f"dropped {name}": n for name, n in found.dropped.items()})
        self.tally["instructed"] += found.instructed
        return found

    def _question(self, record: Record) -> tuple[str, bool, list[dict[str, str]] | None]:
        """The text that is read, whether it gives orders, and what is sent; None when no words are left."""
        text = _SURROGATES.sub("\ufffd", record.text[: prompt().longest])
        orders = instructions().spans(text)
        seen = SMUGGLED.sub(" ", blanked(text, orders))
        if not any(map(str.isalnum, seen)):
            return text, bool(orders), None
        cut = len(record.text) > len(text)
        return text, bool(orders), prompt().messages(seen, str(record.published or ""), cut)

    def _asked(self, record: Record, messages: list[dict[str, str]]) -> Answer:
        if record.sensitivity != OPEN and not self._private:
            stated = record.sensitivity or "of no stated sensitivity"
            raise NotAllowed(
                f"record {record.id} is {stated} and stays here; only a model on a host that is named in"
                " TOCSIN_ALLOW_HOSTS may read it"
            )
        if self.down:
            raise FetchFailed(f"{self._chat.url}: failed {GIVE_UP} times in a row and is not asked again now")
        try:
            answer = self._chat.ask(messages)
        except AddressRefused as error:
            raise AddressRefused(f"record {record.id} has no kept answer: {error}") from error
        except FetchFailed as error:
            self._failures = 0 if isinstance(error, AnswerUnread) else self._failures + 1
            raise
        self._failures = 0
        self.tally["asked"] += 1
        return answer


def endpoint_coder(folder: Path | None = None, offline: bool = False) -> EndpointCoder | None:
    """The coder that the settings describe, None when TOCSIN_CODER_URL is not set.

    Answers are kept in `folder`, by default `cache/endpoint` in the home. Offline (here or by TOCSIN_OFFLINE)
    only kept answers are given. Raises UserError when the model is not named or the key cannot be used.
    """
    found = settings()
    if not found.coder_url:
        return None
    if not found.coder_model:
        raise UserError("TOCSIN_CODER_URL is set without TOCSIN_CODER_MODEL; name the model to ask")
    fetcher = GuardedFetcher.from_environment(offline or found.offline, LIMITS)
    chat = Chat(fetcher, found.coder_url, found.coder_model, secret("CODER_KEY"))
    kept = Kept(folder or found.home / "cache" / "endpoint")
    return EndpointCoder(chat, kept, private=fetcher.allows(chat.url))


def version(model: str) -> str:
    """Prompt version, model, and a hash of whatever else decides what an answer means."""
    parts = (prompt().system, prompt().user.template, schema(), instructions().version, READER)
    return f"{prompt().version}.{model}.{sha256(canonical(parts).encode())[:12]}"


def _wordless(record: str) -> Reading:
    """The reading of a text with nothing to read: nobody needs to be asked."""
    factors = {factor.code: 0.0 for factor in framework().factors}
    none = TimeStatus.NONE
    return Reading(record, Relevance.NONE, 0.0, factors, (), (), none, (), "none", "", False, ())
