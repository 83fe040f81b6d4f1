"""The interface of ACLED: the user's own account, its token in memory, its pages and its limits.

`POST /oauth/token` gives an access token for a day and a token to renew it; `GET /api/acled/read` and
`/api/deleted/read` answer {status, success, count, messages, data, data_query_restrictions} (ACLED API
documentation; third parties' clients).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tocsin.clock import ticks
from tocsin.errors import FetchFailed, InputError
from tocsin.net.veil import Veil
from tocsin.settings import Secret
from tocsin.sources.keys import key
from tocsin.sources.readers.answers import count, listed
from tocsin.sources.readers.interface import REFUSED, Interface

PAGE_SIZE = 5000
MOST_PAGES = 2000
DAY = 24 * 3600
EARLY = 60
"""Seconds before its end at which a token is renewed."""

REMEDY = (
    "check TOCSIN_ACLED_USER and TOCSIN_ACLED_PASSWORD, and that the account has accepted ACLED's terms and "
    "may use the API"
)
AGAIN = "nothing of it is taken; try again later"


@dataclass(slots=True)
class Account:
    """Holds the tokens of one run, in memory alone."""

    access: Secret | None = None
    renewal: Secret | None = None
    until: float = 0.0

    def bearer(self, interface: Interface) -> Secret:
        """The access token, fetched or renewed where needed.

        Raises SourceStopped, FetchFailed and InputError.
        """
        if self.access is None or ticks() >= self.until:
            self._take(self._renewed(interface) or self._entered(interface), interface)
        if self.access is None:
            raise InputError("gave no access token", interface.address("token"), AGAIN)
        return self.access.after("Bearer ")

    def _entered(self, interface: Interface) -> Mapping[str, Any]:
        tally = interface.tally
        form: dict[str, str | Secret] = {"grant_type": "password", "client_id": "acled"}
        form |= {"username": key("ACLED_USER", tally), "password": key("ACLED_PASSWORD", tally)}
        try:
            return interface.post(interface.address("token"), form)
        except FetchFailed as error:
            if error.status in (400, *REFUSED):
                raise tally.stop(f"{error}; {REMEDY}") from error
            raise

    def _renewed(self, interface: Interface) -> Mapping[str, Any] | None:
        """What the renewal gives; None where there is none, or the server no longer takes it."""
        if self.renewal is None:
            return None
        form: dict[str, str | Secret] = {"grant_type": "refresh_token", "client_id": "acled"}
        form["refresh_token"] = self.renewal
        try:
            return interface.post(interface.address("token"), form)
        except FetchFailed as error:
            if error.status not in (400, *REFUSED):
                raise
            return None

    def _take(self, answer: Mapping[str, Any], interface: Interface) -> None:
        access, renewal = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str) or not access.isascii() or not access.isprintable() or not access:
            raise InputError("gave no access token", interface.address("token"), AGAIN)
        lasts = count(answer.get("expires_in"))
        self.access = Secret(access)
        self.renewal = Secret(renewal) if isinstance(renewal, str) and renewal else None
        self.until = ticks() + (DAY if lasts is None else lasts) - EARLY


@dataclass(slots=True)
class Reading:
    """The pages of one question. `until` is the last day that the account may see, None without a limit."""

    account: Account
    interface: Interface
    until: date | None = None

    def pages(self, name: str, query: Mapping[str, str], id_column: str) -> Iterator[list[Any]]:
        """The rows, page by page, until an empty page: a server may give less than is asked for.

        Raises SourceStopped, FetchFailed, and InputError for an answer that reports a failure, has another
        layout, or brings no row that an earlier page has not brought.
        """
        url, seen = self.interface.address(name), set[str]()
        for page in range(1, MOST_PAGES + 1):
            where = f"{url}, page {page}"
            asked = {"_format": "json", "limit": str(PAGE_SIZE), "page": str(page), **query}
            bearer = self.account.bearer(self.interface)
            answer = self.interface.ask(url, asked, {"Authorization": bearer})
            self._hear(answer, where, Veil((bearer,)))
            rows = listed(answer.get("data"), where)
            if not rows:
                return
            new = {str(row.get(id_column)) if isinstance(row, dict) else str(row) for row in rows} - seen
            if not new:
                raise InputError("repeats rows of earlier pages", where, AGAIN)
            seen |= new
            self.interface.request.progress(f"acled {' '.join(query.values())}: pages", page, None)
            yield rows
        raise InputError(f"never ends: more than {MOST_PAGES} pages", url, AGAIN)

    def _hear(self, answer: Mapping[str, Any], where: str, veil: Veil) -> None:
        """Notes what the answer says of itself, without secrets. Raises InputError for a failure."""
        said = answer.get("messages") or answer.get("error") or answer.get("message")
        text = veil.line(said if isinstance(said, str) else _short(said)) if said else ""
        if answer.get("success") is False or str(answer.get("status", 200)) not in ("200", "0", "None"):
            raise InputError(f"reports a failure ({text or _short(answer.get('status'))})", where, REMEDY)
        if text:
            self.interface.tally.note(f"ACLED says: {text}")
        self._limits(answer.get("data_query_restrictions"), veil)

    def _limits(self, limits: Any, veil: Veil) -> None:
        """Notes what the account may not see."""
        if not limits:
            return
        recency = limits.get("date_recency") if isinstance(limits, dict) else None
        found = _day(recency.get("date")) if isinstance(recency, dict) else None
        if found:
            self.until = found
            self.interface.tally.note(
                f"this account may read events until {found} only; what happened later is not seen, "
                "which says nothing about any place"
            )
        others = {n: 0 for n in limits if n != "date_recency"} if isinstance(limits, dict) else limits
        if others or not found:
            told = veil.line(_short(limits))
            self.interface.tally.note(f"this account's answers are restricted: {told}")


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)[:300]


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
