"""Markup and characters that show nothing, found in a text with what they are read as."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

_TRAIL = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
"""What the second and later bytes of UTF-8 look like in Windows-1252 and Latin-1."""
_SUSPECT = re.compile(
    f"[âÂÃÐÑØÙÚ][{_TRAIL}]|-\\s*\\n|"
    "[<&\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u0300-\u036f\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufb00-\ufb06"
    "\ufb50-\ufdff\ufe70-\ufeff\uff01-\uffee\ufff9-\uffff\ud800-\udfff\U0001d400-\U0001d7ff"
    "\U000e0000-\U000e007f]"
)
_UNREAD = re.compile(r"<!--|<(script|style)\b[^<>]{0,2000}>", re.IGNORECASE)
_MARK = re.compile(
    r"(?P<tag></?[a-z][a-z0-9]{0,14}(?:\s[^<>]{0,2000})?/?>|<![a-z][^<>]{0,200}>)"
    r"|(?P<entity>&(?:[a-z]{2,8}\d?|\#\d{1,7}|\#x[0-9a-f]{1,6});)"
    rf"|(?P<garbled>(?-i:[ÂÃÐÑØÙÚ][{_TRAIL}]|â[{_TRAIL}]{{2}})+)"
    r"|(?P<broken>(?<=[^\W\d_])-[ \t]*\r?\n[ \t]*(?=(?-i:[a-zß-öø-ÿа-яё])))"
    r"|(?P<escape>\x1b\[[0-9;?]{0,16}[a-z])"
    r"|(?P<space>[\x0b\x0c\x1c-\x1f\x85])"
    r"|(?P<wide>[\xa0\u2000-\u200a\u202f\u205f\u3000])"
    r"|(?P<joint>[\xad\u200c-\u200f\ufeff])"
    r"|(?P<hidden>[\x00-\x08\x0e-\x1b\x7f-\x9f\u200b\u202a-\u202e\u2060-\u206f\ufff9-\uffff\ud800-\udfff"
    r"\U000e0000-\U000e007f])"
    r"|(?P<composed>.[\u0300-\u036f]+)"
    r"|(?P<form>[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefe\uff01-\uff5e\U0001d400-\U0001d7ff])",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|em|font|i|mark|q|s|small|span|strong|sub|sup|u|wbr)\b", re.IGNORECASE
)
_HARMLESS = frozenset(("wide", "joint", "form", "composed", "broken"))
"""Spaces and hyphens of layout, joiners that some scripts need and letter forms of print are no damage."""
_MARKS = 2
"""A letter bears at most so many marks in any orthography; more are there to hide it."""

Found = tuple[int, int, str, bool]
"""text[start:end] is read as other letters or none; whether that is damage."""


def marked(text: str) -> bool:
    """Whether a text may hold something for `unmarked`; quick."""
    return _SUSPECT.search(text) is not None


def unmarked(text: str) -> Iterator[Found]:
    """Tags, comments, scripts, entities, hidden characters and forms of letters, in order."""
    at, blank = 0, True
    for start, end in (*_unread(text), (len(text), len(text))):
        for found in _MARK.finditer(text, at, start):
            shown, new = found.group(), _meant(str(found.lastgroup), found.group())
            blank = text[found.start() - 1].isspace() if found.start() > at else blank
            if new == "\n" and blank:
                new = ""
            if new != shown:
                yield found.start(), found.end(), new, _is_damage(str(found.lastgroup), shown)
            at, blank = found.end(), new[-1:].isspace() if new else blank
        if end > start:
            yield start, end, "\n", True
        at, blank = end, True


def _unread(text: str) -> Iterator[tuple[int, int]]:
    """Comments, scripts and styles; one that is never closed is none."""
    low, at, open_ended = text.lower(), 0, set[str]()
    if len(low) != len(text):
        low = text
    while found := _UNREAD.search(text, at):
        close = f"</{found[1].lower()}" if found[1] else "-->"
        end = -1 if close in open_ended else low.find(close, found.end())
        if end < 0:
            open_ended.add(close)
            at = found.end()
            continue
        at = low.find(">", end) + 1 or len(text)
        yield found.start(), at


def _meant(kind: str, shown: str) -> str:
    if kind == "tag":
        return "" if _INLINE.match(shown) else "\n"
    if kind == "entity":
        plain = html.unescape(shown)
        return " " if plain.isspace() else plain
    if kind == "composed":
        whole = unicodedata.normalize("NFC", shown)
        return whole if len(whole) <= _MARKS else shown[0]
    if kind == "form":
        return unicodedata.normalize("NFKC", shown)
    if kind == "garbled":
        return _decoded(shown)
    return " " if kind in ("space", "wide") else ""


def _decoded(shown: str) -> str:
    """UTF-8 that was read as an older encoding, read again; as it is when it was no UTF-8."""
    try:
        return b"".join(c.encode("latin-1" if c <= "\xff" else "cp1252") for c in shown).decode()
    except UnicodeDecodeError:
        return shown


def _is_damage(kind: str, shown: str) -> bool:
    return kind not in _HARMLESS or (kind == "composed" and len(shown) > 1 + _MARKS)
