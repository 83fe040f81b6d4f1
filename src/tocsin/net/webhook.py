"""Signed webhooks as in Standard Webhooks 1.0 (standardwebhooks.com): id, time and body under one key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from tocsin.errors import UserError
from tocsin.settings import Secret, secret

PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Bytes that a signing key may have."""


def signing_key(name: str) -> bytes:
    """The key of the secret of that name: `whsec_` and base64 of 24 to 64 bytes.

    Raises UserError when it is not set or is no such key; the value is not shown.
    """
    found = secret(name)
    if found is None:
        raise UserError(
            f"the signing secret {name} is not set (TOCSIN_{name}, or a line of the secrets file)"
        )
    return key_of(found, name)


def key_of(found: Secret, name: str) -> bytes:
    """The bytes of a signing secret. Raises UserError that does not show it."""
    try:
        key = base64.b64decode(found.value.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not LEAST <= len(key) <= MOST:
        raise UserError(
            f"{name} is no signing key: it must be {PREFIX} and base64 of {LEAST} to {MOST} bytes"
        )
    return key


def signed(key: bytes, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a delivery. `id` stays the same when it is sent again: by it a receiver drops copies."""
    seconds = str(int(at.timestamp()))
    mac = hmac.new(key, b".".join((id.encode(), seconds.encode(), body)), hashlib.sha256)
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode(),
    }
