"""What may be told of an exchange: nothing that is secret, on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tocsin.settings import Secret

LONGEST = 500
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_USER = re.compile(r"//[^/?#]*@")


class Veil:
    """Hides secrets in text, as they stand or percent-encoded, wholly or in part (RFC 3986, section 2.1)."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        words = sorted({w for s in secrets for w in (s.hidden, s.value) if w}, key=len, reverse=True)
        self._found = re.compile("|".join(map(_pattern, words))) if words else None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to hide."""
        return self._found is None

    def hides(self, text: str) -> bool:
        """Whether the text holds a secret."""
        return bool(self._found and self._found.search(text))

    def text(self, text: str) -> str:
        """The text without secrets, whole."""
        return self._found.sub("***", text) if self._found else text

    def line(self, text: str) -> str:
        """The text without secrets, as one line that is not too long to read."""
        whole = _UNFIT.sub(" ", self.text(text))
        return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}..."

    def address(self, url: str) -> str:
        """An address as one line without secrets, user name and password."""
        return self.line(_USER.sub("//***@", url))


def _pattern(secret: str) -> str:
    """Every way in which a text may spell a secret out."""
    return "".join(f"(?:{'|'.join(_spellings(letter))})" for letter in secret)


def _spellings(letter: str) -> Iterable[str]:
    """The letter encoded, then as it stands: a percent sign begins its own code."""
    raw = letter.encode("utf-8", "surrogatepass")
    yield "(?i:" + "".join(f"%{byte:02x}" for byte in raw) + ")"
    yield re.escape(letter)
    if letter == " ":
        yield re.escape("+")
    if not letter.isascii():
        yield re.escape(raw.decode("latin-1"))


OPEN = Veil()
