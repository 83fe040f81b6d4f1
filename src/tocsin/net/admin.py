"""Notices to the channels of administrators, by apprise: counts and ids, never the text of an alarm."""

from __future__ import annotations

from tocsin.errors import AddressRefused, FetchFailed, UserError
from tocsin.settings import secret, settings


def channels_set() -> bool:
    """Whether administrators have a channel."""
    return secret("ADMIN_URLS") is not None


def notify(title: str, text: str) -> int:
    """Send one notice to every channel; gives how many there are.

    The channels are the administrators' own and may be internal: the guard against internal addresses does
    not hold for them. Raises UserError when none is set or readable and when apprise is not installed,
    AddressRefused when offline, FetchFailed when a channel did not take it.
    """
    urls = secret("ADMIN_URLS")
    if urls is None:
        raise UserError("administrators have no channel; set TOCSIN_ADMIN_URLS")
    if settings().offline:
        raise AddressRefused("offline: no administrator is told (unset TOCSIN_OFFLINE)")
    try:
        import apprise
    except ImportError:
        raise UserError(
            "telling administrators needs an extra; install it with: pip install 'tocsin[admin]'"
        ) from None
    channels = apprise.Apprise()
    given = [part for part in urls.value.split(",") if part]
    for number, url in enumerate(given, 1):
        if not channels.add(url):
            raise UserError(f"TOCSIN_ADMIN_URLS: the channel at place {number} is none that apprise knows")
    if not channels.notify(title=title, body=text):
        raise FetchFailed("a channel of the administrators did not take the notice")
    return len(given)
