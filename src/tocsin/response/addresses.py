"""Where a deployment reaches the roles: its own addresses.yml, read strictly, never shipped.

un-osapg:
  mail: [desk@example.org]
  language: fr
au:
  webhook: {url: "https://example.org/hook", secret: WEBHOOK_AU}
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tocsin.alarms.bulletin import LANGUAGES
from tocsin.errors import AddressRefused, InputError, UnknownId, UserError
from tocsin.geography import countries
from tocsin.net.guard import public, target
from tocsin.recipients import keys, known_key
from tocsin.response.dispatch import Channel
from tocsin.settings import ADDRESS, private_text

FILE = "addresses.yml"
_LONGEST, _LONGEST_ADDRESS, _MOST_MAIL = 1_000_000, 254, 20
_SECRET = re.compile(r"WEBHOOK_[A-Z0-9_]{1,60}(?<!_FILE)")


@dataclass(frozen=True, slots=True)
class Reached:
    """One way to reach a role. `secret` names what signs a webhook, "" for mail."""

    channel: Channel
    address: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Addressed:
    """The ways to reach a role, and the language it asked for, "" for the first of the role's own."""

    ways: tuple[Reached, ...]
    language: str = ""


def read(home: Path, allow: frozenset[str] = frozenset()) -> dict[str, Addressed]:
    """The addresses of a home by the key of the role; empty when there is no file.

    `allow` names hosts that webhooks may have inside and unencrypted. Raises UserError for a file that others
    can read, InputError with its line for what it may not hold, UnknownId for a role of no key.
    """
    path = home / FILE
    if not path.exists():
        return {}
    return parsed(private_text(str(path), path, _LONGEST), allow)


def parsed(text: str, allow: frozenset[str] = frozenset()) -> dict[str, Addressed]:
    """The same from a text. No address is shown in an error."""
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken | yaml.TagToken):
                raise _wrong(token.start_mark.line, "an alias or a tag; write it out")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _wrong(getattr(error.problem_mark, "line", 0), "no YAML that can be read") from None
    except (yaml.YAMLError, RecursionError):
        raise InputError("is no YAML that can be read", FILE) from None
    if root is None:
        return {}
    states = {c.iso3 for c in countries()}
    found: dict[str, Addressed] = {}
    for key, node, line in _pairs(root):
        if not known_key(key, states):
            raise UnknownId(f"role in {FILE}, line {line + 1}", key, keys())
        found[key] = _addressed(node, frozenset(allow))
    return found


def _addressed(node: yaml.Node, allow: frozenset[str]) -> Addressed:
    ways: list[Reached] = []
    language = ""
    for name, value, line in _pairs(node):
        if name == "mail":
            ways += [Reached(Channel.MAIL, _mail(one)) for one in _listed(value)]
        elif name == "webhook":
            ways.append(_webhook(value, allow))
        elif name == "language":
            language = _text(value)
            if language not in LANGUAGES:
                raise _wrong(line, f"a language that is not one of {', '.join(LANGUAGES)}")
        else:
            raise _wrong(line, f"{name!r}; a role has mail, webhook and language")
    if not ways:
        raise _wrong(node.start_mark.line, "a role without mail and webhook; delete it")
    if len({(w.channel, w.address.casefold()) for w in ways}) < len(ways):
        raise _wrong(node.start_mark.line, "one address twice")
    return Addressed(tuple(ways), language)


def _mail(node: yaml.Node) -> str:
    given = _text(node)
    if not ADDRESS.fullmatch(given) or len(given) > _LONGEST_ADDRESS:
        raise _wrong(node.start_mark.line, "what is no mail address (one, bare and in ASCII)")
    return given


def _webhook(node: yaml.Node, allow: frozenset[str]) -> Reached:
    given = {name: (_text(value), line) for name, value, line in _pairs(node)}
    line = node.start_mark.line
    if set(given) != {"url", "secret"}:
        raise _wrong(line, "a webhook without url and secret, or with more")
    (url, at), (name, named) = given["url"], given["secret"]
    if not _SECRET.fullmatch(name):
        raise _wrong(named, "a secret that is no name such as WEBHOOK_DESK; the value itself stays out")
    _outside(url, at, allow)
    return Reached(Channel.WEBHOOK, url, name)


def _outside(url: str, line: int, allow: frozenset[str]) -> None:
    """Refuses at once what the guard would refuse later, as far as the text tells."""
    try:
        to = target(url)
    except AddressRefused:
        raise _wrong(line, "what is no http or https address of a host") from None
    if to.named(allow):
        return
    if to.scheme != "https":
        raise _wrong(line, "a webhook that is not https")
    try:
        inside = not public(str(ipaddress.ip_address(to.host)))
    except ValueError:
        inside = "." not in to.host or to.host.endswith((".local", ".internal", ".localhost"))
    if inside:
        raise _wrong(line, "an internal address, which is not opened")


def _pairs(node: yaml.Node) -> Iterator[tuple[str, yaml.Node, int]]:
    """Keys, values and lines of a mapping. Raises InputError for anything else and for a key given twice."""
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(node.start_mark.line, "no mapping where names and values are due")
    seen: set[str] = set()
    for key, value in node.value:
        name, line = _text(key), key.start_mark.line
        if name in seen:
            raise _wrong(line, f"{name!r} a second time")
        seen.add(name)
        yield name, value, line


def _listed(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        if not 0 < len(node.value) <= _MOST_MAIL:
            raise _wrong(node.start_mark.line, f"none or more than {_MOST_MAIL} mail addresses")
        return list(node.value)
    return [node]


def _text(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.isprintable() or not node.value:
        raise _wrong(node.start_mark.line, "no plain text on one line where it is due")
    return str(node.value)


def _wrong(line: int, what: str) -> UserError:
    return InputError(f"holds {what}", f"{FILE}, line {line + 1}")
