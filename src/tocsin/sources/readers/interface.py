"""One interface made for programs: asked politely with its key, answered in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tocsin.errors import AddressRefused, FetchFailed, InputError
from tocsin.net import Ask, Fetcher, Validators
from tocsin.settings import Secret
from tocsin.sources.contract import Request, Tally
from tocsin.sources.factsheet import FactSheet
from tocsin.sources.readers.answers import mapping, parsed

OFFLINE = "offline, and no files were given (bring some with --from)"
REFUSED = (401, 403)
Pairs = Mapping[str, str | Secret]


@dataclass(frozen=True, slots=True)
class Interface:
    """How one source asks. `remedy` says what to look at when the key is refused.

    `base` (scheme, host and port) stands in for that of the fact sheet's addresses.
    """

    sheet: FactSheet
    request: Request
    tally: Tally
    remedy: str
    base: str = ""

    def address(self, name: str) -> str:
        """One of the fact sheet's addresses."""
        return based(self.sheet.address[name], self.base)

    def ask(self, url: str, query: Pairs, headers: Pairs | None = None) -> Mapping[str, Any]:
        """The JSON object that is answered.

        Raises SourceStopped (offline, a refused address or key), FetchFailed and InputError.
        """
        asked = Ask(headers=headers or {}, query=query, accept="application/json", robots=self.sheet.robots)
        try:
            return self._answer(url, asked)
        except FetchFailed as error:
            if error.status in REFUSED:
                raise self.tally.stop(f"{error}; {self.remedy}") from error
            raise

    def post(self, url: str, form: Pairs) -> Mapping[str, Any]:
        """The JSON object that is answered to a form. Raises the same; FetchFailed for a refused key."""
        return self._answer(url, Ask(form=form, accept="application/json", robots=self.sheet.robots))

    def _answer(self, url: str, asked: Ask) -> Mapping[str, Any]:
        try:
            answer = self._fetcher().fetch(url, Validators(), asked)
        except AddressRefused as error:
            raise self.tally.stop(str(error)) from error
        if urlsplit(answer.url).netloc != urlsplit(url).netloc:
            raise InputError(f"is answered by another host ({answer.url}); that is not taken", url)
        return mapping(parsed(answer.body, answer.url), answer.url)

    def _fetcher(self) -> Fetcher:
        if self.request.offline or self.request.fetch is None:
            raise self.tally.stop(OFFLINE)
        return self.request.fetch


def based(address: str, base: str) -> str:
    """The address, under another scheme, host and port if `base` gives them."""
    return base + urlsplit(address).path if base else address
