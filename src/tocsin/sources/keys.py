"""The keys of a source: read only when it runs, and a missing one stops it with what to set."""

from __future__ import annotations

from tocsin.settings import SECRETS, Secret, secret
from tocsin.sources.contract import Tally


def key(name: str, tally: Tally) -> Secret:
    """The secret of that name.

    Raises SourceStopped with the variable to set, UserError for one that is set wrongly.
    """
    found = secret(name)
    if found is None:
        place = f"set TOCSIN_{name}, or write a line {name}=... into the file that TOCSIN_SECRETS_FILE names"
        raise tally.stop(f"needs the {SECRETS[name]}: {place}")
    return found
