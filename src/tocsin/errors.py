"""What can go wrong, as a tree. Each message says what happened, where, and what to do.

TocsinError
├── UserError                 the caller can mend it: one line, exit code 2
│   ├── InputError            a file, row, document, feed or page that cannot be read
│   │   └── TooLarge          larger than the reader may take
│   ├── UnknownId             an id that is not in the reviewed data ("did you mean ...")
│   ├── NotAllowed            a rule of the house forbids it (one signer twice, no reason given)
│   ├── HomeError             the home cannot be used
│   │   ├── NewerHome         made by a newer version
│   │   ├── HomeBusy          another process holds the writer's lock
│   │   └── HomeDamaged       a file is missing or does not match its hash
│   └── AddressRefused        an address that must not be opened
├── SourceStopped             an expectation of a source failed: that source stops, the others go on
└── FetchFailed               the network or the far side failed
    ├── AnswerUnread          the far side works, but this one answer cannot be used
    ├── NotTold               a message was not taken, for now or for good
    ├── InDoubt               a message may have been taken; nobody can know
    └── RobotsRefuse          the host asks programs not to read this address
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA


class TocsinError(Exception):
    """Root of every error raised on purpose."""


class UserError(TocsinError):
    """Something the caller can mend; shown as one line."""


class InputError(UserError):
    """Unreadable input. `where` names file, row, column or source id; `remedy` says what to do."""

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(": ".join(p for p in (where, what) if p) + (f" ({remedy})" if remedy else ""))


class TooLarge(InputError):
    """Input over the size a reader may take."""


class UnknownId(UserError):
    """An id that the reviewed data do not hold."""

    def __init__(self, kind: str, given: str, known: Iterable[str]) -> None:
        near = _near(given, list(known))
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"unknown {kind} {given!r}{hint}")


def _near(given: str, known: list[str]) -> list[str]:
    """At most three ids that are a slip of the hand away from `given`, else those that it begins.

    One letter in four may be wrong, missing or swapped with its neighbour, and always one.
    """
    slips = max(1, len(given) // 4)
    found = process.extract(
        given, known, scorer=OSA.distance, processor=str.casefold, score_cutoff=slips, limit=3
    )
    begun = [k for k in known if len(given) > 3 and k.casefold().startswith(given.casefold())]
    return [match[0] for match in found] or begun[:3]


class NotAllowed(UserError):
    """A rule of the house forbids the act."""


class HomeError(UserError):
    """The home folder cannot be used."""


class NewerHome(HomeError):
    """The home was made by a newer version."""


class HomeBusy(HomeError):
    """Another process is writing."""


class HomeDamaged(HomeError):
    """A stored file is missing or changed."""


class AddressRefused(UserError):
    """An address that must not be opened (internal network, unknown scheme)."""


class SourceStopped(TocsinError):
    """An expectation about a source failed; nothing of that run is written."""


class FetchFailed(TocsinError):
    """The network or the far side failed; the message names the address and the answer.

    `status` is that of the answer (RFC 9110, section 15), 0 when there was none or it was not the matter.
    """

    def __init__(self, text: str, status: int = 0) -> None:
        self.status = status
        super().__init__(text)


class AnswerUnread(FetchFailed):
    """One answer that cannot be used; the next question may be answered well."""


class RobotsRefuse(FetchFailed):
    """The robots.txt of the host does not let programs read the address (RFC 9309)."""


class NotTold(FetchFailed):
    """A message was surely not taken. `lasting` says that trying again cannot help.

    `everyone` says that it is not this addressee: the server itself cannot be used now.
    """

    def __init__(self, text: str, lasting: bool = False, everyone: bool = False) -> None:
        self.lasting, self.everyone = lasting, everyone
        super().__init__(text)


class InDoubt(FetchFailed):
    """The line broke after a message was handed over and before it was confirmed."""
