"""The one guarded and polite client: the only room that opens an outgoing socket."""

from tocsin.net.client import GuardedFetcher
from tocsin.net.terms import Ask, Fetched, Fetcher, Limits, Poster, Validators

__all__ = ["Ask", "Fetched", "Fetcher", "GuardedFetcher", "Limits", "Poster", "Validators"]
