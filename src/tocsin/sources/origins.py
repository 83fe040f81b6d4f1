"""Who first said it, told so that one voice is never counted as two.

A host stands for its registrable domain, and the domain of a listed feed for that feed's independence group.
A platform where strangers publish under sub-domains counts once: too few origins only delay, too many alarm.
"""

from __future__ import annotations

import ipaddress
from functools import cache
from urllib.parse import urlsplit

from tocsin.sources.factsheet import feed_list

SECOND_LEVELS = frozenset(
    ("ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "int", "mil", "ne", "net", "nom", "or")
) | {"org"}
"""Labels under which a country's registry sells names of three labels (`co.uk`, `org.br`)."""


def is_web(url: str) -> bool:
    """Whether `url` states a web address, well-formed or not."""
    return url.lower().startswith(("http://", "https://"))


def host_of(url: str) -> str:
    """The host of a web address in lower case; empty when it has none or is no address."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").casefold() if is_web(url) else ""
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """The origin that a web address states; empty when it is none."""
    domain = registrable(host_of(url))
    return _groups().get(domain, domain)


def unstated(source: str) -> str:
    """The one origin that everything of a source shares which does not say where it comes from."""
    return f"{source}:unstated"


def registrable(host: str) -> str:
    """The part of a host that somebody registered: two labels, three under a country's second level."""
    labels = host.split(".")
    if _is_number(host):
        return host
    country = len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in SECOND_LEVELS
    return ".".join(labels[-3 if country else -2 :])


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _groups() -> dict[str, str]:
    """Independence group by domain of the reviewed feeds."""
    return {
        registrable(host_of(url)): feed.independence_group
        for feed in feed_list()
        for url in (feed.homepage, feed.address)
        if feed.independence_group
    }
