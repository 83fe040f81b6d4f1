"""Ids made from content, so that the same thing gets the same id everywhere and ids are never reused."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def sha256(data: bytes) -> str:
    """SHA-256 of bytes as 64 lower-case hex digits (FIPS 180-4)."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: one text for one value, whatever the order it was built in."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def content_id(kind: str, *parts: Any) -> str:
    """`kind-` and 24 hex digits (96 bits) of the hash of the parts, in order."""
    return f"{kind}-{sha256(canonical(parts).encode('utf-8', 'surrogatepass'))[:24]}"
