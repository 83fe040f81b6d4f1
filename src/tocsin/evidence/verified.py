"""What a verification of the log found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.evidence.custody import Head, Log, log_faults
from tocsin.evidence.timestamps import Stamped, stamps

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Verified:
    """A log with its heads, what its timestamps show, and every fault, a line each."""

    log: Log
    heads: Sequence[Head]
    stamped: Stamped
    faults: tuple[str, ...]


def verified(log: Log, heads: Sequence[Head], roots: Sequence[Certificate]) -> Verified:
    """Check the entries, the heads, and the timestamps against root certificates (as `stamps` does)."""
    found = stamps(heads, roots)
    return Verified(log, heads, found, (*log_faults(log, heads), *found.faults))
