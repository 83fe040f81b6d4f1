"""Who first said it, told so that one voice is never counted as two.

A host stands for its registrable domain, and a domain of a listed feed, agency or owner for that body's
independence group. A platform where strangers publish under sub-domains counts once: too few origins only
delay, too many alarm. Of the copies of a wire story see `tocsin.sources.wires`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tocsin.sources.factsheet import feed_list, unchecked_feeds

DATA = Path(__file__).parent / "data"
SECOND_LEVELS = frozenset(
    ("ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "int", "mil", "ne", "net", "nom", "or")
) | {"org"}
"""Labels under which a country's registry sells names of three labels (`co.uk`, `org.br`)."""

DELIVERY = frozenset(("feedburner.com", "feedx.top", "rss.app"))
"""Domains that deliver the feeds of others: whoever is read there, they are not the one who speaks."""


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
    host, groups = host_of(url), _groups()
    return next((groups[name] for name in _names(host) if name in groups), registrable(host))


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


def _names(host: str) -> Iterator[str]:
    """The host and what remains of it label by label, down to the domain that somebody registered."""
    labels = host.split(".")
    for first in range(len(labels) - registrable(host).count(".")):
        yield ".".join(labels[first:])


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _groups() -> dict[str, str]:
    """Independence group by host or domain.

    A domain under which two listed bodies publish stands for neither; their hosts do.
    """
    hosts: dict[str, str] = {}
    claims: dict[str, set[str]] = {}
    for feed in (*feed_list(), *unchecked_feeds()):
        for host in map(host_of, (feed.homepage, feed.address)):
            if registrable(host) not in DELIVERY:
                hosts[host.removeprefix("www.")] = feed.independence_group
                claims.setdefault(registrable(host), set()).add(feed.independence_group)
    domains = {domain: min(groups) for domain, groups in claims.items() if len(groups) == 1}
    owners = yaml.load((DATA / "owners.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    owned = {domain: group for group, names in owners.items() for domain in names}
    return domains | hosts | agency_domains() | owned


@cache
def agency_domains() -> dict[str, str]:
    """Origin of the news agencies by domain (data/agencies.yml)."""
    given = yaml.load((DATA / "agencies.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {domain: agency["origin"] for agency in given["agencies"] for domain in agency["domains"]}
